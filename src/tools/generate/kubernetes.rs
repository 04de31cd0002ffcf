//! Kubernetes' objects: a service in front of servers outside of it, or the probes of servers inside; knows no
//! cluster.
//!
//! - [`Outside`], [`Inside`]: what each is made from.

mod inside;
mod outside;

pub use inside::{Inside, InsideError};
pub use outside::{Outside, OutsideError};
