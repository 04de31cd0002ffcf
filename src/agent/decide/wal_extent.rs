//! How far a server's WAL reaches, from its control file, its own report and the contents of its `pg_wal`. Opens no
//! file and no session; callers pass the contents.
//!
//! - [`measure`](mod@measure): how far it reaches.
//! - [`checkpoint`]: the last checkpoint before a position.
//! - [`promotion`]: when a timeline began.
//! - [`reach`]: how far it reaches beyond a known record, along one history.

pub mod checkpoint;
pub mod measure;
pub mod promotion;
pub mod reach;

pub use checkpoint::{CheckpointBefore, checkpoint_before};
pub use measure::{Doubt, Extent, Measured, StandbyWord};
pub use promotion::promoted_at;

#[cfg(test)]
mod tests;
