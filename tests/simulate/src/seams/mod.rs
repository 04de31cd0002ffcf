//! The server, the cluster and the clock as the agent's code wants them, over the world. Each call takes simulated
//! time, in which everything else goes on. Knows no decision.
//!
//! - [`seat`]: where an action runs, and how it waits.
//! - [`server`], [`asking`], [`handling`]: the server.
//! - [`cluster`]: the cluster.
//! - [`host`]: all of it, for one call.

mod asking;
pub(crate) mod cluster;
mod handling;
pub(crate) mod host;
pub(crate) mod seat;
pub(crate) mod server;
