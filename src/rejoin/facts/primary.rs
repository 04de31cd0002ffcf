//! The primary that a node is to follow, as it tells. Knows no source, and no consequence.

use std::collections::BTreeSet;

use super::Tablespace;
use crate::agent::ocf::node::Node;
use crate::base::units::Bytes;
use crate::health::Lsn;
use crate::postgres::control::HintBits;
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::{Geometry, History, Segment};

/// Why no primary was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoPrimary {
    /// It is not known which server to ask.
    NoAddress(String),
    /// None of the servers answers.
    NoAnswer(String),
    /// A server answers, and is a standby.
    InRecovery(String),
    /// This server does not let a standby in, for the reason that it gave.
    Refuses {
        /// Its address.
        server: String,
        /// The reason.
        cause: String,
    },
}

/// The primary, as it tells a standby.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrimaryFacts {
    /// Where it answers.
    pub server: String,
    /// The system identifier.
    pub system_identifier: u64,
    /// The major version.
    pub major: u32,
    /// The size of its WAL segments in bytes.
    pub segment: u32,
    /// The end of its WAL.
    pub end: Position,
    /// The history of its timeline.
    pub history: History,
    /// Whether its WAL has every change of a page.
    pub hint_bits: HintBits,
    /// Whether whole pages are written to its WAL.
    pub full_page_writes: FullPageWrites,
    /// What it tells an ordinary client with the same role, or why that client is not let in.
    pub client: Result<ClientFacts, String>,
}

/// `full_page_writes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FullPageWrites {
    /// On.
    On,
    /// Off.
    Off,
}

/// What only SQL tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientFacts {
    /// The role that asks.
    pub role: String,
    /// The timeline in its control file, which a promotion changes only at the next checkpoint.
    pub checkpoint_timeline: Timeline,
    /// The functions that the role may not call and `pg_rewind` does.
    pub missing_grants: Vec<String>,
    /// The segments in its `pg_wal`; `None` if the role may not see them.
    pub wal: Option<BTreeSet<String>>,
    /// The size of its databases.
    pub size: Bytes,
    /// Its tablespaces.
    pub tablespaces: BTreeSet<Tablespace>,
    /// The servers that have what this primary began with: itself, if it tells its name, and the standbys that stream
    /// from it.
    pub followers: BTreeSet<Node>,
}

impl PrimaryFacts {
    /// Returns whether the primary still has all WAL from a position on; `None` if that cannot be seen. It removes the
    /// oldest first, so what follows is there too.
    #[must_use]
    pub fn has_wal_from(&self, from: Lsn, geometry: Geometry) -> Option<bool> {
        if from >= self.end.lsn {
            return Some(true);
        }
        let kept = self.client.as_ref().ok()?.wal.as_ref()?;
        let end = geometry.next_segment(Lsn(from.0.saturating_add(1)))?;
        // The file of a newer timeline begins as a copy of the older one's.
        let mut timelines = self.history.between(from, end);
        Some(
            timelines.any(|timeline| {
                kept.contains(&Segment::holding(from, timeline, geometry).to_string())
            }),
        )
    }
}
