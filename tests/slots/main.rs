//! `pgsql-state keeper` with `[slots]`, beside real PostgreSQL servers and their daemons. A script stands in for Pacemaker, of
//! which only the name of the node is asked.
//!
//! - [`cluster`]: servers with their daemons and keepers.
//! - [`held`]: slots are made, advanced, left alone and dropped.
//! - [`liar`]: another user on the daemon's port is not believed.
//! - [`seen`]: what plugins, metrics and doctor make of them.
//! - [`servers`]: the servers alone.
//! - [`switched`]: what slots are good for when another server becomes the primary.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail by panicking"
)]

mod cluster;
mod held;
mod liar;
mod seen;
mod servers;
mod switched;
