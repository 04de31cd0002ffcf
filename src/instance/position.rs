//! How far the server is, from its own word and from what lies on its disk. Knows neither how it is asked nor
//! what is made of the answer.

use std::path::Path;

use super::conversation::Conversation;
use super::pg_wal::{PgWal, WalError};
use super::{asking, files, processes};
use crate::agent::control::Control;
use crate::agent::position::{Position, Traces};
use crate::agent::wal::{End, Format, History, Magic, Segment, Walk};
use crate::agent::{Timeline, parameters::Parameters};
use crate::postgres::Progress;
use crate::recipes::{Deadline, ServerError};
use crate::role::Lsn;
use crate::system_clock::OnSystemClock;

/// Where a walk along WAL begins, and a byte that is known to lie on a timeline.
#[derive(Clone, Copy, Debug)]
struct Start {
    at: Lsn,
    known: Lsn,
    timeline: Timeline,
}

/// How far it is, running or not.
pub(super) fn traces(
    conversation: &mut Conversation,
    parameters: &Parameters,
    deadline: Deadline,
) -> Result<Traces, ServerError> {
    let control = files::control(&parameters.datadir)?;
    let disk = Disk::of(parameters, control, deadline)?;
    let progress = match processes::postmaster(&parameters.datadir) {
        Some(postmaster) => {
            // The disk is read where it does not answer, and needs some of the time.
            let patience = deadline.within(deadline.left() / 2);
            match asking::progress(conversation, parameters, &postmaster.file, patience) {
                Ok(progress) => Some(progress),
                Err(error) => {
                    tracing::warn!("{error}; how far it is will be read from its disk");
                    None
                }
            }
        }
        None => None,
    };
    Ok(match progress {
        Some(Progress::Primary { timeline, flushed }) => Traces {
            received: None,
            replayed: None,
            on_disk: Some(Position {
                timeline: Timeline(timeline),
                lsn: flushed,
            }),
        },
        Some(Progress::Standby {
            received,
            receiving,
            replayed,
        }) => disk.of_standby(received, receiving.map(Timeline), replayed),
        None => disk.of_silent(),
    })
}

/// Where its WAL ends, if it ends with the checkpoint of a primary that was stopped cleanly.
pub(super) fn shutdown_checkpoint(
    parameters: &Parameters,
    deadline: Deadline,
) -> Result<Option<Position>, ServerError> {
    let control = files::control(&parameters.datadir)?;
    let mut disk = Disk::of(parameters, control, deadline)?;
    let (end, outcome) = disk.end(disk.redo());
    match outcome {
        Ok(()) => Ok(end.and_then(|end| end.shutdown_checkpoint().map(|_| end.position))),
        Err(WalError::Late) => Err(ServerError::Late("the reading of WAL")),
        Err(error @ WalError::File { .. }) => Err(ServerError::File {
            what: "the end of WAL is not known".into(),
            cause: error.to_string(),
        }),
    }
}

/// What a server has on its disk.
#[derive(Debug)]
struct Disk {
    control: Control,
    format: Format,
    segments: PgWal,
    /// Newest first.
    histories: Vec<History>,
}

impl Disk {
    fn of(
        parameters: &Parameters,
        control: Control,
        deadline: Deadline,
    ) -> Result<Self, ServerError> {
        let datadir: &Path = &parameters.datadir;
        let major = files::major(datadir)?;
        let magic = Magic::of(major).ok_or_else(|| ServerError::File {
            what: format!("the WAL of {} cannot be read", datadir.display()),
            cause: format!("PostgreSQL {major} is none of 10 to 18"),
        })?;
        let segments = PgWal::of(datadir, deadline);
        Ok(Self {
            control,
            format: Format {
                magic,
                geometry: control.geometry,
                system_identifier: control.system_identifier,
            },
            histories: segments.histories(&control),
            segments,
        })
    }

    /// Of a standby that says how far it is.
    fn of_standby(
        mut self,
        received: Option<Lsn>,
        receiving: Option<Timeline>,
        replayed: Option<Lsn>,
    ) -> Traces {
        let set = |lsn: &Lsn| *lsn != Lsn(0);
        let replayed = replayed.filter(set).map(|lsn| Position {
            timeline: self.timeline_of(lsn),
            lsn,
        });
        let received = received.filter(set).map(|lsn| Position {
            timeline: match receiving {
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
        if let Err(error) = outcome {
            tracing::warn!("WAL was not read to its end: {error}");
        }
        Traces {
            received,
            replayed,
            on_disk: end.map(|end| end.position),
        }
    }

    /// Of a server that says nothing: what its disk says, which is at least what its control file does.
    fn of_silent(mut self) -> Traces {
        let (end, outcome) = self.end(self.redo());
        if let Err(error) = outcome {
            tracing::warn!("WAL was not read to its end: {error}");
        }
        let checkpoint = Position {
            timeline: self.control.checkpoint.timeline,
            lsn: self.control.checkpoint.at,
        };
        Traces {
            received: None,
            replayed: self.control.minimum_recovery.max(Some(checkpoint)),
            on_disk: end.map(|end| end.position),
        }
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
    fn end(&mut self, start: Start) -> (Option<End>, Result<(), WalError>) {
        let mut furthest: Option<End> = None;
        for history in &self.histories {
            if history.timeline_at(start.known) != start.timeline {
                continue;
            }
            let mut walk = Walk::new(&mut self.segments, self.format, history, start.at);
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
    fn timeline_of(&self, lsn: Lsn) -> Timeline {
        let byte = before(lsn);
        let is_on = |timeline: &Timeline| {
            let segment = Segment::holding(byte, *timeline, self.format.geometry);
            self.segments.has(segment)
        };
        let begun = self.histories.iter().filter_map(|history| {
            let target = history.target();
            (history.timeline_at(byte) == target).then_some(target)
        });
        let minimum = self.control.minimum_recovery.map(|one| one.timeline);
        let told = self.control.checkpoint.timeline;
        let mut begun = begun;
        begun
            .find(is_on)
            .unwrap_or_else(|| minimum.map_or(told, |minimum| minimum.max(told)))
    }
}

/// The last byte before a position.
fn before(lsn: Lsn) -> Lsn {
    Lsn(lsn.0.saturating_sub(1))
}
