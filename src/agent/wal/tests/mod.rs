//! The walk over WAL that is written here, of every version's mark, with pages of 1 kB so that everything
//! crosses them. What servers write is walked in `tests/wal.rs`, for the versions that are installed.
//!
//! - [`writer`]: writes it.
//! - [`records`]: every record of it is found.
//! - [`timelines`]: where several timelines' files hold the same stretch.
//! - [`damage`]: nothing else is taken for a record.

mod damage;
mod records;
mod timelines;
pub(in crate::agent) mod writer;
