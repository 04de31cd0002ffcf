//! The last whole record, and so how far a server's WAL reaches. Opens no file.

use super::record::{Record, RecordKind};
use crate::postgres::position::Position;

/// The end of WAL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// The position at which the next record would be written.
    pub position: Position,
    /// The last record.
    pub last: Record,
}

impl End {
    /// Returns where the last record begins and on which timeline, if it is the checkpoint of a primary's clean
    /// shutdown: a standby that has this record too, and nothing after it, has all of that primary's WAL.
    #[must_use]
    pub fn shutdown_checkpoint(&self) -> Option<Position> {
        match self.last.kind {
            RecordKind::ShutdownCheckpoint(mark) => Some(Position {
                timeline: mark.timeline,
                lsn: self.last.at,
            }),
            RecordKind::OnlineCheckpoint(_)
            | RecordKind::EndOfRecovery(_, _)
            | RecordKind::SegmentSwitch
            | RecordKind::Other => None,
        }
    }
}
