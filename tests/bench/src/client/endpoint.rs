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
}

impl Endpoint {
    /// A server that speaks first and says `expected`.
    pub(crate) const fn speaks_first(address: SocketAddrV4, expected: &'static [u8]) -> Self {
        Self {
            address,
            request: b"",
            expected,
        }
    }

    /// Asks once and tells whether the answer was the right one.
    pub(crate) fn ask(&self) -> io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&self.address.into(), PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(self.request)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer.starts_with(self.expected))
    }
}
