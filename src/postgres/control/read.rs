//! From the bytes of a control file to facts, or to the reason why they tell none; knows no file.

use thiserror::Error;

use super::layout::{self, LAYOUTS, Layout};
use super::state::ClusterState;
use crate::base::bytes::{at, u32_at, u64_at};
use crate::health::Lsn;
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::{Format, Geometry, GeometryError, Magic};

/// What a server has last written of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// The same for all servers of a cluster.
    pub system_identifier: u64,
    /// The version of the file's format.
    pub control_version: u32,
    /// The version of the system catalogs.
    pub catalog_version: u32,
    /// What the server was doing.
    pub state: ClusterState,
    /// The last checkpoint, of its own or as a standby of its primary's.
    pub checkpoint: Checkpoint,
    /// How far a standby must replay before its data fits together, and on which timeline; none for a
    /// primary.
    pub minimum_recovery: Option<Position>,
    /// Where the backup began that the server is being made from; none once its end was replayed.
    pub backup_start: Option<Lsn>,
    /// Where that backup ends, if it was taken from a standby.
    pub backup_end: Option<Lsn>,
    /// Whether the record of that backup's end must be replayed before the server may be used.
    pub backup_end_required: bool,
    /// How much its WAL told when it was last a primary.
    pub wal_level: WalLevel,
    /// How its WAL is cut.
    pub geometry: Geometry,
}

impl Control {
    /// How this server's WAL is told from any other, of the version that a mark is of.
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
    /// The timeline before, if it is the first of its own; otherwise the same.
    pub previous_timeline: Timeline,
}

/// `wal_level` (PostgreSQL manual, "Write Ahead Log").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WalLevel {
    /// Too little for a standby.
    Minimal,
    /// Enough for one.
    Replica,
    /// More than that.
    Logical,
}

/// Why bytes are not the control file of a server that is understood here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ControlError {
    /// It ends too early.
    #[error("it has {found} bytes, where at least {expected} were expected")]
    Short {
        /// How many there are.
        found: usize,
        /// How many are read.
        expected: usize,
    },
    /// Its checksum is another one. A server that writes it at the same moment makes that too: read it
    /// once more before it is believed.
    #[error(
        "its checksum is {found:08X}, where {expected:08X} was expected: it is damaged, or was made for another kind of processor"
    )]
    Checksum {
        /// The one it bears.
        found: u32,
        /// The one of its content.
        expected: u32,
    },
    /// A server of another machine wrote it.
    #[error("its bytes are in the other order: a server wrote it on another kind of processor")]
    OtherEndianness,
    /// A version that is none of PostgreSQL 10 to 18.
    #[error("its format has version {0}, which is none of those of PostgreSQL 10 to 18")]
    UnknownVersion(u32),
    /// A number that stands for no state.
    #[error("it tells of a state with the number {0}, which means nothing")]
    UnknownState(u32),
    /// A number that stands for no level.
    #[error("it tells of a wal_level with the number {0}, which means nothing")]
    UnknownWalLevel(u32),
    /// Sizes that no cluster has.
    #[error("it tells of {0}")]
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

/// The layout that the file says it has.
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

/// The facts; none where a field lies beyond the bytes.
fn fields(bytes: &[u8], layout: Layout) -> Option<Result<Control, ControlError>> {
    let lsn = |offset| u64_at(bytes, offset).map(Lsn);
    let timeline = |offset| u32_at(bytes, offset).map(Timeline);
    // Zero is PostgreSQL's position of nothing (`InvalidXLogRecPtr`).
    let set = |lsn: Lsn| (lsn != Lsn(0)).then_some(lsn);
    let state = u32_at(bytes, layout::STATE)?;
    let wal_level = u32_at(bytes, layout.wal_level())?;
    let segment = u32_at(bytes, layout.wal_segment())?;
    let page = u32_at(bytes, layout.wal_block())?;
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
            geometry: Geometry::new(segment, page)?,
        })
    };
    Some(judged())
}

impl WalLevel {
    /// By its number (`WalLevel` in `src/include/access/xlog.h`), the same in PostgreSQL 10 to 18.
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
