//! The sizes of WAL segments and pages, and the names of segments.

use std::fmt;

use thiserror::Error;

use crate::health::Lsn;
use crate::postgres::timeline::Timeline;

/// The sizes of a cluster's WAL segments, chosen by `initdb`, and pages, chosen when its programs were
/// built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    segment: u32,
    page: u32,
}

/// Sizes that no cluster can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GeometryError {
    /// `IsValidWalSegSize` in `src/include/access/xlog_internal.h`.
    #[error("a WAL segment of {0} bytes; a power of two from 1 MB to 1 GB was expected")]
    Segment(u32),
    /// `--with-wal-blocksize` of `configure`.
    #[error("a WAL page of {0} bytes; a power of two from 1 kB to 64 kB was expected")]
    Page(u32),
}

impl Geometry {
    /// Accepts sizes in bytes that a cluster can have.
    pub fn new(segment: u32, page: u32) -> Result<Self, GeometryError> {
        if !segment.is_power_of_two() || !(1 << 20..=1 << 30).contains(&segment) {
            return Err(GeometryError::Segment(segment));
        }
        if !page.is_power_of_two() || !(1 << 10..=1 << 16).contains(&page) {
            return Err(GeometryError::Page(page));
        }
        Ok(Self { segment, page })
    }

    /// Returns the size of a segment in bytes.
    #[must_use]
    pub fn segment(self) -> u32 {
        self.segment
    }

    /// The size of a page in bytes.
    #[must_use]
    pub fn page(self) -> u32 {
        self.page
    }

    /// Returns the offset of a position in its segment.
    pub(super) fn offset(self, at: Lsn) -> u64 {
        at.0 & mask(self.segment)
    }

    /// Returns the offset of a position in its page.
    pub(super) fn offset_in_page(self, at: Lsn) -> u64 {
        at.0 & mask(self.page)
    }

    /// Returns the beginning of a position's page.
    pub(super) fn page_of(self, at: Lsn) -> Lsn {
        Lsn(at.0 & !mask(self.page))
    }

    /// Returns the number of a position's segment.
    pub(super) fn number(self, at: Lsn) -> u64 {
        at.0 >> self.segment.trailing_zeros()
    }

    /// Returns the beginning of a position's segment.
    pub(super) fn segment_of(self, at: Lsn) -> Lsn {
        Lsn(at.0 & !mask(self.segment))
    }

    /// Returns the first beginning of a segment at or after a position; `None` if that exceeds 64 bits.
    #[must_use]
    pub fn next_segment(self, at: Lsn) -> Option<Lsn> {
        let up = at.0.checked_add(mask(self.segment))?;
        Some(self.segment_of(Lsn(up)))
    }
}

/// Returns the mask of the bits below a power of two.
fn mask(size: u32) -> u64 {
    u64::from(size).saturating_sub(1)
}

/// A segment of one timeline: one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The timeline in the file's name. The part before the beginning of the timeline is a copy.
    pub timeline: Timeline,
    /// The segment's number, counted from the beginning of all WAL.
    pub number: u64,
    /// The sizes of WAL, on which the file's name depends.
    pub geometry: Geometry,
}

impl Segment {
    /// Returns the segment of a timeline that contains a position.
    #[must_use]
    pub fn holding(at: Lsn, timeline: Timeline, geometry: Geometry) -> Self {
        Self {
            timeline,
            number: geometry.number(at),
            geometry,
        }
    }
}

impl fmt::Display for Segment {
    /// Writes the file's name (`XLogFileName` in `src/include/access/xlog_internal.h`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 2^bits segments make 4 GB, the unit of the name's second part.
        let bits = 32_u32.saturating_sub(self.geometry.segment.trailing_zeros());
        let high = self.number >> bits;
        let low = self.number & (1_u64 << bits).saturating_sub(1);
        write!(f, "{:08X}{high:08X}{low:08X}", self.timeline.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_no_cluster_has_are_refused() {
        assert!(Geometry::new(16 << 20, 8192).is_ok());
        for segment in [0, 1, 1 << 19, 3 << 20, 1 << 31] {
            assert_eq!(
                Geometry::new(segment, 8192),
                Err(GeometryError::Segment(segment))
            );
        }
        for page in [0, 512, 8191, 1 << 17] {
            assert_eq!(Geometry::new(1 << 20, page), Err(GeometryError::Page(page)));
        }
    }

    #[test]
    fn a_segment_is_printed_as_the_name_of_its_file() {
        let usual = Geometry::new(16 << 20, 8192).unwrap();
        let name = |at: &str, timeline, geometry| {
            Segment::holding(at.parse().unwrap(), Timeline(timeline), geometry).to_string()
        };
        assert_eq!(name("0/1000028", 1, usual), "000000010000000000000001");
        assert_eq!(name("16/B374D848", 31, usual), "0000001F00000016000000B3");
        let large = Geometry::new(1 << 30, 8192).unwrap();
        assert_eq!(name("16/B374D848", 2, large), "000000020000001600000002");
        let small = Geometry::new(1 << 20, 8192).unwrap();
        assert_eq!(name("0/FFFFFFFF", 2, small), "000000020000000000000FFF");
    }
}
