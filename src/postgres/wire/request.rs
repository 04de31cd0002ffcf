//! Makes requests as bytes, mostly of the extended query protocol with values in binary; knows nothing of their
//! meaning.

use std::io;

use bytes::{BufMut, BytesMut};
use postgres_protocol::IsNull;
use postgres_protocol::message::frontend;

use super::error::WireError;

/// The format code of binary values, for every column (manual, "Formats and Format Codes").
const BINARY: i16 = 1;

/// Most bytes of an answer of one row, more than any expected one.
const ONE_ROW: usize = 64 << 10;

/// Messages whose answer ends with exactly one `ReadyForQuery`.
#[derive(Clone, Debug)]
pub struct Request {
    messages: BytesMut,
    /// Most bytes of its answer.
    most: usize,
}

impl Request {
    /// Makes a request of a command of the replication protocol, which allows only the simple query protocol, with
    /// values as text (`forbidden_in_wal_sender` in `src/backend/tcop/postgres.c`).
    pub fn command(text: &str) -> Result<Self, WireError> {
        let mut messages = BytesMut::new();
        frontend::query(text, &mut messages).map_err(WireError::Unencodable)?;
        Ok(Self::of(messages))
    }

    /// Makes a request that parses and executes a statement without parameters.
    pub fn statement(sql: &str) -> Result<Self, WireError> {
        let mut messages = BytesMut::new();
        parse("", sql, &mut messages)?;
        execute("", &mut messages)?;
        Ok(Self::ending(messages))
    }

    /// Makes a request that executes a statement, if there is one, and prepares others under their names.
    pub fn preparation(sql: Option<&str>, named: &[(&str, &str)]) -> Result<Self, WireError> {
        let mut messages = BytesMut::new();
        if let Some(sql) = sql {
            parse("", sql, &mut messages)?;
            execute("", &mut messages)?;
        }
        for (name, sql) in named {
            parse(name, sql, &mut messages)?;
        }
        Ok(Self::ending(messages))
    }

    /// Makes a request that executes the statement prepared under this name.
    pub fn prepared(name: &str) -> Result<Self, WireError> {
        let mut messages = BytesMut::new();
        execute(name, &mut messages)?;
        Ok(Self::ending(messages))
    }

    /// Makes a request that calls a function without arguments by its OID (manual, "Function Call"): for the
    /// question of every check this is half the work of an executed statement.
    pub fn function(oid: u32) -> Self {
        let mut message = BytesMut::new();
        message.put_u8(b'F');
        message.put_i32(14);
        message.put_u32(oid);
        let (no_formats, no_arguments) = (0, 0);
        message.put_i16(no_formats);
        message.put_i16(no_arguments);
        message.put_i16(BINARY);
        Self::of(message)
    }

    fn ending(mut messages: BytesMut) -> Self {
        frontend::sync(&mut messages);
        Self::of(messages)
    }

    fn of(messages: BytesMut) -> Self {
        Self {
            messages,
            most: ONE_ROW,
        }
    }

    /// Accepts this many bytes as the answer: for an answer of many rows.
    #[must_use]
    pub fn answered_within(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// Returns the bytes to send.
    pub fn bytes(&self) -> &[u8] {
        &self.messages
    }

    /// Returns the most bytes of the answer.
    pub fn most(&self) -> usize {
        self.most
    }
}

fn parse(name: &str, sql: &str, messages: &mut BytesMut) -> Result<(), WireError> {
    frontend::parse(name, sql, [], messages).map_err(WireError::Unencodable)
}

fn execute(name: &str, messages: &mut BytesMut) -> Result<(), WireError> {
    let no_value = |(): (), _: &mut BytesMut| Ok(IsNull::Yes);
    frontend::bind("", name, [], [(); 0], no_value, [BINARY], messages).map_err(|error| {
        WireError::Unencodable(match error {
            frontend::BindError::Serialization(error) => error,
            frontend::BindError::Conversion(error) => io::Error::other(error),
        })
    })?;
    frontend::execute("", 0, messages).map_err(WireError::Unencodable)
}
