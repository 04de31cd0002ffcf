//! How far WAL goes from what is known of it, along one history: it is read to its end, and of too much of it only
//! the end. Knows neither how anything is known nor other histories.

use crate::health::Lsn;
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::{
    Astray, Directory, End, Format, History, Record, RecordKind, Segments, Walk, last_whole_segment,
};

/// So much WAL is read record by record, which takes some tenths of a second. Where more lies behind what is known,
/// only the last so many bytes are; the segments before are held to be whole by their first pages. A standby
/// receives one after the other, and syncs each before it begins the next.
pub(super) const BUDGET: u64 = 256 << 20;

/// What is known of a server's WAL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// The record of a checkpoint, where it begins, and its timeline.
    Checkpoint(Position),
    /// What was replayed, up to its end.
    Replayed {
        /// Where a record begins that is part of it.
        record: Lsn,
        /// Where the last one ends.
        end: Lsn,
    },
}

/// The end of a server's WAL, as far as it has been found.
#[derive(Debug)]
pub(super) struct Reach<'a, D> {
    pub(super) directory: &'a mut D,
    pub(super) format: Format,
    /// How many bytes are read record by record.
    pub(super) budget: u64,
    /// The furthest whole record that was seen.
    pub(super) end: Option<End>,
}

impl<D: Directory> Reach<'_, D> {
    /// Goes to the end along a history.
    pub(super) fn along(
        &mut self,
        history: &History,
        known: Known,
    ) -> Result<Result<(), Astray>, D::Error> {
        let (record, end) = match known {
            Known::Checkpoint(Position { lsn, .. }) => (lsn, lsn),
            Known::Replayed { record, end } => (record, end),
        };
        let last = last_whole_segment(&mut *self.directory, self.format, history, end)?;
        let near = Lsn(last.0.saturating_sub(self.budget));
        let mut walk = Walk::new(&mut *self.directory, self.format, history, record);
        match confirm(&mut walk, known)? {
            Ok(found) => saw(&mut self.end, found),
            Err(astray) => return Ok(Err(astray)),
        }
        if near > end {
            if walk.enter(near)?.is_ok() && read_to_end(&mut walk, &mut self.end)? > 0 {
                return Ok(Ok(()));
            }
            walk.begin_anew(record);
            if let Err(astray) = confirm(&mut walk, known)? {
                return Ok(Err(astray));
            }
        }
        read_to_end(&mut walk, &mut self.end)?;
        Ok(Ok(()))
    }
}

/// Goes from a known record to the last that is known, and returns it if it was read.
fn confirm<S: Segments>(
    walk: &mut Walk<'_, S>,
    known: Known,
) -> Result<Result<Option<Record>, Astray>, S::Error> {
    match known {
        Known::Replayed { end, .. } => walk.arrive(end),
        Known::Checkpoint(Position { timeline, lsn: at }) => Ok(match walk.step()? {
            Ok(record) if is_checkpoint_of(record.kind, timeline) => Ok(Some(record)),
            Ok(_) => Err(Astray::NoCheckpoint { at }),
            Err(stop) => Err(Astray::Stopped { at, stop }),
        }),
    }
}

fn is_checkpoint_of(kind: RecordKind, timeline: Timeline) -> bool {
    match kind {
        RecordKind::ShutdownCheckpoint(mark) | RecordKind::OnlineCheckpoint(mark) => {
            mark.timeline == timeline
        }
        RecordKind::EndOfRecovery(_, _) | RecordKind::SegmentSwitch | RecordKind::Other => false,
    }
}

/// Reads on to the end, and counts the records.
fn read_to_end<S: Segments>(
    walk: &mut Walk<'_, S>,
    end: &mut Option<End>,
) -> Result<usize, S::Error> {
    let mut count: usize = 0;
    while let Ok(record) = walk.step()? {
        count = count.saturating_add(1);
        saw(end, Some(record));
    }
    Ok(count)
}

/// Keeps the furthest.
fn saw(furthest: &mut Option<End>, record: Option<Record>) {
    let Some(last) = record else {
        return;
    };
    let position = Position {
        timeline: last.timeline,
        lsn: last.end,
    };
    if furthest.is_none_or(|end| end.position <= position) {
        *furthest = Some(End { position, last });
    }
}
