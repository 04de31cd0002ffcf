//! How far a server's WAL goes, from its control file, its own word and what its `pg_wal` holds. Knows no file and
//! no session; whoever does hands their content in.
//!
//! - [`directory`]: what is wanted of a `pg_wal`.
//! - [`measure`](mod@measure): how far it goes.

pub mod directory;
pub mod measure;

pub use directory::Directory;
pub use measure::{Extent, Measured, Word};

#[cfg(test)]
mod tests;
