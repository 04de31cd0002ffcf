//! Why a record could not be read. One of these reasons applies at the end of all WAL, and none of them is a
//! failure. Opens no file.

use thiserror::Error;

use super::geometry::Segment;
use super::page::PageFault;
use crate::health::Lsn;
use crate::postgres::timeline::Timeline;

/// What was found instead of a whole record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Stop {
    /// The file does not exist.
    #[error("there is no segment {0}")]
    NoFile(Segment),
    /// The file ends too early.
    #[error("the segment {segment} ends before the end of the page at {at}")]
    ShortFile {
        /// The file.
        segment: Segment,
        /// The page.
        at: Lsn,
    },
    /// The page is not the right one.
    #[error("the segment {segment} has another page at {at}: {fault}")]
    Page {
        /// The file.
        segment: Segment,
        /// The page that was looked for.
        at: Lsn,
        /// Why it is not that one.
        #[source]
        fault: PageFault,
    },
    /// No record can begin at the position.
    #[error("no record can begin at {0}")]
    NoBeginning(Lsn),
    /// The length is less than that of any record: usually zero, where nothing was written yet.
    #[error("the record at {at} would have {found} bytes")]
    Length {
        /// Where the record would begin.
        at: Lsn,
        /// The length in its header.
        found: u32,
    },
    /// The record's link is not to the record before it.
    #[error("the record at {at} follows one at {found}, which is not the one before it")]
    Link {
        /// Where the record would begin.
        at: Lsn,
        /// The position in its link.
        found: Lsn,
    },
    /// The next page does not have the rest of the record.
    #[error("the page at {page} does not have the rest of the record at {at}")]
    NoRest {
        /// Where it begins.
        at: Lsn,
        /// Where its rest should be.
        page: Lsn,
    },
    /// The record's bytes do not match its checksum.
    #[error("the record at {0} has a wrong checksum")]
    Checksum(Lsn),
    /// The record lies beyond the point at which this history left its timeline.
    #[error(
        "the record at {at} does not belong to this history, which left timeline {timeline} before it"
    )]
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
    /// There is no further record.
    Stop(Stop),
    /// Bytes could not be read.
    Source(E),
}

impl<E> From<Stop> for Halt<E> {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}
