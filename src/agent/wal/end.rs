//! The last whole record, and with it how far a server's WAL goes. Knows no file.

use super::format::Format;
use super::history::History;
use super::record::{Kind, Record};
use super::source::Segments;
use super::stop::Stop;
use super::walk::Walk;
use crate::agent::position::Position;
use crate::role::Lsn;

/// How far WAL goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Where the next record would be written.
    pub position: Position,
    /// The last one.
    pub last: Record,
}

/// What a walk to the end has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The end; none if there is no whole record at the start.
    pub end: Option<End>,
    /// What there is instead of the next record.
    pub stopped: Stop,
}

impl End {
    /// Where the last record begins and on which timeline, if a primary stopped cleanly with it: a standby
    /// that has it, too, and nothing after it, has everything of that primary's.
    #[must_use]
    pub fn shutdown_checkpoint(&self) -> Option<Position> {
        match self.last.kind {
            Kind::ShutdownCheckpoint(mark) => Some(Position {
                timeline: mark.timeline,
                lsn: self.last.at,
            }),
            Kind::OnlineCheckpoint(_)
            | Kind::EndOfRecovery(_)
            | Kind::SegmentSwitch
            | Kind::Other => None,
        }
    }
}

/// Walks from the record at `start` along a history to its end.
pub fn find_end<S: Segments>(
    segments: &mut S,
    format: Format,
    history: &History,
    start: Lsn,
) -> Result<Found, S::Error> {
    let mut walk = Walk::new(segments, format, history, start);
    let mut end = None;
    loop {
        match walk.step()? {
            Ok(last) => {
                end = Some(End {
                    position: Position {
                        timeline: last.timeline,
                        lsn: last.end,
                    },
                    last,
                });
            }
            Err(stopped) => return Ok(Found { end, stopped }),
        }
    }
}
