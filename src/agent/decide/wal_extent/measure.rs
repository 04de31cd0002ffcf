//! How far a server's WAL reaches: as a standby reports it, as its disk shows it, and whether it ends with the shutdown
//! checkpoint of a primary. Knows neither how the server was asked nor what the result is used for.

use thiserror::Error;

use super::reach::{BUDGET, Known, Reach};
use crate::health::Lsn;
use crate::postgres::control::Control;
use crate::postgres::position::{Position, Traces};
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::{Astray, Directory, End, Format, History, Magic, Segment};

/// What a standby reports of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StandbyWord {
    /// How far its WAL receiver has received.
    pub received: Option<Lsn>,
    /// The timeline that the WAL receiver receives, if there is one.
    pub receiving: Option<Timeline>,
    /// How far it has replayed.
    pub replayed: Option<Lsn>,
}

/// How far a server's WAL reaches, and why its disk might hold more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured<E> {
    /// The positions that were determined.
    pub traces: Traces,
    /// Why its disk might hold more.
    pub doubt: Option<Doubt<E>>,
}

/// Why a disk does not show how far a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Doubt<E> {
    /// WAL could not be read.
    #[error("WAL was not read to its end: {0}")]
    Unread(E),
    /// The WAL on disk does not match what is known of the server.
    #[error("WAL on disk does not confirm how far the server is: {0}")]
    Unconfirmed(Astray),
    /// What is known of the server is part of no history on disk.
    #[error("no history on disk has both the last checkpoint and what was replayed")]
    NoHistory,
}

/// The WAL and histories on a server's disk.
#[derive(Debug)]
pub struct Extent<'a, D> {
    control: &'a Control,
    format: Format,
    directory: &'a mut D,
    /// Newest first.
    histories: Vec<History>,
    pub(super) budget: u64,
}

/// The end of WAL, if it was found, and why there might be more.
type FoundEnd<E> = (Option<End>, Option<Doubt<E>>);

impl<'a, D: Directory> Extent<'a, D> {
    /// Creates the extent of the server that has this control file and this directory.
    pub fn new(control: &'a Control, magic: Magic, directory: &'a mut D) -> Self {
        Self {
            control,
            format: control.wal_format(magic),
            histories: histories(control, directory.histories()),
            directory,
            budget: BUDGET,
        }
    }

    /// Measures a standby that reports how far it is.
    pub fn of_standby(mut self, word: StandbyWord) -> Measured<D::Error> {
        let set = |lsn: &Lsn| *lsn != Lsn(0);
        let replayed = word.replayed.filter(set).map(|lsn| Position {
            timeline: self.timeline_of(lsn),
            lsn,
        });
        let received = word.received.filter(set).map(|lsn| Position {
            timeline: match word.receiving {
                Some(timeline) => self.timeline_on(timeline, lsn),
                None => self.timeline_of(lsn),
            },
            lsn,
        });
        let (end, doubt) = self.end(replayed);
        Measured {
            traces: Traces {
                received,
                replayed,
                on_disk: end.map(|end| end.position),
            },
            doubt,
        }
    }

    /// Measures a server that does not answer: its disk counts, and it has at least what its control file shows.
    pub fn of_silent(mut self) -> Measured<D::Error> {
        let replayed = self.control.minimum_recovery.max(Some(self.checkpoint()));
        let (end, doubt) = self.end(None);
        Measured {
            traces: Traces {
                received: None,
                replayed,
                on_disk: end.map(|end| end.position),
            },
            doubt,
        }
    }

    /// Returns where its WAL ends, if it ends with the shutdown checkpoint of a primary. WAL that could not
    /// be read to its end has no such checkpoint.
    pub fn shutdown_checkpoint(mut self) -> Result<Option<Position>, D::Error> {
        match self.end(None) {
            (_, Some(Doubt::Unread(error))) => Err(error),
            (end, Some(Doubt::Unconfirmed(_) | Doubt::NoHistory) | None) => {
                Ok(end.and_then(|end| end.shutdown_checkpoint().map(|_| end.position)))
            }
        }
    }

