//! What each action does, step by step, over a server and a cluster that other modules handle. Knows
//! no program, file or variable; all decisions are in [`decide`](crate::agent::decide).
//!
//! - [`server`]: the interface to the local server.
//! - [`cluster`]: the interface to the cluster.
//! - [`outcome`]: the result of an action.
//! - [`observe`]: the server's state, awaited where it is about to change.
//! - [`start`], [`stop`], [`monitor`], [`demote`], [`promote`], [`notify`]: the actions.
//! - [`proceed`]: what a promotion does after its election; [`refusal`]: what it leaves behind if it does not promote.
//! - [`other_resource`]: a server that belongs to another resource.
//! - [`scores`]: sets the promotion scores.
//! - [`primary_ends`]: records where the WAL of primaries ended.
//! - [`sync_rules`]: records which standbys commits wait for.
//! - [`stopping_soon`]: has a primary write a checkpoint before it is demoted.
//! - [`supersede`]: deletes what is recorded of promotions that a new one replaces.
//! - [`primary_record`]: what a primary's files tell of it.
//! - [`copied_from`]: records what a server was copied from.
//! - [`node_records`]: reads what nodes have recorded.
//! - [`primary`]: what a running primary publishes in the cluster.
//! - [`publish`]: publishes this node's position.
//! - [`election`]: collects the other nodes' positions, and holds the election.
//! - [`upstream`]: whether the primary that a standby had its WAL from still runs.
//! - [`membership`]: which nodes are absent when a server is to be promoted, and what follows from that.
//! - [`unknown`]: primaries that the cluster does not know of.
//! - [`fitness`]: whether the next primary has all WAL of this one, before this one stops.

pub mod cluster;
mod copied_from;
pub mod demote;
mod election;
mod fitness;
mod membership;
pub mod monitor;
mod node_records;
pub mod notify;
mod observe;
pub mod other_resource;
pub mod outcome;
mod primary;
mod primary_ends;
mod primary_record;
mod proceed;
pub mod promote;
mod publish;
mod refusal;
mod scores;
pub mod server;
pub mod start;
pub mod stop;
mod stopping_soon;
mod supersede;
mod sync_rules;
mod unknown;
mod upstream;

use std::fmt;
use std::time::Duration;

use crate::agent::decide::scores::Attributes;
use crate::agent::ocf::clone::{Size, TakenFor};
use crate::agent::ocf::node::Node;
use crate::agent::ocf::notification::TransitionPlan;
use crate::base::units::Bytes;
use crate::base::{Clock, Deadline};

pub use cluster::{Cluster, ClusterError};
pub use outcome::ActionOutcome;
pub use server::{Force, Server, ServerError, Shutdown};

/// What every action knows.
#[derive(Clone, Debug)]
pub struct Context {
    /// The node on which it runs.
    pub local: Node,
    /// The names of the resource's attributes.
    pub attributes: Attributes,
    /// How far behind a standby may be and still be promoted; `None` means any distance.
    pub maxlag: Option<Bytes>,
    /// How many instances there may be.
    pub size: Size,
    /// The role that the cluster believes the instance to have.
    pub taken_for: TakenFor,
    /// The transition that the action is part of, as far as Pacemaker has passed it.
    pub plan: TransitionPlan,
}

/// What an action works on, and its deadline.
pub struct Seams<'a, S, C> {
    /// The local server.
    pub server: &'a mut S,
    /// The cluster.
    pub cluster: &'a mut C,
    /// The clock that measures the deadline.
    pub clock: &'a mut dyn Clock,
    /// The action's deadline.
    pub deadline: Deadline,
}

impl<S: fmt::Debug, C: fmt::Debug> fmt::Debug for Seams<'_, S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seams")
            .field("server", &self.server)
            .field("cluster", &self.cluster)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

impl<S, C> Seams<'_, S, C> {
    /// Returns how much time the action has left.
    fn left(&self) -> Duration {
        self.left_until(self.deadline)
    }

    /// Returns how much time is left until a moment.
    fn left_until(&self, deadline: Deadline) -> Duration {
        deadline.left_at(self.clock.now())
    }

    /// Returns the action's deadline, or an earlier moment after this much time.
    fn within(&self, time: Duration) -> Deadline {
        self.deadline.min(Deadline::at(self.clock.now() + time))
    }

    /// Returns the moment at which this much time is left until the action's deadline.
    fn leaving(&self, time: Duration) -> Deadline {
        self.within(self.left().saturating_sub(time))
    }

    /// Returns the deadline for exchanges with the cluster that are not the purpose of the action.
    fn part_for_the_cluster(&self) -> Deadline {
        self.within(self.left() / 3)
    }

    /// Returns the same seams with another deadline.
    fn until(&mut self, deadline: Deadline) -> Seams<'_, S, C> {
        Seams {
            server: &mut *self.server,
            cluster: &mut *self.cluster,
            clock: &mut *self.clock,
            deadline,
        }
    }

    /// Returns whether a moment has passed.
    fn has_passed(&self, deadline: Deadline) -> bool {
        self.left_until(deadline).is_zero()
    }

    /// Waits this long, but not beyond a moment.
    fn pause(&mut self, time: Duration, until: Deadline) {
        let time = time.min(self.left_until(until));
        self.clock.pause(time);
    }
}

#[cfg(test)]
mod tests;
