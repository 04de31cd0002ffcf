//! How far a server's WAL goes, from its control file, its own word and what its `pg_wal` holds. Knows no file and
//! no session; whoever does hands their content in.
//!
//! - [`measure`](mod@measure): how far it goes.
//! - [`promotion`]: when a timeline began.
//! - [`reach`]: how far it goes from what is known of it, along one history.

pub mod measure;
pub mod promotion;
pub mod reach;

pub use measure::{Doubt, Extent, Measured, StandbyWord};
pub use promotion::promoted_at;

#[cfg(test)]
mod tests;
