//! Puts a record together from its pieces, checks it and reads its kind.

use crate::base::bytes::{at, u32_at, u64_at};
use crate::health::Lsn;
use crate::postgres::timeline::{PromotionTime, Timeline};

/// The size of a record's header, the least size of a record (`SizeOfXLogRecord` in
/// `src/include/access/xlogrecord.h`).
pub(super) const HEADER: u32 = 24;
/// Records begin at multiples of this number (`MAXALIGN`).
pub(super) const ALIGNMENT: u64 = 8;

/// Returns the bytes that a record of this length takes with its padding.
pub(super) fn aligned(length: u32) -> u64 {
    u64::from(length).next_multiple_of(ALIGNMENT)
}

/// The bytes of the header that the checksum covers; they follow the rest of the record in the checksum.
const COVERED: usize = 20;
/// Bytes of a record that are kept: its header and the part of a checkpoint that is read. No more is kept, whatever
/// length a damaged record has in its header.
const KEPT: usize = 64;

/// A whole record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it begins.
    pub at: Lsn,
    /// Where it ends: the position that servers report once they have it.
    pub end: Lsn,
    /// The timeline to which it belongs.
    pub timeline: Timeline,
    /// Its kind, as far as that matters here.
    pub kind: RecordKind,
    /// Of a checkpoint: where a recovery from it begins.
    pub redo: Option<Lsn>,
}

/// The kind of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// The checkpoint of a primary's clean shutdown, or of the end of a recovery: no transaction was in progress.
    ShutdownCheckpoint(Mark),
    /// A checkpoint of a running primary.
    OnlineCheckpoint(Mark),
    /// The end of a promotion, with which a timeline begins, and its time.
    EndOfRecovery(Mark, PromotionTime),
    /// A segment switch: the rest of the segment is left empty.
    SegmentSwitch,
    /// Any other record.
    Other,
}

/// The timelines in a record of the resource manager XLOG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The timeline on which the record was written.
    pub timeline: Timeline,
    /// The timeline before, if this is the first record of its timeline; otherwise the same timeline.
    pub previous: Timeline,
}

/// A record that is put together from pieces; keeps at most [`KEPT`] bytes of it.
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

    /// Returns the number of bytes that were added.
    pub(super) fn got(&self) -> u32 {
        self.got
    }

    /// Returns where the record before this one begins (`xl_prev`); `None` until the whole header was added.
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

    /// Returns the kind of the record.
    pub(super) fn kind(&self) -> RecordKind {
        // The resource manager XLOG has the number 0 (`RM_XLOG_ID`).
        let (Some([info]), Some([0])) = (at(&self.kept, 16), at(&self.kept, 17)) else {
            return RecordKind::Other;
        };
        // The resource manager's half of the byte (`XLR_RMGR_INFO_MASK`); the values are those of
        // `src/include/catalog/pg_control.h`, the same in PostgreSQL 12 to 18.
        let kind = match info & 0xF0 {
            0x00 => self.mark().map(RecordKind::ShutdownCheckpoint),
            0x10 => self.mark().map(RecordKind::OnlineCheckpoint),
            0x40 => Some(RecordKind::SegmentSwitch),
            0x90 => self.end_of_recovery(),
            _ => None,
        };
        kind.unwrap_or(RecordKind::Other)
    }

    /// Returns where a recovery begins, if this is the record of a checkpoint: the first field of `CheckPoint`.
    pub(super) fn redo(&self) -> Option<Lsn> {
        match self.kind() {
            RecordKind::ShutdownCheckpoint(_) | RecordKind::OnlineCheckpoint(_) => {
                u64_at(&self.kept, 26).map(Lsn)
            }
            RecordKind::EndOfRecovery(_, _) | RecordKind::SegmentSwitch | RecordKind::Other => None,
        }
    }

    fn end_of_recovery(&self) -> Option<RecordKind> {
        let time = PromotionTime(u64_at(&self.kept, 26)?);
        Some(RecordKind::EndOfRecovery(self.mark()?, time))
    }

    /// Reads the timelines: `CheckPoint` and `xl_end_of_recovery` both begin with eight bytes and two timelines. Such
    /// records have no blocks, only data of less than 256 bytes (`XLR_BLOCK_ID_DATA_SHORT`).
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
