//! Reads the write-ahead log as bytes: how far the WAL on a disk reaches, and with which record it ends. Opens no file;
//! the caller passes the bytes.
//!
//! - [`geometry`]: the sizes of segments and pages, and the names of segments.
//! - [`history`]: the timelines that led to a timeline.
//! - [`format`](mod@format): what identifies the WAL of a cluster and version.
//! - [`page`]: the header of each page.
//! - [`record`]: a record, its checksum and its kind.
//! - [`source`]: brings pages from the segments of several timelines.
//! - [`directory`]: the interface of a `pg_wal`.
//! - [`stop`]: why a record could not be read.
//! - [`walk`]: reads record after record.
//! - [`arrival`]: finds the record before a position.
//! - [`survey`]: how far whole segments follow one another.
//! - [`end`]: the last whole record.

pub mod arrival;
pub mod directory;
pub mod end;
pub mod format;
pub mod geometry;
pub mod history;
pub mod page;
pub mod record;
pub mod source;
pub mod stop;
pub mod survey;
pub mod walk;

pub use arrival::Astray;
pub use directory::Directory;
pub use end::End;
pub use format::{Format, Magic};
pub use geometry::{Geometry, GeometryError, Segment};
pub use history::{History, HistoryError};
pub use page::PageFault;
pub use record::{Mark, Record, RecordKind};
pub use source::Segments;
pub use stop::Stop;
pub use survey::last_whole_segment;
pub use walk::Walk;

#[cfg(test)]
pub(crate) mod tests;
