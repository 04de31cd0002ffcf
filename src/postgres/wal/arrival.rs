//! Finds the record before a position at which a record is known to end, so that the next record can be checked by its
//! link to the one before: a record of old WAL that happens to lie there has a right checksum, but follows another
//! record. Opens no file.

use thiserror::Error;

use super::record::Record;
use super::source::Segments;
use super::stop::Stop;
use super::walk::Walk;
use crate::health::Lsn;

/// Why WAL does not confirm that a record ends or begins at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Astray {
    /// The WAL before the position cannot be read.
    #[error("the WAL does not reach {at}: {stop}")]
    Stopped {
        /// The position.
        at: Lsn,
        /// Why it cannot be read.
        #[source]
        stop: Stop,
    },
    /// A record begins before the position and ends after it.
    #[error("no record ends at {at}: the one that begins before it ends at {end}")]
    Passed {
        /// The position.
        at: Lsn,
        /// Where that record ends.
        end: Lsn,
    },
    /// The record at the position is not the expected checkpoint.
    #[error("the record at {at} is not a checkpoint of this server's timeline")]
    NoCheckpoint {
        /// The position.
        at: Lsn,
    },
}

impl<S: Segments> Walk<'_, S> {
    /// Goes from the next record, which is known to be valid, to a position at which a record ends or begins, and
    /// returns that record; `None` if the position is that of the next record. Reads only from the last page on which a
    /// record begins before the position.
    pub fn arrive(&mut self, at: Lsn) -> Result<Result<Option<Record>, Astray>, S::Error> {
        let floor = self.next();
        if floor == at {
            return Ok(Ok(None));
        }
        let geometry = self.geometry();
        let last = Lsn(at.0.saturating_sub(1));
        let mut page = geometry.page_of(last);
        let mut why = None;
        loop {
            let begin = if page > floor {
                self.first_record_on(page)?
            } else {
                Ok(Some(floor))
            };
            let astray = match begin {
                Ok(Some(begin)) if begin < at => {
                    self.begin_anew(begin);
                    match self.step_to(at)? {
                        Ok(record) => return Ok(Ok(Some(record))),
                        Err(astray) => Some(astray),
                    }
                }
                // The record before the position begins on an earlier page.
                Ok(_) => None,
                Err(stop) => Some(Astray::Stopped { at, stop }),
            };
            if let Some(astray) = astray {
                let why = *why.get_or_insert(astray);
                // A segment that was left by a switch has no records at its end, and after version 12 no valid pages.
                let was_left = geometry.offset(at) == 0 && page >= geometry.segment_of(last);
                if page <= floor || !was_left {
                    return Ok(Err(why));
                }
            }
            page = Lsn(page.0.saturating_sub(u64::from(geometry.page())));
        }
    }

    fn step_to(&mut self, at: Lsn) -> Result<Result<Record, Astray>, S::Error> {
        loop {
            return Ok(match self.step()? {
                // The first record on a page begins after the page's header; the record before it ends before the
                // header.
                Ok(record) if record.end == at || record.at == at => Ok(record),
                Ok(record) if record.end < at => continue,
                Ok(Record { end, .. }) => Err(Astray::Passed { at, end }),
                Err(stop) => Err(Astray::Stopped { at, stop }),
            });
        }
    }

    /// Goes to the first record that begins on the page of a position or after that page, without a check of its link.
    pub fn enter(&mut self, at: Lsn) -> Result<Result<(), Stop>, S::Error> {
        let geometry = self.geometry();
        let mut page = geometry.page_of(at);
        loop {
            match self.first_record_on(page)? {
                Ok(Some(first)) => {
                    self.begin_anew(first);
                    return Ok(Ok(()));
                }
                // Each page is further on, so this ends where the files end.
                Ok(None) => page = Lsn(page.0.saturating_add(u64::from(geometry.page()))),
                Err(stop) => return Ok(Err(stop)),
            }
        }
    }
}
