//! The write-ahead log as bytes: how far what lies on a disk goes, and what it ends with. Knows no file;
//! whoever does hands its bytes in.
//!
//! - [`geometry`]: the sizes of segments and pages, and which file holds what.
//! - [`history`]: the timelines that led to one.
//! - [`format`](mod@format): what tells the WAL of a cluster from anything else.
//! - [`page`]: what stands at the beginning of each page.
//! - [`record`]: what a record says of itself.
//! - [`source`]: where bytes come from, page by page.
//! - [`directory`]: where they come from, and which timelines are known there.
//! - [`stop`]: why a record could not be read.
//! - [`walk`]: from record to record.
//! - [`arrival`]: from a position to the record before it.
//! - [`survey`]: how far whole segments follow one another.
//! - [`end`]: the last of them.

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
