//! Reads the header at the beginning of each page, with the checks of
//! `XLogReaderValidatePageHeader` in `src/backend/access/transam/xlogreader.c`. Knows only the length
//! of a record.

use thiserror::Error;

use super::format::Format;
use super::geometry::Geometry;
use super::record;
use crate::base::bytes::{u16_at, u32_at, u64_at};
use crate::health::Lsn;
use crate::postgres::timeline::Timeline;

/// The size of a short header (`SizeOfXLogShortPHD`).
const SHORT: u64 = 24;
/// The size of a long header, at the beginning of each segment (`SizeOfXLogLongPHD`).
const LONG: u64 = 40;

/// `XLP_FIRST_IS_CONTRECORD`.
const CONTINUES: u16 = 1;
/// `XLP_LONG_HEADER`.
const IS_LONG: u16 = 2;
/// `XLP_FIRST_IS_OVERWRITE_CONTRECORD`.
const OVERWRITES: u16 = 8;
/// `XLP_ALL_FLAGS`.
const ALL_FLAGS: u16 = 15;

/// `XLogPageHeaderData` that belongs to its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageHeader {
    flags: u16,
    /// The timeline on which the page was begun.
    pub timeline: Timeline,
    /// The number of bytes that are still missing of a record that began on an earlier page.
    pub remaining: u32,
}

/// Why a page is not the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PageFault {
    /// The magic number is another version's, or the page was not written: a new segment is all zeros.
    #[error("it begins with {0:04X}, which is not the magic number of this version")]
    Magic(u16),
    /// The header has unknown flags.
    #[error("it has the flags {0:04X}, some of which are unknown")]
    Flags(u16),
    /// The page is the first of a segment and has no long header.
    #[error("it begins a segment and does not identify its cluster")]
    Anonymous,
    /// The page is another cluster's.
    #[error("it belongs to the cluster {0}")]
    System(u64),
    /// The page is of a cluster with other WAL sizes.
    #[error("it belongs to a segment of {segment} bytes with pages of {page} bytes")]
    Geometry {
        /// The size of a segment.
        segment: u32,
        /// The size of a page.
        page: u32,
    },
    /// The page is of an earlier segment, whose file was reused.
    #[error("it is the page of {0}")]
    Address(Lsn),
    /// The page's timeline is older than that of an earlier page, or newer than that of its file.
    #[error("it was begun on timeline {0}, which is impossible here")]
    Timeline(Timeline),
}

impl PageHeader {
    /// Reads the header of a whole page, and checks that it is the page at this position.
    pub(super) fn read(page: &[u8], at: Lsn, format: Format) -> Result<Self, PageFault> {
        let magic = u16_at(page, 0).unwrap_or_default();
        if magic != format.magic.0 {
            return Err(PageFault::Magic(magic));
        }
        let flags = u16_at(page, 2).unwrap_or_default();
        if flags & !ALL_FLAGS != 0 {
            return Err(PageFault::Flags(flags));
        }
        if flags & IS_LONG != 0 {
            check_long(page, format)?;
        } else if format.geometry.offset(at) == 0 {
            return Err(PageFault::Anonymous);
        }
        let address = Lsn(u64_at(page, 8).unwrap_or_default());
        if address != at {
            return Err(PageFault::Address(address));
        }
        Ok(Self {
            flags,
            timeline: Timeline(u32_at(page, 4).unwrap_or_default()),
            remaining: u32_at(page, 16).unwrap_or_default(),
        })
    }

    /// Returns the size of the header in bytes.
    pub(super) fn size(self) -> u64 {
        if self.flags & IS_LONG == 0 {
            SHORT
        } else {
            LONG
        }
    }

    /// Whether the page begins with the rest of a record.
    pub(super) fn continues(self) -> bool {
        self.flags & CONTINUES != 0
    }

    /// Returns where the first record begins on this page, which begins at `page`; `None` if the rest of an earlier
    /// record fills the page (`XLogFindNextRecord` in `src/backend/access/transam/xlogreader.c`).
    pub(super) fn first_record(self, page: Lsn, geometry: Geometry) -> Option<Lsn> {
        let rest = if self.continues() {
            record::aligned(self.remaining)
        } else {
            0
        };
        let offset = self.size().saturating_add(rest);
        let is_here = offset < u64::from(geometry.page());
        is_here.then(|| Lsn(page.0.saturating_add(offset)))
    }

    /// Whether the rest of a record that should be here was never written, and another record begins instead.
    pub(super) fn overwrites(self) -> bool {
        self.flags & OVERWRITES != 0
    }
}

/// Checks the fields that only a long header has.
fn check_long(page: &[u8], format: Format) -> Result<(), PageFault> {
    let system = u64_at(page, 24).unwrap_or_default();
    if system != format.system_identifier {
        return Err(PageFault::System(system));
    }
    let segment_size = u32_at(page, 32).unwrap_or_default();
    let page_size = u32_at(page, 36).unwrap_or_default();
    if (segment_size, page_size) != (format.geometry.segment(), format.geometry.page()) {
        return Err(PageFault::Geometry {
            segment: segment_size,
            page: page_size,
        });
    }
    Ok(())
}
