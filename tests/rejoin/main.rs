//! `pgsql-state rejoin` on real servers: every row of its table of decisions.
//!
//! - [`cluster`]: under Pacemaker.
//! - [`pair`]: a former primary and the server that was promoted in its place.
//! - [`plans`]: which way is taken, and why not the others.
//! - [`returns`]: a node comes back.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

mod cluster;
mod pair;
mod plans;
mod returns;
