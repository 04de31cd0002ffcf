//! The offsets of the fields in the control files of PostgreSQL 12 to 18: the C structures `ControlFileData` and
//! `CheckPoint` (`src/include/catalog/pg_control.h`) as a compiler lays them out that aligns numbers of
//! eight bytes to eight, as all do on 64-bit machines.
//!
//! Between the versions only three offsets change; every other field keeps its distance from one of these.

/// The offset of the format's version, equal in every version.
pub const VERSION: usize = 8;

/// The layout of one version of the format. Numbers are offsets in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// `PG_CONTROL_VERSION`.
    pub version: u32,
    /// The copy of the last checkpoint record.
    pub checkpoint: usize,
    /// The first field after that copy.
    pub after: usize,
    /// The checksum of all bytes before it.
    pub crc: usize,
}

/// Every version that is known, oldest first.
pub const LAYOUTS: [Layout; 4] = [
    // 12.
    Layout {
        version: 1201,
        checkpoint: 40,
        after: 128,
        crc: 288,
    },
    // 13 to 16.
    Layout {
        version: 1300,
        checkpoint: 40,
        after: 128,
        crc: 288,
    },
    // 17.
    Layout {
        version: 1700,
        checkpoint: 40,
        after: 128,
        crc: 288,
    },
    // 18, which records whether `char` is signed.
    Layout {
        version: 1800,
        checkpoint: 40,
        after: 128,
        crc: 292,
    },
];

/// `system_identifier`.
pub(super) const SYSTEM_IDENTIFIER: usize = 0;
/// `catalog_version_no`.
pub(super) const CATALOG_VERSION: usize = 12;
/// `state`.
pub(super) const STATE: usize = 16;
/// `checkPoint`.
pub(super) const CHECKPOINT_AT: usize = 32;

impl Layout {
    /// Returns the layout of a version, if it is known.
    #[must_use]
    pub fn of(version: u32) -> Option<Self> {
        LAYOUTS.into_iter().find(|layout| layout.version == version)
    }

    /// `checkPointCopy.redo`.
    pub(super) fn redo(self) -> usize {
        self.checkpoint
    }

    /// `checkPointCopy.ThisTimeLineID`.
    pub(super) fn timeline(self) -> usize {
        self.checkpoint.saturating_add(8)
    }

    /// `checkPointCopy.PrevTimeLineID`.
    pub(super) fn previous_timeline(self) -> usize {
        self.checkpoint.saturating_add(12)
    }

    /// `minRecoveryPoint`.
    pub(super) fn minimum_recovery(self) -> usize {
        self.after.saturating_add(8)
    }

    /// `minRecoveryPointTLI`.
    pub(super) fn minimum_recovery_timeline(self) -> usize {
        self.after.saturating_add(16)
    }

    /// `backupStartPoint`.
    pub(super) fn backup_start(self) -> usize {
        self.after.saturating_add(24)
    }

    /// `backupEndPoint`.
    pub(super) fn backup_end(self) -> usize {
        self.after.saturating_add(32)
    }

    /// `backupEndRequired`.
    pub(super) fn backup_end_required(self) -> usize {
        self.after.saturating_add(40)
    }

    /// `wal_level`.
    pub(super) fn wal_level(self) -> usize {
        self.after.saturating_add(44)
    }

    /// `wal_log_hints`.
    pub(super) fn wal_log_hints(self) -> usize {
        self.after.saturating_add(48)
    }

    /// `data_checksum_version`.
    pub(super) fn data_checksums(self) -> usize {
        self.after.saturating_add(124)
    }

    /// `xlog_blcksz`.
    pub(super) fn wal_block(self) -> usize {
        self.after.saturating_add(96)
    }

    /// `xlog_seg_size`.
    pub(super) fn wal_segment(self) -> usize {
        self.after.saturating_add(100)
    }

    /// Returns the end of the checksum, which is the end of the bytes that are read.
    pub(super) fn end(self) -> usize {
        self.crc.saturating_add(4)
    }
}
