//! From a position at which a record is known to end to the record before it, so that the next one is known by what
//! it follows: a record of old WAL that lies there by chance has a checksum that is right, and follows another.
//! Knows no file.

use thiserror::Error;

use super::record::Record;
use super::source::Segments;
use super::stop::Stop;
use super::walk::Walk;
use crate::health::Lsn;

/// Why WAL does not confirm that a record ends or begins at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Astray {
    /// What lies before it cannot be read.
    #[error("there is no WAL up to {at}: {stop}")]
    Stopped {
        /// The position.
        at: Lsn,
        /// What is there instead.
        #[source]
        stop: Stop,
    },
    /// One begins before it and ends after it.
    #[error("no record ends at {at}, but one at {end}")]
    Passed {
        /// The position.
        at: Lsn,
        /// Where the one ends.
        end: Lsn,
    },
    /// There is another record than the one that should be.
    #[error("the record at {at} is no checkpoint of this server's timeline")]
    NoCheckpoint {
        /// Where it begins.
        at: Lsn,
    },
}

impl<S: Segments> Walk<'_, S> {
    /// Goes from the next record, which is known to be one, to a position at which another ends or begins, and
    /// returns that one, if it is not the next. Of what lies between, no more is read than from the last page on
    /// which a record begins before the position.
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
                // The record before the position began on an earlier page.
                Ok(_) => None,
                Err(stop) => Some(Astray::Stopped { at, stop }),
            };
            if let Some(astray) = astray {
                let why = *why.get_or_insert(astray);
                // A segment that was left has no records at its end, and after version 12 no right pages.
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
                // One that is the first on its page begins after the header, at which the one before it ends.
                Ok(record) if record.end == at || record.at == at => Ok(record),
                Ok(record) if record.end < at => continue,
                Ok(Record { end, .. }) => Err(Astray::Passed { at, end }),
                Err(stop) => Err(Astray::Stopped { at, stop }),
            });
        }
    }

    /// Goes on to the first record that begins on the page of a position or after it, whichever that follows.
    pub fn enter(&mut self, at: Lsn) -> Result<Result<(), Stop>, S::Error> {
        let geometry = self.geometry();
        let mut page = geometry.page_of(at);
        loop {
            match self.first_record_on(page)? {
                Ok(Some(first)) => {
                    self.begin_anew(first);
                    return Ok(Ok(()));
                }
                // Always further on, so this ends where the files do.
                Ok(None) => page = Lsn(page.0.saturating_add(u64::from(geometry.page()))),
                Err(stop) => return Ok(Err(stop)),
            }
        }
    }
}
