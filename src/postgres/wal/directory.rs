//! The interface of a `pg_wal`, whoever reads it.

use super::geometry::Segment;
use super::history::History;
use super::source::Segments;

/// A `pg_wal`, with segments and the histories of timelines.
pub trait Directory: Segments {
    /// Returns the size of a segment's file in bytes; `None` if there is no such file.
    fn length(&mut self, segment: Segment) -> Result<Option<u64>, Self::Error>;

    /// Returns the histories whose files can be parsed, in any order.
    fn histories(&mut self) -> Vec<History>;
}
