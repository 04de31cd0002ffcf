//! Reads the values of one row from the binary formats of their types.

use std::error::Error;

use bytes::Bytes;
use postgres_protocol::message::backend::DataRowBody;
use postgres_protocol::types;

use super::error::WireError;

/// A row as received: each value with its length before it, -1 for NULL (manual, "Message Formats",
/// `DataRow` and `FunctionCallResponse`).
pub struct Row(Bytes);

impl Row {
    pub(super) fn new(body: &DataRowBody) -> Self {
        Self(body.buffer_bytes().clone())
    }

    /// Makes a row of one column from the result of a function.
    pub(super) fn of_function(value: Bytes) -> Self {
        Self(value)
    }

    /// Reads a `bool`.
    pub fn bool(&self, column: usize) -> Result<Option<bool>, WireError> {
        self.read(column, types::bool_from_sql)
    }

    /// Reads an `int8`.
    pub fn int8(&self, column: usize) -> Result<Option<i64>, WireError> {
        self.read(column, types::int8_from_sql)
    }

    /// Reads a `pg_lsn`.
    pub fn lsn(&self, column: usize) -> Result<Option<u64>, WireError> {
        self.read(column, types::lsn_from_sql)
    }

    /// Reads a `text`.
    pub fn text(&self, column: usize) -> Result<Option<&str>, WireError> {
        self.read(column, types::text_from_sql)
    }

    /// Returns the value of a column that is never NULL.
    pub fn known<T>(value: Option<T>) -> Result<T, WireError> {
        value.ok_or_else(|| WireError::Protocol("a value is NULL that must not be".into()))
    }

    fn read<'a, T>(
        &'a self,
        column: usize,
        read: impl FnOnce(&'a [u8]) -> Result<T, Box<dyn Error + Sync + Send>>,
    ) -> Result<Option<T>, WireError> {
        let broken = |what: &str| WireError::Protocol(format!("column {column} of a row {what}"));
        let mut values = RowValues(&self.0);
        for _ in 0..column {
            values.next().ok_or_else(|| broken("is missing"))?;
        }
        match values.next().ok_or_else(|| broken("is missing"))? {
            Some(bytes) => match read(bytes) {
                Ok(value) => Ok(Some(value)),
                Err(error) => Err(broken(&error.to_string())),
            },
            None => Ok(None),
        }
    }
}

/// The values of a row in turn; a value that is cut off ends them.
struct RowValues<'a>(&'a [u8]);

impl<'a> Iterator for RowValues<'a> {
    type Item = Option<&'a [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        let (length, rest) = self.0.split_first_chunk()?;
        let (value, rest) = match usize::try_from(i32::from_be_bytes(*length)) {
            Ok(length) => {
                let (value, rest) = rest.split_at_checked(length)?;
                (Some(value), rest)
            }
            Err(_negative) => (None, rest),
        };
        self.0 = rest;
        Some(value)
    }
}
