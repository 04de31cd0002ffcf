//! When a timeline began, from the end-of-recovery record that its promotion wrote. Opens no file.

use crate::postgres::timeline::PromotionTime;
use crate::postgres::wal::{Format, History, RecordKind, Segments, Walk};

/// The record is one of this many first records of its timeline: the rest of a record that was lost, and a change of
/// `full_page_writes`, may come before it (`StartupXLOG` in `src/backend/access/transam/xlog.c`).
const FIRST: usize = 4;

/// Returns when the newest timeline of a history began; `None` if the beginning of its WAL no longer exists, and for
/// the first timeline of a cluster.
pub fn promoted_at<S: Segments>(
    segments: &mut S,
    format: Format,
    history: &History,
) -> Result<Option<PromotionTime>, S::Error> {
    let Some(begin) = history.begin() else {
        return Ok(None);
    };
    let mut walk = Walk::new(segments, format, history, begin);
    for _ in 0..FIRST {
        let Ok(record) = walk.step()? else {
            return Ok(None);
        };
        match record.kind {
            RecordKind::EndOfRecovery(mark, time) if mark.timeline == history.target() => {
                return Ok(Some(time));
            }
            RecordKind::EndOfRecovery(..)
            | RecordKind::ShutdownCheckpoint(_)
            | RecordKind::OnlineCheckpoint(_)
            | RecordKind::SegmentSwitch
            | RecordKind::Other => {}
        }
    }
    Ok(None)
}
