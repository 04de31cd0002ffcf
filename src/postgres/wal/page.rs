//! What stands at the beginning of each page, and whether it belongs there: the checks of
//! `XLogReaderValidatePageHeader` in `src/backend/access/transam/xlogreader.c`. Knows no record
//! but by its length.

use thiserror::Error;

use super::format::Format;
use super::geometry::Geometry;
use super::record;
use crate::base::bytes::{u16_at, u32_at, u64_at};
use crate::health::Lsn;
use crate::postgres::timeline::Timeline;

/// Its size where it is short (`SizeOfXLogShortPHD`).
const SHORT: u64 = 24;
/// And where it is long, at the beginning of each segment (`SizeOfXLogLongPHD`).
const LONG: u64 = 40;

/// `XLP_FIRST_IS_CONTRECORD`.
const CONTINUES: u16 = 1;
/// `XLP_LONG_HEADER`.
const IS_LONG: u16 = 2;
/// `XLP_FIRST_IS_OVERWRITE_CONTRECORD`.
const OVERWRITES: u16 = 8;
/// `XLP_ALL_FLAGS`.
const ALL_FLAGS: u16 = 15;

/// `XLogPageHeaderData`, where it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageHeader {
    flags: u16,
    /// The timeline on which the page was begun.
    pub timeline: Timeline,
    /// How many bytes of a record that began on an earlier page are still to come.
    pub remaining: u32,
}

/// Why a page is not the one that should be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PageFault {
    /// Another version's, or no page: a segment that was made and not yet written to is all zeros.
    #[error("it begins with {0:04X}, which is not this version's mark")]
    Magic(u16),
    /// Flags that mean nothing.
    #[error("it has the flags {0:04X}, some of which mean nothing")]
    Flags(u16),
    /// The first of a segment, and does not identify it.
    #[error("it begins a segment and does not say of which cluster")]
    Anonymous,
    /// Another cluster's.
    #[error("it is of the cluster {0}")]
    System(u64),
    /// A cluster's whose WAL is cut otherwise.
    #[error("it is of a segment of {segment} bytes with pages of {page} bytes")]
    Geometry {
        /// The size of its segment.
        segment: u32,
        /// Its own size.
        page: u32,
    },
    /// An earlier segment's, whose file was taken for a new one.
    #[error("it is the page of {0}")]
    Address(Lsn),
    /// Begun on a timeline before that of an earlier page, or after that of its file.
    #[error("it was begun on timeline {0}, which cannot be")]
    Timeline(Timeline),
}

impl PageHeader {
    /// Reads the header of a whole page that is to be the one at this position.
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

    /// Its size in bytes.
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

    /// Where the first record begins on this page, which lies at a position; none where the rest of an earlier
    /// one fills it (`XLogFindNextRecord` in `src/backend/access/transam/xlogreader.c`).
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

    /// Whether the rest of a record that should be here was never written, and another begins instead.
    pub(super) fn overwrites(self) -> bool {
        self.flags & OVERWRITES != 0
    }
}

/// The fields that only a long header has.
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
