//! The server, the cluster and the clock as the agent's code wants them, over the world. Each call takes simulated
//! time, in which everything else goes on. Knows no decision.
//!
//! - [`action_context`]: where an action runs, and how it waits.
//! - [`server`]: the server.
//! - [`server_control`], [`queries`], [`wal_reading`]: what is done to it, asked of it, and read of its WAL.
//! - [`cluster`]: the cluster.
//! - [`host`]: all of it, for one call.

pub(crate) mod action_context;
pub(crate) mod cluster;
pub(crate) mod host;
mod queries;
pub(crate) mod server;
mod server_control;
mod wal_reading;
