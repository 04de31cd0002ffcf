//! How far a server's WAL goes: as a standby says it, as its disk does, and whether it ends with the checkpoint of
//! a primary that was stopped cleanly. Knows neither how the server was asked nor what is made of the answer.

use super::directory::Directory;
use crate::agent::control::Control;
use crate::agent::position::{Position, Traces};
use crate::agent::timeline::Timeline;
use crate::agent::wal::{End, Format, History, Magic, Segment, Walk};
use crate::role::Lsn;

/// What a standby says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// How far its WAL receiver is.
    pub received: Option<Lsn>,
    /// The timeline that the receiver receives, if there is one.
    pub receiving: Option<Timeline>,
    /// How far it has replayed.
    pub replayed: Option<Lsn>,
}

/// How far a server is, and why its WAL was not read to its end if it was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured<E> {
    /// What was found out.
    pub traces: Traces,
    /// What ended the reading too early.
    pub unread: Option<E>,
}

/// What a server has on its disk.
#[derive(Debug)]
pub struct Extent<'a, D> {
    control: &'a Control,
    format: Format,
    directory: &'a mut D,
    /// Newest first.
    histories: Vec<History>,
}

/// Where a walk along WAL begins, and a byte that is known to lie on a timeline.
#[derive(Clone, Copy, Debug)]
struct Start {
    at: Lsn,
    known: Lsn,
    timeline: Timeline,
}

impl<'a, D: Directory> Extent<'a, D> {
    /// That of the server that a control file and a directory are of.
    pub fn new(control: &'a Control, magic: Magic, directory: &'a mut D) -> Self {
        Self {
            control,
            format: Format {
                magic,
                geometry: control.geometry,
                system_identifier: control.system_identifier,
            },
            histories: histories(control, directory.histories()),
            directory,
        }
    }

    /// Of a standby that says how far it is.
    pub fn of_standby(mut self, word: Word) -> Measured<D::Error> {
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
        let start = replayed.map_or_else(
            || self.redo(),
            |replayed| Start {
                at: replayed.lsn,
                known: before(replayed.lsn),
                timeline: replayed.timeline,
            },
        );
        let (end, outcome) = self.end(start);
        Measured {
            traces: Traces {
                received,
                replayed,
                on_disk: end.map(|end| end.position),
            },
            unread: outcome.err(),
        }
    }

    /// Of a server that says nothing: what its disk says, which is at least what its control file does.
    pub fn of_silent(mut self) -> Measured<D::Error> {
        let (end, outcome) = self.end(self.redo());
        let checkpoint = Position {
            timeline: self.control.checkpoint.timeline,
            lsn: self.control.checkpoint.at,
        };
        Measured {
            traces: Traces {
                received: None,
                replayed: self.control.minimum_recovery.max(Some(checkpoint)),
                on_disk: end.map(|end| end.position),
            },
            unread: outcome.err(),
        }
    }

    /// Where its WAL ends, if it ends with the checkpoint of a primary that was stopped cleanly. What could not
    /// be read to its end has no such checkpoint.
    pub fn shutdown_checkpoint(mut self) -> Result<Option<Position>, D::Error> {
        let (end, outcome) = self.end(self.redo());
        outcome?;
        Ok(end.and_then(|end| end.shutdown_checkpoint().map(|_| end.position)))
    }

    /// Where a recovery begins.
    fn redo(&self) -> Start {
        let checkpoint = self.control.checkpoint;
        Start {
            at: checkpoint.redo,
            known: checkpoint.redo,
            timeline: checkpoint.timeline,
        }
    }

    /// The last record that can be reached along any history that the beginning is part of, and whether all
    /// could be read.
    fn end(&mut self, start: Start) -> (Option<End>, Result<(), D::Error>) {
        let mut furthest: Option<End> = None;
        for history in &self.histories {
            if history.timeline_at(start.known) != start.timeline {
                continue;
            }
            let mut walk = Walk::new(&mut *self.directory, self.format, history, start.at);
            let outcome = loop {
                match walk.step() {
                    Ok(Ok(last)) => {
                        let position = Position {
                            timeline: last.timeline,
                            lsn: last.end,
                        };
                        if furthest.is_none_or(|end| end.position <= position) {
                            furthest = Some(End { position, last });
                        }
                    }
                    Ok(Err(_stop)) => break Ok(()),
                    Err(error) => break Err(error),
                }
            };
            if outcome.is_err() {
                return (furthest, outcome);
            }
        }
        (furthest, Ok(()))
    }

    /// The timeline of what lies before a position that a receiver of a timeline has told: it tells the
    /// beginning of a segment before it has got anything, which may lie before its timeline began.
    fn timeline_on(&self, receiving: Timeline, lsn: Lsn) -> Timeline {
        let history = self.histories.iter().find(|one| one.target() == receiving);
        history.map_or(receiving, |history| history.timeline_at(before(lsn)))
    }

    /// The timeline of what lies before a position: the newest that had begun there and of which there is
    /// that segment, or else what the control file says.
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

/// The histories of all timelines that are known, newest first: those with a file, and those that the control file
/// names.
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

/// The last byte before a position.
fn before(lsn: Lsn) -> Lsn {
    Lsn(lsn.0.saturating_sub(1))
}
