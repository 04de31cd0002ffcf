//! Why a record could not be read: at the end of all WAL one of these holds, and none of them is a
//! failure. Knows no file.

use thiserror::Error;

use super::geometry::Segment;
use super::page::PageFault;
use crate::health::Lsn;
use crate::postgres::timeline::Timeline;

/// What is there instead of a whole record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Stop {
    /// No file.
    #[error("there is no segment {0}")]
    NoFile(Segment),
    /// A file that ends too early.
    #[error("the segment {segment} ends before the whole page of {at}")]
    ShortFile {
        /// The file.
        segment: Segment,
        /// The page.
        at: Lsn,
    },
    /// A page that is not the right one.
    #[error("the page of {at} in the segment {segment} is another one: {fault}")]
    Page {
        /// The file.
        segment: Segment,
        /// The page that was looked for.
        at: Lsn,
        /// Why it is not that one.
        #[source]
        fault: PageFault,
    },
    /// A position at which no record can begin.
    #[error("no record can begin at {0}")]
    NoBeginning(Lsn),
    /// Fewer bytes than a record has: zeros, mostly, where nothing was written yet.
    #[error("the record at {at} would have {found} bytes")]
    Length {
        /// Where it would begin.
        at: Lsn,
        /// What it says.
        found: u32,
    },
    /// It follows another record than the one before it.
    #[error("the record at {at} follows one at {found}, which is not the one before it")]
    Link {
        /// Where it would begin.
        at: Lsn,
        /// What it says.
        found: Lsn,
    },
    /// The next page has not the rest of it.
    #[error("the page of {page} has not the rest of the record at {at}")]
    NoRest {
        /// Where it begins.
        at: Lsn,
        /// Where its rest should be.
        page: Lsn,
    },
    /// Its bytes are not those that it was written with.
    #[error("the record at {0} has not the checksum of its bytes")]
    Checksum(Lsn),
    /// It lies on a timeline beyond the point where this history left it.
    #[error("the record at {at} is not of this history, which left timeline {timeline} before")]
    LeftBehind {
        /// Where it begins.
        at: Lsn,
        /// The timeline.
        timeline: Timeline,
    },
}

/// Why a walk does not go on.
#[derive(Debug)]
pub(super) enum Halt<E> {
    /// There is no more.
    Stop(Stop),
    /// Bytes could not be read.
    Source(E),
}

impl<E> From<Stop> for Halt<E> {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}
