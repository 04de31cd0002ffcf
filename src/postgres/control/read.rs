//! Reads the bytes of a control file as facts, or says why they cannot be read; opens no file.

use thiserror::Error;

use super::layout::{self, LAYOUTS, Layout};
use super::state::ClusterState;
use crate::base::bytes::{at, u32_at, u64_at};
use crate::health::Lsn;
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::{Format, Geometry, GeometryError, Magic};

/// The content of a control file, as the server last wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// The system identifier, equal on all servers of a cluster.
    pub system_identifier: u64,
    /// The version of the file's format.
    pub control_version: u32,
    /// The version of the system catalogs.
    pub catalog_version: u32,
    /// What the server was doing.
    pub state: ClusterState,
    /// The last checkpoint; on a standby the primary's checkpoint of the last restartpoint.
    pub checkpoint: Checkpoint,
    /// The position up to which a standby must replay before its data is consistent; `None` for a
    /// primary.
    pub minimum_recovery: Option<Position>,
    /// Where the backup began from which the server is being restored; `None` once the end of the backup was replayed.
    pub backup_start: Option<Lsn>,
    /// Where that backup ends, if it was taken from a standby.
    pub backup_end: Option<Lsn>,
    /// Whether the record of that backup's end must be replayed before the server is consistent.
    pub backup_end_required: bool,
    /// The `wal_level` with which it last ran as a primary.
    pub wal_level: WalLevel,
    /// Whether its WAL has every change of a page.
    pub hint_bits: HintBits,
    /// The sizes of its WAL segments and pages.
    pub geometry: Geometry,
}

impl Control {
    /// Returns the format of this server's WAL, for the major version of `magic`.
    #[must_use]
    pub fn wal_format(&self, magic: Magic) -> Format {
        Format {
            magic,
            geometry: self.geometry,
            system_identifier: self.system_identifier,
        }
    }
}

/// A checkpoint, as the control file remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Where its record begins.
    pub at: Lsn,
    /// Where a recovery from it begins.
    pub redo: Lsn,
    /// The timeline it was written on.
    pub timeline: Timeline,
    /// The timeline before, if the checkpoint is the first record of its timeline; otherwise the same timeline.
    pub previous_timeline: Timeline,
}

/// `wal_level` (PostgreSQL manual, "Write Ahead Log").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WalLevel {
    /// Too little for a standby.
    Minimal,
    /// Enough for a standby.
    Replica,
    /// Enough for logical decoding.
    Logical,
}

/// Whether changes of hint bits are written to WAL. Where they are not, `pg_rewind` does not find every page that differs
/// (PostgreSQL manual, "`pg_rewind`").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HintBits {
    /// They are: `wal_log_hints` was on when the server last ran, or it has data checksums.
    Logged,
    /// They are not.
    NotLogged,
}

/// Why bytes cannot be read as a control file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ControlError {
    /// The file is too short.
    #[error("it has {found} bytes, where at least {expected} were expected")]
    Short {
        /// The number of bytes.
        found: usize,
        /// The number of bytes that are read.
        expected: usize,
    },
    /// The checksum is wrong. This also happens while a server writes the file: read the file once
    /// more before the error is believed.
    #[error(
        "its checksum is {found:08X}, where {expected:08X} was expected: it is damaged, or was made for another kind of processor"
    )]
    Checksum {
        /// The checksum in the file.
        found: u32,
        /// The checksum of its content.
        expected: u32,
    },
    /// The byte order is that of another kind of processor.
    #[error("its byte order is reversed: a server on another kind of processor wrote it")]
    OtherEndianness,
    /// The version of the format is not a known one.
    #[error("its format version {0} is not known")]
    UnknownVersion(u32),
    /// The number of the state is unknown.
    #[error("its state has the unknown number {0}")]
    UnknownState(u32),
    /// The number of the `wal_level` is unknown.
    #[error("its wal_level has the unknown number {0}")]
    UnknownWalLevel(u32),
    /// The WAL sizes are invalid.
    #[error("its sizes are invalid: {0}")]
    Geometry(#[from] GeometryError),
}

