//! Kubernetes' objects: a service in front of servers outside of it, or the probes of servers inside; knows no
//! cluster.
//!
//! - [`OutsidePlan`], [`InsidePlan`]: what each is made from.

mod inside;
mod outside;

pub use inside::{InsideError, InsidePlan};
pub use outside::{OutsideError, OutsidePlan};
