//! Reads PostgreSQL's control file, `global/pg_control`, the state that a server last wrote about itself. It is read
//! as bytes, so that no program of the server is needed and no human language matters. Opens no file.
//!
//! - [`state`]: what the server was doing.
//! - [`layout`]: the offsets of the fields in each version.
//! - [`read`](mod@read): from bytes to facts.

#[cfg(test)]
pub(crate) mod example;
pub mod layout;
pub mod read;
pub mod state;

pub use read::{Checkpoint, Control, ControlError, HintBits, WalLevel, read};
pub use state::ClusterState;
