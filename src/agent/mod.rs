//! The resource agent `pgsqlms`: what Pacemaker's actions on a PostgreSQL server rest on. Facts come as
//! bytes, rows and variables that somebody else has read, and are judged here; nothing here knows a clock,
//! a file, a socket or the environment.
//!
//! - [`parameters`]: what an administrator may set.
//! - [`actions`]: what Pacemaker may ask for.
//! - [`code`]: what it is answered with.
//! - [`clone`](mod@clone): what the resource has to be.
//! - [`metadata`](mod@metadata): how all of it is told to its tools.
//! - [`node`](mod@node): a node of the cluster.
//! - [`timeline`]: which of its histories a server writes.
//! - [`branch`]: what tells one from another of the same number.
//! - [`lineage`]: which timelines it came from.
//! - [`position`]: how far a server's history goes.
//! - [`primary_end`]: how far the cluster's primaries have been.
//! - [`primary_seen`]: how far standbys have seen one to be.
//! - [`sync_rule`]: which standbys a primary's commits have waited for.
//! - [`standing`]: whether a primary is the one that the cluster knows.
//! - [`control`]: what a server has written of itself into its control file.
//! - [`wal`]: the write-ahead log.
//! - [`extent`]: how far a server's goes.
//! - [`replay`]: whether it has replayed all of that.
//! - [`state`]: what the server is.
//! - [`decision`]: what an action does about it.
//! - [`scores`]: how much each node is to be promoted.
//! - [`election`]: who is, at last.
//! - [`notification`]: what Pacemaker tells of a change.
//! - [`explanation`]: all of it, for an operator.

pub mod actions;
pub mod branch;
mod bytes;
pub mod clone;
pub mod code;
pub mod control;
mod decimal;
pub mod decision;
pub mod election;
pub mod explanation;
pub mod extent;
pub mod lineage;
pub mod metadata;
pub mod node;
pub mod notification;
pub mod parameters;
pub mod position;
pub mod primary_end;
pub mod primary_seen;
pub mod replay;
pub mod scores;
pub mod standing;
pub mod state;
pub mod sync_rule;
pub mod timeline;
pub mod wal;

pub use node::Node;
pub use position::Position;
pub use timeline::Timeline;
