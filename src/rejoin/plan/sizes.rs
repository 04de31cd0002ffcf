//! The WAL of the primary that a rewound server needs, and how much it has. Knows no method.

use crate::base::units::Bytes;
use crate::postgres::position::Position;
use crate::rejoin::facts::{CommonCheckpoint, RejoinFacts};

/// Returns the size of the primary's `pg_wal`, all of which is copied.
pub(super) fn wal_size(facts: &RejoinFacts) -> Option<Bytes> {
    let primary = facts.primary.as_ref().ok()?;
    let count = primary.client.as_ref().ok()?.wal.as_ref()?.len();
    let count = u64::try_from(count).ok()?;
    Some(Bytes(u64::from(primary.segment).saturating_mul(count)))
}

/// Returns the position whose WAL the primary must still have, so that a server that was rewound can be started.
pub(super) fn needed_from(facts: &RejoinFacts) -> Option<Position> {
    match facts.common_checkpoint {
        CommonCheckpoint::Found { redo } => Some(redo),
        CommonCheckpoint::NotNeeded | CommonCheckpoint::Missing(_) => None,
    }
}
