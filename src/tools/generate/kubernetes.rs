//! Generates Kubernetes objects: services for servers outside, or probes of servers inside; connects to no
//! cluster.
//!
//! - [`OutsidePlan`], [`InsidePlan`]: the inputs of each.

mod inside;
mod outside;

pub use inside::{InsideError, InsidePlan};
pub use outside::{OutsideError, OutsidePlan};
