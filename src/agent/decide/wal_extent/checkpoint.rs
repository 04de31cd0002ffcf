//! The last checkpoint before a position: where a recovery begins that is to go beyond it along another timeline. Knows
//! nothing of what is recovered.

use crate::health::Lsn;
use crate::postgres::control::Control;
use crate::postgres::position::Position;
use crate::postgres::wal::{Directory, Format, History, RecordKind, Segments, Stop, Walk};

/// A checkpoint before a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointBefore {
    /// The recovery from it begins here.
    At(Position),
    /// The WAL in which it would be cannot be read.
    Unread(Stop),
}

/// Looks for the last checkpoint that begins before `fork`, along a history that has the WAL up to it: that of the control
/// file, or else backwards, one segment after the other (`findLastCheckpoint` in `src/bin/pg_rewind/parsexlog.c`).
pub fn checkpoint_before<D: Directory>(
    directory: &mut D,
    format: Format,
    control: &Control,
    history: &History,
    fork: Position,
) -> Result<CheckpointBefore, D::Error> {
    let known = control.checkpoint;
    if known.at < fork.lsn && known.timeline <= fork.timeline {
        return Ok(CheckpointBefore::At(Position {
            timeline: history.timeline_at(known.redo),
            lsn: known.redo,
        }));
    }
    let size = u64::from(format.geometry.segment());
    let mut begin = fork.lsn.0.saturating_sub(1) / size * size;
    loop {
        match within(directory, format, history, Lsn(begin), fork.lsn)? {
            Ok(Some(redo)) => {
                return Ok(CheckpointBefore::At(Position {
                    timeline: history.timeline_at(redo),
                    lsn: redo,
                }));
            }
            Err(stop) => return Ok(CheckpointBefore::Unread(stop)),
            Ok(None) if begin == 0 => {
                return Ok(CheckpointBefore::Unread(Stop::NoBeginning(Lsn(0))));
            }
            Ok(None) => begin = begin.saturating_sub(size),
        }
    }
}

/// Returns where the recovery begins of the last checkpoint between the beginning of a segment and a position.
fn within<S: Segments>(
    segments: &mut S,
    format: Format,
    history: &History,
    begin: Lsn,
    fork: Lsn,
) -> Result<Result<Option<Lsn>, Stop>, S::Error> {
    let mut walk = Walk::new(segments, format, history, begin);
    if let Err(stop) = walk.enter(begin)? {
        return Ok(Err(stop));
    }
    let mut found = None;
    loop {
        match walk.step()? {
            Ok(record) if record.at < fork => match record.kind {
                RecordKind::ShutdownCheckpoint(_) | RecordKind::OnlineCheckpoint(_) => {
                    found = record.redo;
                }
                RecordKind::EndOfRecovery(_, _) | RecordKind::SegmentSwitch | RecordKind::Other => {
                }
            },
            // The history ends there, or the WAL does.
            Ok(_) | Err(_) => return Ok(Ok(found)),
        }
    }
}
