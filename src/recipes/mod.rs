//! What each action does, step by step, over a server and a cluster that are somebody else's to handle. Knows
//! no program, no file and no variable; what is decided is decided in [`agent`](crate::agent).
//!
//! - [`server`]: what is wanted of the local server.
//! - [`cluster`]: what is wanted of the cluster.
//! - [`deadline`]: until when an action has to have ended.
//! - [`ending`]: what it ends with.
//! - [`look`]: the server's state, awaited where it is about to change.
//! - [`start`], [`stop`], [`monitor`], [`demote`], [`promote`], [`notify`]: the actions.
//! - [`another`]: a server that is another resource's.
//! - [`scores`]: the promotion scores, as a primary hands them out.
//! - [`ends`]: how far primaries have been, written and read.
//! - [`publish`]: how far this node is, told to the others.
//! - [`vote`]: the others' words, and the election.
//! - [`fitness`]: whether the next primary has what this one has, before this one stops.

pub mod another;
pub mod cluster;
pub mod deadline;
pub mod demote;
pub mod ending;
mod ends;
mod fitness;
mod look;
pub mod monitor;
pub mod notify;
pub mod promote;
mod publish;
mod scores;
pub mod server;
pub mod start;
pub mod stop;
mod vote;

use crate::agent::clone::Size;
use crate::agent::node::Node;
use crate::agent::notification::Plan;
use crate::agent::scores::Attributes;
use crate::units::Bytes;

pub use cluster::{Cluster, ClusterError};
pub use deadline::Deadline;
pub use ending::Ending;
pub use server::{Force, Server, ServerError, Shutdown};

/// What every action is told.
#[derive(Clone, Debug)]
pub struct Context {
    /// The node that it runs on.
    pub local: Node,
    /// The names of the resource's attributes.
    pub attributes: Attributes,
    /// How far behind a standby may be that is promoted; none, and it may be as far as it likes.
    pub maxlag: Option<Bytes>,
    /// How many instances there may be.
    pub size: Size,
    /// What is planned beside it, as far as it was told.
    pub plan: Plan,
}

/// The two that an action works on, and until when.
#[derive(Debug)]
pub struct Hands<'a, S, C> {
    /// The local server.
    pub server: &'a mut S,
    /// The cluster.
    pub cluster: &'a mut C,
    /// Until when.
    pub deadline: Deadline,
}

#[cfg(test)]
mod tests;
