//! Talks to the cluster manager; knows nothing of PostgreSQL and decides nothing.
//!
//! - [`quorum`]: what Pacemaker says of this node's quorum.

pub mod quorum;