/// Reads the content of a control file.
pub fn read(bytes: &[u8]) -> Result<Control, ControlError> {
    let layout = layout_of(bytes)?;
    let short = || ControlError::Short {
        found: bytes.len(),
        expected: layout.end(),
    };
    let found = u32_at(bytes, layout.crc).ok_or_else(short)?;
    let covered = bytes.get(..layout.crc).ok_or_else(short)?;
    let expected = crc32c::crc32c(covered);
    if found != expected {
        return Err(ControlError::Checksum { found, expected });
    }
    // Every field lies before the checksum, which is there.
    fields(covered, layout).ok_or_else(short)?
}

/// Returns the layout of the file's version.
fn layout_of(bytes: &[u8]) -> Result<Layout, ControlError> {
    let Some(version) = u32_at(bytes, layout::VERSION) else {
        let expected = LAYOUTS.map(Layout::end).into_iter().min();
        return Err(ControlError::Short {
            found: bytes.len(),
            expected: expected.unwrap_or_default(),
        });
    };
    Layout::of(version).ok_or_else(|| {
        if Layout::of(version.swap_bytes()).is_some() {
            ControlError::OtherEndianness
        } else {
            ControlError::UnknownVersion(version)
        }
    })
}

/// Reads the fields; returns `None` if a field lies beyond the bytes.
fn fields(bytes: &[u8], layout: Layout) -> Option<Result<Control, ControlError>> {
    let lsn = |offset| u64_at(bytes, offset).map(Lsn);
    let timeline = |offset| u32_at(bytes, offset).map(Timeline);
    // Zero is PostgreSQL's invalid position (`InvalidXLogRecPtr`).
    let set = |lsn: Lsn| (lsn != Lsn(0)).then_some(lsn);
    let state = u32_at(bytes, layout::STATE)?;
    let wal_level = u32_at(bytes, layout.wal_level())?;
    let segment = u32_at(bytes, layout.wal_segment())?;
    let page = u32_at(bytes, layout.wal_block())?;
    let [wal_log_hints] = at(bytes, layout.wal_log_hints())?;
    let checksums = u32_at(bytes, layout.data_checksums())?;
    let minimum = set(lsn(layout.minimum_recovery())?);
    let minimum_timeline = timeline(layout.minimum_recovery_timeline())?;
    let [backup_end_required] = at(bytes, layout.backup_end_required())?;
    let checkpoint = Checkpoint {
        at: lsn(layout::CHECKPOINT_AT)?,
        redo: lsn(layout.redo())?,
        timeline: timeline(layout.timeline())?,
        previous_timeline: timeline(layout.previous_timeline())?,
    };
    let system_identifier = u64_at(bytes, layout::SYSTEM_IDENTIFIER)?;
    let catalog_version = u32_at(bytes, layout::CATALOG_VERSION)?;
    let backup_start = set(lsn(layout.backup_start())?);
    let backup_end = set(lsn(layout.backup_end())?);
    let judged = || {
        Ok(Control {
            system_identifier,
            control_version: layout.version,
            catalog_version,
            state: ClusterState::of(state).ok_or(ControlError::UnknownState(state))?,
            checkpoint,
            minimum_recovery: minimum.map(|lsn| Position {
                timeline: minimum_timeline,
                lsn,
            }),
            backup_start,
            backup_end,
            backup_end_required: backup_end_required != 0,
            wal_level: WalLevel::of(wal_level).ok_or(ControlError::UnknownWalLevel(wal_level))?,
            hint_bits: if wal_log_hints != 0 || checksums != 0 {
                HintBits::Logged
            } else {
                HintBits::NotLogged
            },
            geometry: Geometry::new(segment, page)?,
        })
    };
    Some(judged())
}

impl WalLevel {
    /// Returns the level of a number (`WalLevel` in `src/include/access/xlog.h`), equal in PostgreSQL 12 to 18.
    fn of(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Minimal),
            1 => Some(Self::Replica),
            2 => Some(Self::Logical),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
