//! Untrusted clients against a contender, while a load balancer asks: what it notices, and what it costs.
//!
//! - [`arena`]: a network namespace with as many addresses as an attacker may have.
//! - [`attack`]: what untrusted clients do.
//! - [`untrusted`]: one connection of theirs.
//! - [`liar`]: those whom the daemon asks, and who lie.
//! - [`balancer`]: a real HAProxy, and a client beside it that measures.
//! - [`kernel`]: connections that found the queue full.
//! - [`table`]: what came of it.

mod arena;
mod attack;
mod balancer;
mod kernel;
mod liar;
mod run;
mod table;
mod untrusted;

pub(crate) use arena::{enter, furnish};
pub(crate) use run::{Flood, run};
