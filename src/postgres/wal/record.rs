//! What a record says of itself, and whether it is whole; knows nothing of pages.

use crate::base::bytes::{at, u32_at, u64_at};
use crate::health::Lsn;
use crate::postgres::branch::PromotionTime;
use crate::postgres::timeline::Timeline;

/// The size of a record's header, the least that a record has (`SizeOfXLogRecord` in
/// `src/include/access/xlogrecord.h`).
pub(super) const HEADER: u32 = 24;
/// Records begin at multiples of it (`MAXALIGN`).
pub(super) const ALIGNMENT: u64 = 8;

/// The room that so many bytes of a record take.
pub(super) fn aligned(length: u32) -> u64 {
    u64::from(length).next_multiple_of(ALIGNMENT)
}

/// What of it the checksum covers, after everything else.
const COVERED: usize = 20;
/// So much of a record is kept: its header and what a checkpoint's says. Whatever a damaged record says
/// of its length, no more is held.
const KEPT: usize = 64;

/// A record that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it begins.
    pub at: Lsn,
    /// Where it ends: the position that servers report once they have it.
    pub end: Lsn,
    /// The timeline it belongs to.
    pub timeline: Timeline,
    /// What it tells, as far as that matters here.
    pub kind: RecordKind,
}

/// What a record tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// A primary stopped cleanly here, or a recovery ended with a checkpoint: nothing was in flight.
    ShutdownCheckpoint(Mark),
    /// A checkpoint while work went on.
    OnlineCheckpoint(Mark),
    /// A promotion, whose timeline begins here, and when it ended.
    EndOfRecovery(Mark, PromotionTime),
    /// The rest of the segment is left empty.
    SegmentSwitch,
    /// Anything else.
    Other,
}

/// The timelines that a record of the log itself names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The one it was written on.
    pub timeline: Timeline,
    /// The one before, if this is the first record of its own; otherwise the same.
    pub previous: Timeline,
}

/// A record that is put together from pieces; it holds no more of it than [`KEPT`].
#[derive(Debug)]
pub(super) struct Assembly {
    kept: Vec<u8>,
    crc: u32,
    got: u32,
}

impl Assembly {
    pub(super) fn new() -> Self {
        Self {
            kept: Vec::with_capacity(KEPT),
            crc: 0,
            got: 0,
        }
    }

    /// Adds the next piece.
    pub(super) fn push(&mut self, piece: &[u8]) {
        let header = usize::try_from(HEADER.saturating_sub(self.got)).unwrap_or_default();
        // The checksum begins after the header.
        self.crc = crc32c::crc32c_append(self.crc, piece.get(header..).unwrap_or_default());
        let wanted = KEPT.saturating_sub(self.kept.len()).min(piece.len());
        self.kept
            .extend_from_slice(piece.get(..wanted).unwrap_or_default());
        let length = u32::try_from(piece.len()).unwrap_or(u32::MAX);
        self.got = self.got.saturating_add(length);
    }

    /// How many bytes there are.
    pub(super) fn got(&self) -> u32 {
        self.got
    }

    /// Where the record before this one begins (`xl_prev`); none before the whole header is there.
    pub(super) fn previous(&self) -> Option<Lsn> {
        at::<24>(&self.kept, 0)?;
        u64_at(&self.kept, 8).map(Lsn)
    }

    /// Whether the checksum is that of the bytes (`ValidXLogRecord` in
    /// `src/backend/access/transam/xlogreader.c`).
    pub(super) fn is_whole(&self) -> bool {
        let header = self.kept.get(..COVERED).unwrap_or_default();
        u32_at(&self.kept, COVERED) == Some(crc32c::crc32c_append(self.crc, header))
    }

    /// What the record tells.
    pub(super) fn kind(&self) -> RecordKind {
        // Records of the log itself: their resource manager has the number 0 (`RM_XLOG_ID`).
        let (Some([info]), Some([0])) = (at(&self.kept, 16), at(&self.kept, 17)) else {
            return RecordKind::Other;
        };
        // The manager's half of the byte (`XLR_RMGR_INFO_MASK`); values of
        // `src/include/catalog/pg_control.h`, the same in PostgreSQL 10 to 18.
        let told = match info & 0xF0 {
            0x00 => self.mark().map(RecordKind::ShutdownCheckpoint),
            0x10 => self.mark().map(RecordKind::OnlineCheckpoint),
            0x40 => Some(RecordKind::SegmentSwitch),
            0x90 => self.end_of_recovery(),
            _ => None,
        };
        told.unwrap_or(RecordKind::Other)
    }

    fn end_of_recovery(&self) -> Option<RecordKind> {
        let time = PromotionTime(u64_at(&self.kept, 26)?);
        Some(RecordKind::EndOfRecovery(self.mark()?, time))
    }

    /// `CheckPoint` and `xl_end_of_recovery` both begin with eight bytes and two timelines. They come
    /// without blocks, as data of less than 256 bytes (`XLR_BLOCK_ID_DATA_SHORT`).
    fn mark(&self) -> Option<Mark> {
        let [255, _length] = at(&self.kept, 24)? else {
            return None;
        };
        Some(Mark {
            timeline: Timeline(u32_at(&self.kept, 34)?),
            previous: Timeline(u32_at(&self.kept, 38)?),
        })
    }
}
