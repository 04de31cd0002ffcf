//! What identifies the WAL of a cluster and version.

use super::geometry::Geometry;

/// What every page of a cluster's WAL has to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// The version of the format.
    pub magic: Magic,
    /// The sizes of segments and pages.
    pub geometry: Geometry,
    /// The system identifier, as in the control file.
    pub system_identifier: u64,
}

/// `XLOG_PAGE_MAGIC` (`src/include/access/xlog_internal.h`): each major version has its own, while several
/// share a format of the control file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Magic(pub(super) u16);

impl Magic {
    /// Returns the magic number of a major version of PostgreSQL, as in the file `PG_VERSION`; `None` before 12 and
    /// after 18.
    #[must_use]
    pub fn of(major: u32) -> Option<Self> {
        let number = match major {
            12 => 0xD101,
            13 => 0xD106,
            14 => 0xD10D,
            15 => 0xD110,
            16 => 0xD113,
            17 => 0xD116,
            18 => 0xD118,
            _ => return None,
        };
        Some(Self(number))
    }

    /// Its size in bytes.
    pub const SIZE: usize = 2;

    /// Reads the magic number at the beginning of a file (`xlp_magic`).
    #[must_use]
    pub fn found(begin: [u8; Self::SIZE]) -> Self {
        Self(u16::from_ne_bytes(begin))
    }
}
