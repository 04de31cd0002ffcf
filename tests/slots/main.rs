//! `pgsql-state keeper` with `[slots]`, beside real PostgreSQL servers and their daemons. A script stands in for Pacemaker, of
//! which only the name of the node is asked.
//!
//! - [`cluster`]: the servers, daemons and keepers.
//! - [`held`]: slots are made, advanced, left alone and dropped.
//! - [`seen`]: what plugins, metrics and doctor make of them.
//! - [`switched`]: what slots are good for when another server becomes the primary.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail by panicking"
)]

mod cluster;
mod held;
mod seen;
mod switched;
