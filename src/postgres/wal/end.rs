//! The last whole record, and with it how far a server's WAL goes. Knows no file.

use super::record::{Record, RecordKind};
use crate::postgres::position::Position;

/// How far WAL goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Where the next record would be written.
    pub position: Position,
    /// The last one.
    pub last: Record,
}

impl End {
    /// Where the last record begins and on which timeline, if a primary stopped cleanly with it: a standby
    /// that has it, too, and nothing after it, has everything of that primary's.
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
