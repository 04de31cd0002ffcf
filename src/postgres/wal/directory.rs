//! What is wanted of a `pg_wal`, whoever reads it. Knows no record.

use super::geometry::Segment;
use super::history::History;
use super::source::Segments;

/// A `pg_wal`: segments, and the histories of timelines.
pub trait Directory: Segments {
    /// How many bytes the file of a segment has; none if there is no such file.
    fn length(&mut self, segment: Segment) -> Result<Option<u64>, Self::Error>;

    /// The histories that have a file which can be understood, in any order.
    fn histories(&mut self) -> Vec<History>;
}
