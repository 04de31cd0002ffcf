//! The ways to come back, what is asked for, and what each would take. Decides nothing.

use super::loss::Loss;
use super::obstacle::Obstacle;
use crate::base::units::Bytes;

/// A way to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The server starts as a standby with the data that it has.
    AsIs,
    /// `pg_rewind` replaces what differs.
    Rewind,
    /// A new base backup replaces everything.
    Copy,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RejoinRequest {
    /// The way; `None` for the cheapest that is possible.
    pub method: Option<Method>,
    /// Whether what was acknowledged may be thrown away.
    pub discard: Discard,
}

/// Whether WAL may be thrown away that synchronous replication may have acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discard {
    /// It may not.
    Refused,
    /// An administrator has said that it may.
    Allowed,
}

/// What a method would take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The method.
    pub method: Method,
    /// What is in its way.
    pub obstacles: Vec<Obstacle>,
    /// The WAL that it would throw away.
    pub loss: Option<Loss>,
    /// The bytes that it would fetch from the primary at most, as far as that is known.
    pub fetched: Option<Bytes>,
}

impl Method {
    /// Every method, the cheapest first.
    pub const ALL: [Self; 3] = [Self::AsIs, Self::Rewind, Self::Copy];

    /// Returns its option, without dashes.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::AsIs => "as-is",
            Self::Rewind => "rewind",
            Self::Copy => "copy",
        }
    }
}
