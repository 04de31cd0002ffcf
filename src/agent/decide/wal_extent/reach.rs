//! How far WAL reaches beyond a known record, along one history. The WAL is read to its end; if there is too much, only
//! the end is read. Knows neither how a record became known nor other histories.

use crate::health::Lsn;
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::{
    Astray, Directory, End, Format, History, Record, RecordKind, Segments, Walk, last_whole_segment,
};

/// This many bytes of WAL are read record by record, which takes some tenths of a second. If more lies beyond the known
/// record, only the last bytes are; the segments before them are taken to be whole by their first pages. A standby
/// receives one segment after the other, and syncs each before it begins the next.
pub(super) const BUDGET: u64 = 256 << 20;

/// The part of a server's WAL that is known to exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// The record of a checkpoint: its beginning, and its timeline.
    Checkpoint(Position),
    /// The WAL that was replayed, up to its end.
    Replayed {
        /// The beginning of a record that is part of it.
        record: Lsn,
        /// The end of the last record.
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
    /// The furthest complete record that was read.
    pub(super) end: Option<End>,
}

impl<D: Directory> Reach<'_, D> {
    /// Reads to the end of WAL along a history.
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

/// Walks from a known record to the end of what is known, and returns the last record if it was read.
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

/// Reads on to the end, and returns the number of records.
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

/// Keeps the position of the furthest record.
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
