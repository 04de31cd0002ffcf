//! Writers and readers through a real HAProxy, to real servers that are restarted, promoted, frozen
//! and doubled.
//!
//! - [`front`]: HAProxy, the clients' plan, and waits.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail by panicking"
)]

mod commits;
mod front;
mod gaps;
mod primaries;
mod program;
mod reads;
mod rows;
