//! What a server is, what an action does about it, and who may be promoted. Facts come as bytes, rows and variables that
//! somebody else has read; nothing here knows a clock, a file, a socket or the environment.
//!
//! - [`state`]: what the server is.
//! - [`decision`]: what an action does about it.
//! - [`lineage`]: the timelines that a server came from.
//! - [`extent`]: how far a server's WAL goes.
//! - [`replay`]: whether it has replayed all of that.
//! - [`primary_end`]: how far the cluster's primaries have been.
//! - [`primary_seen`]: how far standbys have seen one to be.
//! - [`sync_rule`]: which standbys a primary's commits have waited for.
//! - [`standing`]: whether a primary is the one that the cluster knows.
//! - [`scores`]: the promotion score of each node.
//! - [`election`]: which node is promoted, and why no other one.
//! - [`explanation`]: all of it, for an operator.

pub mod decision;
pub mod election;
pub mod explanation;
pub mod extent;
pub mod lineage;
pub mod primary_end;
pub mod primary_seen;
pub mod replay;
pub mod scores;
pub mod standing;
pub mod state;
pub mod sync_rule;
