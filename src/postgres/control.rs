//! PostgreSQL's control file, `global/pg_control`: what a server has last written of itself, read as
//! bytes, so that it is known without a program of the server's and in no human language. Knows no file.
//!
//! - [`state`]: what the server was doing.
//! - [`layout`]: where things stand in the files of each version.
//! - [`read`](mod@read): from bytes to facts.

#[cfg(test)]
pub(crate) mod example;
pub mod layout;
pub mod read;
pub mod state;

pub use read::{Checkpoint, Control, ControlError, WalLevel, read};
pub use state::ClusterState;
