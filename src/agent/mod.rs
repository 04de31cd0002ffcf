//! The resource agent `pgsqlms`: what Pacemaker's actions on a PostgreSQL server rest on. Facts come as
//! bytes, rows and variables that somebody else has read, and are judged here; nothing here knows a clock,
//! a file, a socket or the environment.
//!
//! - [`node`](mod@node): a node of the cluster.
//! - [`timeline`]: which of its histories a server writes.
//! - [`position`]: how far a server's history goes.
//! - [`control`]: what a server has written of itself into its control file.
//! - [`wal`]: the write-ahead log.
//! - [`scores`]: how much each node is to be promoted.
//! - [`election`]: who is, at last.
//! - [`notification`]: what Pacemaker tells of a change.

mod bytes;
pub mod control;
pub mod election;
pub mod node;
pub mod notification;
pub mod position;
pub mod scores;
pub mod timeline;
pub mod wal;

pub use node::Node;
pub use position::Position;
pub use timeline::Timeline;
