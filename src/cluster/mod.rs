//! Talks to the cluster manager and to the daemons of other nodes; knows nothing of PostgreSQL and decides
//! nothing.
//!
//! - [`quorum`]: what Pacemaker says of this node's quorum.
//! - [`peers`]: what other nodes' daemons say of their servers.
//! - [`get`], `told`: one question to one of them, and what its answer means.

pub mod get;
pub mod peers;
pub mod quorum;
mod told;
