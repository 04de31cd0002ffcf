//! `pgsql-state rejoin`: brings a node back as a standby, as it is, by `pg_rewind` or by a new copy, or says why not.
//!
//! - [`facts`]: what is known of the node and of the primary; pure.
//! - [`relation`]: where the WAL of one stands to that of the other; pure.
//! - [`plan`](mod@plan): which way is taken, and what is in the way of the others; pure.
//! - [`text`], [`document`](mod@document): a plan for people and for programs; pure.
//! - [`sources`]: where the primary may be, by a connection string; pure.
//! - [`error`]: why a return has not come to its end; pure.
//! - [`primary`]: finds the primary and asks it.
//! - `directory`: looks through the data directory.
//! - [`gather`](mod@gather): gathers the facts of both sides.
//! - `beside`: the directory beside the data directory, with the record of the phases.
//! - `keep`: copies there what is replaced, and puts it back.
//! - `programs`: runs PostgreSQL's programs.
//! - `phases`: what single phases do to files.
//! - [`executor`]: one phase after the other.

mod beside;
mod directory;
pub mod document;
pub mod error;
pub mod executor;
pub mod facts;
pub mod gather;
mod keep;
mod phases;
pub mod plan;
pub mod primary;
mod programs;
pub mod relation;
pub mod sources;
pub mod text;

pub use document::document;
pub use error::RejoinError;
pub use executor::{Executor, SaveWal, Watcher};
pub use gather::{RejoinGathered, ThisNode, gather};
pub use plan::plan;
