//! What a server is, what an action does about it, and which node may be promoted. Callers pass facts as bytes, rows
//! and variables; nothing here reads a clock, a file, a socket or the environment.
//!
//! - [`state`]: what the server is.
//! - [`decision`]: what an action does about it.
//! - [`lineage`]: the timelines in a server's history.
//! - [`wal_extent`]: how far a server's WAL reaches.
//! - [`report`]: whether a position that a node has published is a current one.
//! - [`replay`]: whether a server has replayed all of its WAL.
//! - [`promotion_point`]: whether a promoted server has all that it was elected for.
//! - [`primary_end`]: where the WAL of the cluster's primaries ended.
//! - [`primary_seen`]: how far standbys have seen a primary's WAL reach.
//! - [`sync_rule`]: which standbys a primary's commits waited for.
//! - [`known_primary`]: whether a primary is the one that the cluster knows.
//! - [`rejoin_record`]: what a return of the node that is under way has written down.
//! - [`scores`]: the promotion score of each node.
//! - [`election`]: which node is promoted, and why the others are not.
//! - [`explanation`]: the report of all of this for an operator.

pub mod decision;
pub mod election;
pub mod explanation;
pub mod known_primary;
pub mod lineage;
pub mod primary_end;
pub mod primary_seen;
pub mod promotion_point;
pub mod rejoin_record;
pub mod replay;
pub mod report;
pub mod scores;
pub mod state;
pub mod sync_rule;
pub mod wal_extent;
