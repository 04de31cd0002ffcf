//! Where to ask, what to send and what the right answer begins with; one blocking check for waiting
//! until a server is there.

use std::io::{self, Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::time::Duration;

/// A check counts as lost when its answer takes longer than this: HAProxy's `inter 2s`.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// One contender as its clients see it.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    /// Where it listens.
    pub(crate) address: SocketAddrV4,
    /// What a client says first; empty where the server speaks first.
    pub(crate) request: &'static [u8],
    /// What the only right answer begins with.
    pub(crate) expected: &'static [u8],
    /// When an answer is whole.
    pub(crate) end: End,
}

/// What ends an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The server closes.
    Close,
    /// An empty line, as of HTTP to whom asks for the status alone; the client goes on asking on the
    /// same connection.
    EmptyLine,
}

/// Whether the server may say more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    /// It may.
    Open,
    /// It has closed.
    Closed,
}

/// An empty line behind another.
const EMPTY_LINE: &[u8] = b"\r\n\r\n";

impl End {
    /// Whether so much of an answer is all of it, without or with the server's close.
    pub(super) fn is_reached(self, answer: &[u8], stream: Stream) -> bool {
        match self {
            Self::Close => stream == Stream::Closed,
            Self::EmptyLine => answer.ends_with(EMPTY_LINE),
        }
    }
}

impl Endpoint {
    /// A server that speaks first and says `expected`.
    pub(crate) const fn speaks_first(address: SocketAddrV4, expected: &'static [u8]) -> Self {
        Self {
            address,
            request: b"",
            expected,
            end: End::Close,
        }
    }

    /// A server that is asked over HTTP whether its PostgreSQL is the primary, as load balancers do
    /// it: for the status alone.
    pub(crate) const fn http(address: SocketAddrV4, end: End) -> Self {
        let (request, expected): (&[u8], &[u8]) = match end {
            End::Close => (b"HEAD /primary HTTP/1.0\r\n\r\n", b"HTTP/1.0 200 "),
            End::EmptyLine => (
                b"HEAD /primary HTTP/1.1\r\nHost: srv1\r\n\r\n",
                b"HTTP/1.1 200 ",
            ),
        };
        Self {
            address,
            request,
            expected,
            end,
        }
    }

    /// A server that is asked as HAProxy's agent whether its PostgreSQL takes writers.
    pub(crate) const fn agent(address: SocketAddrV4) -> Self {
        Self {
            address,
            request: b"rw\n",
            expected: b"up ready 100%\n",
            end: End::Close,
        }
    }

    /// Asks once and tells whether the answer was the right one.
    pub(crate) fn ask(&self) -> io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&self.address.into(), PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(self.request)?;
        let mut answer = Vec::new();
        let mut room = [0; 512];
        while !self.end.is_reached(&answer, Stream::Open) {
            match stream.read(&mut room)? {
                0 => break,
                read => answer.extend(room.iter().take(read)),
            }
        }
        Ok(answer.starts_with(self.expected))
    }
}
