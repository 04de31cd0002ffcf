//! Clients as applications are: each connects, asks, and comes back when it was cut off.
//!
//! - [`session`]: one connection, its deadlines, and why it ended.
//! - [`statements`]: what is asked.
//! - [`visit`]: coming and going, at a pace.
//! - [`writer`], [`reader`]: what each does with a session.
//! - [`primary`]: the wait for a primary, before and after a run.

pub(crate) mod primary;
pub(crate) mod reader;
mod session;
pub(crate) mod statements;
pub(crate) mod visit;
pub(crate) mod writer;

pub(crate) use session::{Door, Session};
