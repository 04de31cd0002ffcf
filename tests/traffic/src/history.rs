//! What clients of registers and sets asked and were told, and whether it can be: an acknowledged write is never
//! missing from a later read on the primary, and no read goes back on one connection.
//!
//! A register is a key whose one client writes ever higher values; a set gets ever higher members from each client. So
//! a write that is delayed for long can take nothing back, and what a later read has to show is a lower bound.
//!
//! - [`line`](mod@line): a line of a client's file. [`read`]: from files to a history.
//! - [`mod@check`]: what in a history must not be; pure. [`violation`]: that, in words.
//! - [`primaries`]: who was seen to be the primary and when, and the times without; pure.
//! - [`client`]: the clients; [`log`]: the file in which one notes what it asks.

mod check;
pub(crate) mod client;
mod line;
mod log;
mod primaries;
mod read;
mod violation;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

pub use check::check;
pub use primaries::{Silence, longest_silence, two_at_once};
pub use violation::Violation;

/// Everything that clients asked, each client's operations in their order. Times are those of the machine's monotonic
/// clock, which all processes share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The operations.
    pub operations: Vec<Operation>,
    /// How far the time of day is ahead of the monotonic clock.
    pub wall: Duration,
}

/// One statement of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The client, by its host.
    pub client: String,
    /// Which of the client's connections carried it: no two have the same number.
    pub connection: u64,
    /// What was asked.
    pub asked: Asked,
    /// When, before the first byte was sent.
    pub sent: Duration,
    /// What came of it and when that was known; nothing for a client that died meanwhile.
    pub told: Option<(Duration, Told)>,
}

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// To write a register.
    Set {
        /// Its name.
        key: String,
        /// Higher than any before.
        value: i64,
    },
    /// To add a member to the client's set.
    Add {
        /// Higher than any before.
        member: i64,
    },
    /// To read a register.
    Get {
        /// Its name.
        key: String,
    },
    /// To read the members of a client's set that are higher than this one.
    Members {
        /// Whose set.
        of: String,
        /// All above it.
        above: i64,
    },
    /// What the server is, past HAProxy.
    Role {
        /// Where it was asked.
        at: String,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// The write is done.
    Acknowledged(Server),
    /// The register's value.
    Value(Server, Option<i64>),
    /// The set's members.
    Members(Server, Vec<i64>),
    /// Only what the server is.
    Role(Server),
    /// A write had no effect, and never will.
    Failed(Failure),
    /// Nobody knows whether a write has had an effect, or will have.
    Unknown(Failure),
}

/// The server that answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Server {
    /// As it names itself.
    pub host: String,
    /// The timeline that it writes; none of a server in recovery.
    pub writes: Option<i64>,
}

/// What the primary has when all clients have ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Final {
    /// Values by key.
    pub registers: BTreeMap<String, i64>,
    /// Members by client.
    pub members: BTreeMap<String, BTreeSet<i64>>,
}

impl Told {
    /// Who answered.
    pub fn server(&self) -> Option<&Server> {
        match self {
            Self::Acknowledged(server)
            | Self::Value(server, _)
            | Self::Members(server, _)
            | Self::Role(server) => Some(server),
            Self::Failed(_) | Self::Unknown(_) => None,
        }
    }

    /// What a failure of a write tells of it. PostgreSQL reports these before it writes anything of the commit; after
    /// any other, and after every end of a connection, the commit may be there.
    pub(crate) const fn of_failed_write(failure: Failure) -> Self {
        match failure {
            Failure::ReadOnly
            | Failure::Full
            | Failure::CannotConnectNow
            | Failure::Auth
            | Failure::Unfit
            | Failure::Refused
            | Failure::NoName => Self::Failed(failure),
            Failure::Reset
            | Failure::Closed
            | Failure::Unreachable
            | Failure::ConnectTimeout
            | Failure::StatementTimeout
            | Failure::TcpTimeout
            | Failure::OtherIo
            | Failure::ShuttingDown
            | Failure::Resources
            | Failure::Rollback
            | Failure::Canceled
            | Failure::System
            | Failure::OtherSql
            | Failure::Warned
            | Failure::Protocol => Self::Unknown(failure),
        }
    }
}

impl Operation {
    /// When a write was acknowledged.
    fn acknowledged(&self) -> Option<Duration> {
        match &self.told {
            Some((at, Told::Acknowledged(_))) => Some(*at),
            Some((
                _,
                Told::Value(..)
                | Told::Members(..)
                | Told::Role(_)
                | Told::Failed(_)
                | Told::Unknown(_),
            ))
            | None => None,
        }
    }

    /// Whether a write is known to have had no effect.
    fn has_failed(&self) -> bool {
        matches!(self.told, Some((_, Told::Failed(_))))
    }
}
