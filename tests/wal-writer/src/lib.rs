//! Writes PostgreSQL's write-ahead log as bytes, for tests of what reads it. It does not use the library of
//! pgsql-state: the library's own unit tests use it, and a reader is held against another hand's writing.
//! Everything is in plain numbers.
//!
//! - [`layout`]: what all pages of a cluster have in common, and the names of files.
//! - [`stream`]: from records to the bytes of WAL, whatever file they are to lie in.
//! - [`files`]: a `pg_wal` in memory.
//! - [`writer`]: a server that writes a stream into its files.
#![expect(
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

pub mod files;
pub mod layout;
pub mod stream;
pub mod writer;

pub use files::Files;
pub use layout::Layout;
pub use stream::{Mark, Stream, Written};
pub use writer::Writer;
