//! What each action does, step by step, over a server and a cluster that are somebody else's to handle. Knows
//! no program, no file and no variable; what is decided is decided in [`decide`](crate::agent::decide).
//!
//! - [`server`]: what is wanted of the local server.
//! - [`cluster`]: what is wanted of the cluster.
//! - [`ending`]: what it ends with.
//! - [`look`]: the server's state, awaited where it is about to change.
//! - [`start`], [`stop`], [`monitor`], [`demote`], [`promote`], [`notify`]: the actions.
//! - [`another`]: a server that is another resource's.
//! - [`scores`]: the promotion scores, as a primary hands them out.
//! - [`ends`]: how far primaries have been, written and read.
//! - [`copy`]: what a server was copied from.
//! - [`memory`]: what nodes remember of them.
//! - [`primary`]: what a primary that runs tells the cluster.
//! - [`publish`]: how far this node is, told to the others.
//! - [`vote`]: the others' words, and the election.
//! - [`upstream`]: whether the primary before still runs that a standby has had its WAL from.
//! - [`unknown`]: primaries that run beside the cluster.
//! - [`fitness`]: whether the next primary has what this one has, before this one stops.

pub mod another;
pub mod cluster;
mod copy;
pub mod demote;
pub mod ending;
mod ends;
mod fitness;
mod look;
mod memory;
pub mod monitor;
pub mod notify;
mod primary;
pub mod promote;
mod publish;
mod scores;
pub mod server;
pub mod start;
pub mod stop;
mod unknown;
mod upstream;
mod vote;

use std::fmt;
use std::time::Duration;

use crate::agent::decide::scores::Attributes;
use crate::agent::ocf::clone::{Size, TakenFor};
use crate::agent::ocf::node::Node;
use crate::agent::ocf::notification::TransitionPlan;
use crate::base::units::Bytes;
use crate::base::{Clock, Deadline};

pub use cluster::{Cluster, ClusterError};
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
    /// What the cluster takes the instance for.
    pub taken_for: TakenFor,
    /// What is planned beside it, as far as it was told.
    pub plan: TransitionPlan,
}

/// What an action works on, and until when.
pub struct Seams<'a, S, C> {
    /// The local server.
    pub server: &'a mut S,
    /// The cluster.
    pub cluster: &'a mut C,
    /// The clock that the deadline is measured by.
    pub clock: &'a mut dyn Clock,
    /// Until when.
    pub deadline: Deadline,
}

impl<S: fmt::Debug, C: fmt::Debug> fmt::Debug for Seams<'_, S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hands")
            .field("server", &self.server)
            .field("cluster", &self.cluster)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

impl<S, C> Seams<'_, S, C> {
    /// How much time the action has left.
    fn left(&self) -> Duration {
        self.left_until(self.deadline)
    }

    /// How much time is left until a moment.
    fn left_until(&self, deadline: Deadline) -> Duration {
        deadline.left_at(self.clock.now())
    }

    /// The action's deadline, or an earlier moment after so much time.
    fn within(&self, time: Duration) -> Deadline {
        self.deadline.min(Deadline::at(self.clock.now() + time))
    }

    /// The moment at which so much time is left until the action's deadline.
    fn leaving(&self, time: Duration) -> Deadline {
        self.within(self.left().saturating_sub(time))
    }

    /// Until when the cluster may be waited for that is only told or asked something beside what an action is for.
    fn part_for_the_cluster(&self) -> Deadline {
        self.within(self.left() / 3)
    }

    /// The same until another moment.
    fn until(&mut self, deadline: Deadline) -> Seams<'_, S, C> {
        Seams {
            server: &mut *self.server,
            cluster: &mut *self.cluster,
            clock: &mut *self.clock,
            deadline,
        }
    }

    /// Whether a moment has passed.
    fn has_passed(&self, deadline: Deadline) -> bool {
        self.left_until(deadline).is_zero()
    }

    /// Waits so long, and not beyond a moment.
    fn pause(&mut self, time: Duration, until: Deadline) {
        let time = time.min(self.left_until(until));
        self.clock.pause(time);
    }
}

#[cfg(test)]
mod tests;