    /// Returns the position of the last checkpoint.
    fn checkpoint(&self) -> Position {
        Position {
            timeline: self.control.checkpoint.timeline,
            lsn: self.control.checkpoint.at,
        }
    }

    /// Finds the last record that can be reached along a history that contains all that is known: the last
    /// checkpoint, and what was replayed, as the server reports it or its control file shows it.
    fn end(&mut self, replayed: Option<Position>) -> FoundEnd<D::Error> {
        let checkpoint = self.checkpoint();
        let minimum = self.control.minimum_recovery;
        let replayed = replayed.or(minimum.filter(|minimum| *minimum > checkpoint));
        let begin = [checkpoint.lsn, self.control.checkpoint.redo];
        let known = replayed.and_then(|Position { lsn: end, .. }| {
            let record = begin.into_iter().filter(|begin| *begin <= end).max()?;
            Some(Known::Replayed { record, end })
        });
        let known = known.unwrap_or(Known::Checkpoint(checkpoint));
        let mut reach = Reach {
            directory: &mut *self.directory,
            format: self.format,
            budget: self.budget,
            end: None,
        };
        let mut doubt = Some(Doubt::NoHistory);
        let mut is_confirmed = false;
        for history in &self.histories {
            let is_on = |one: Position, byte| history.timeline_at(byte) == one.timeline;
            if !is_on(checkpoint, checkpoint.lsn)
                || !replayed.is_none_or(|replayed| is_on(replayed, before(replayed.lsn)))
            {
                continue;
            }
            match reach.along(history, known) {
                Ok(Ok(())) => is_confirmed = true,
                Ok(Err(astray)) => doubt = Some(Doubt::Unconfirmed(astray)),
                Err(error) => return (reach.end, Some(Doubt::Unread(error))),
            }
        }
        (reach.end, doubt.filter(|_| !is_confirmed))
    }

    /// Returns the timeline of the WAL before a position that a WAL receiver has reported. A receiver reports the
    /// beginning of a segment before it has received anything, and that may lie before its timeline began.
    fn timeline_on(&self, receiving: Timeline, lsn: Lsn) -> Timeline {
        let history = self.histories.iter().find(|one| one.target() == receiving);
        history.map_or(receiving, |history| history.timeline_at(before(lsn)))
    }

    /// Returns the timeline of the WAL before a position: the newest that had begun there and whose segment exists,
    /// or else that of the control file.
    fn timeline_of(&mut self, lsn: Lsn) -> Timeline {
        let byte = before(lsn);
        for history in &self.histories {
            let timeline = history.target();
            let segment = Segment::holding(byte, timeline, self.format.geometry);
            if history.timeline_at(byte) == timeline
                && matches!(self.directory.length(segment), Ok(Some(_)))
            {
                return timeline;
            }
        }
        let told = self.control.checkpoint.timeline;
        let minimum = self.control.minimum_recovery;
        minimum.map_or(told, |minimum| minimum.timeline.max(told))
    }
}

/// Returns the histories of all known timelines, newest first: those with a history file, and those that the control
/// file names.
fn histories(control: &Control, with_file: Vec<History>) -> Vec<History> {
    let mut histories = with_file;
    let minimum = control.minimum_recovery.map(|minimum| minimum.timeline);
    for timeline in [Some(control.checkpoint.timeline), minimum] {
        let Some(timeline) = timeline.filter(|timeline| timeline.0 != 0) else {
            continue;
        };
        if histories.iter().all(|one| one.target() != timeline) {
            histories.push(History::alone(timeline));
        }
    }
    histories.sort_by_key(|history| std::cmp::Reverse(history.target()));
    histories
}

/// Returns the last byte before a position.
fn before(lsn: Lsn) -> Lsn {
    Lsn(lsn.0.saturating_sub(1))
}
