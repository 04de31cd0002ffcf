//! The ports of all services on a host; knows no protocol.

use thiserror::Error;

/// The ports of all services on a host; no two are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports(Numbers);

/// The ports of all services on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The daemon's state port.
    pub state: u16,
    /// The daemon's HTTP port.
    pub http: u16,
    /// The daemon's port for agent-checks.
    pub agent: u16,
    /// `PostgreSQL`'s port.
    pub postgres: u16,
    /// `HAProxy`'s port for clients of the primary.
    pub read_write: u16,
    /// `HAProxy`'s port for clients of the standbys.
    pub read_only: u16,
    /// `HAProxy`'s port for standbys that replicate from the primary.
    pub replication: u16,
    /// `HAProxy`'s port for the statistics page.
    pub stats: u16,
}

/// Two services of one host have the same port.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{one} and {other} are both {port}, but both are used on each host")]
pub struct PortsError {
    one: &'static str,
    other: &'static str,
    port: u16,
}

impl Ports {
    /// Accepts ports that differ.
    pub fn new(numbers: Numbers) -> Result<Self, PortsError> {
        let all = numbers.named();
        for (index, (other, port)) in all.into_iter().enumerate() {
            let twin = all.iter().take(index).find(|(_, earlier)| *earlier == port);
            if let Some((one, _)) = twin {
                return Err(PortsError { one, other, port });
            }
        }
        Ok(Self(numbers))
    }

    pub(super) fn numbers(&self) -> &Numbers {
        &self.0
    }
}

impl Numbers {
    /// The ports of the three-node example, and the daemon's own.
    pub const DEFAULT: Self = Self {
        state: 5431,
        http: 8008,
        agent: 5430,
        postgres: 5434,
        read_write: 5432,
        read_only: 5433,
        replication: 5435,
        stats: 7000,
    };

    /// The ports, each with the option that sets it.
    fn named(&self) -> [(&'static str, u16); 8] {
        [
            ("--state-port", self.state),
            ("--http-port", self.http),
            ("--agent-port", self.agent),
            ("--postgres-port", self.postgres),
            ("--read-write-port", self.read_write),
            ("--read-only-port", self.read_only),
            ("--replication-port", self.replication),
            ("--stats-port", self.stats),
        ]
    }
}
