//! Walks over WAL that is written here, with every version's magic number, and with pages of 1 kB so that all kinds of
//! records cross them. WAL of servers is walked in `tests/wal.rs`, for the versions that are installed.
//!
//! - [`writer`]: writes the WAL.
//! - [`records`]: every record is found.
//! - [`timelines`]: the same part of WAL in files of several timelines.
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
    /// The end; `None` if there is no whole record at the start.
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
