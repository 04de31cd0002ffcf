//! The ports of everything on a host; knows not what is said there.

use thiserror::Error;

/// The ports of everything on a host; no two are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports(Numbers);

/// The ports of everything on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The daemon's, for a line.
    pub state: u16,
    /// The daemon's, for HTTP.
    pub http: u16,
    /// The daemon's, for agent-checks.
    pub agent: u16,
    /// `PostgreSQL`'s.
    pub postgres: u16,
    /// Clients', to the primary.
    pub read_write: u16,
    /// Clients', to the standbys.
    pub read_only: u16,
    /// Standbys', to the primary.
    pub replication: u16,
    /// The page of statistics.
    pub stats: u16,
}

/// Two services of one host cannot have one port.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{one} and {other} are both {port}, and both are on each host")]
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
    /// Those that users know, and the daemon's own.
    pub const USUAL: Self = Self {
        state: 5431,
        http: 8008,
        agent: 5430,
        postgres: 5434,
        read_write: 5432,
        read_only: 5433,
        replication: 5435,
        stats: 7000,
    };

    /// Each with the option that sets it.
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
