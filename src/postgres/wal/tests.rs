//! The walk over WAL that is written here, of every version's mark, with pages of 1 kB so that everything
//! crosses them. What servers write is walked in `tests/wal.rs`, for the versions that are installed.
//!
//! - [`writer`]: writes it.
//! - [`records`]: every record of it is found.
//! - [`timelines`]: where several timelines' files hold the same stretch.
//! - [`damage`]: nothing else is taken for a record.

mod damage;
mod records;
mod timelines;
pub(crate) mod writer;

use super::{End, Format, History, Segments, Stop, Walk};
use crate::health::Lsn;
use crate::postgres::position::Position;

/// What a walk to the end has found.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    /// The end; none if there is no whole record at the start.
    end: Option<End>,
    /// What there is instead of the next record.
    stopped: Stop,
}

/// Walks from the record at `start` along a history to its end.
fn find_end<S: Segments>(
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
                let position = Position {
                    timeline: last.timeline,
                    lsn: last.end,
                };
                end = Some(End { position, last });
            }
            Err(stopped) => return Ok(Found { end, stopped }),
        }
    }
}
