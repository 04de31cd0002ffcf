//! The nodes that count one another as members, and what they know together. Knows nothing of what is done with it.

use std::collections::{BTreeMap, BTreeSet};

use super::cib::{Cib, Join};
use super::config::Node;
use super::nodes::NodeSet;
use super::scheduler::Quorum;
use super::time::SimTime;
use super::transition::Transition;

/// The controller that coordinates.
#[derive(Clone, Debug, Default)]
pub(super) struct Controller {
    pub(super) transition: Option<Transition>,
    /// When it decides what is to be done.
    pub(super) due: Option<SimTime>,
    /// When it decides although nothing has happened.
    pub(super) recheck: Option<SimTime>,
    /// How often fencing a node has failed.
    pub(super) failures: BTreeMap<Node, u32>,
}

#[derive(Clone, Debug)]
pub(super) struct Partition {
    pub(super) members: BTreeSet<Node>,
    pub(super) cib: Cib,
    /// Attributes that are never in the CIB.
    pub(super) private: BTreeMap<Node, BTreeMap<String, String>>,
    pub(super) quorum: Quorum,
    pub(super) coordinator: Option<Node>,
    /// When a coordinator will have been elected.
    pub(super) election: Option<SimTime>,
    /// When those that join will have joined.
    pub(super) joining: Option<SimTime>,
    /// Which nodes it is having fenced.
    pub(super) fencing: NodeSet,
    pub(super) controller: Controller,
}

impl Partition {
    pub(super) fn set(&self) -> NodeSet {
        self.members.iter().copied().collect()
    }

    /// Whether there are enough members now.
    pub(super) fn count(&mut self, quorate: bool) {
        self.quorum.now = quorate;
        self.quorum.ever |= quorate;
    }

    /// Something has happened that the transition does not know of; what is to be done is decided anew, after so long
    /// if nothing is being done.
    pub(super) fn abort(&mut self, at: SimTime) {
        if let Some(transition) = &mut self.controller.transition {
            transition.aborted = true;
        }
        self.controller.due = Some(at);
    }

    /// A node is no member any more.
    pub(super) fn lose(&mut self, node: Node) {
        self.members.remove(&node);
        self.private.remove(&node);
        // Only a coordinator writes down that a node was there (`peer_update_callback` in
        // `daemons/controld/controld_callbacks.c`).
        let had_coordinator = self.cib.status.iter().any(|state| state.expected);
        if let Some(state) = self.cib.node_mut(node) {
            state.seen &= had_coordinator;
            state.in_ccm = false;
            state.controller = false;
            state.join = Join::Down;
            state.forget_transient();
        }
    }

    /// A node is certain to be off: nothing runs there.
    pub(super) fn is_off(&mut self, node: Node) {
        self.lose(node);
        self.cib.see(node);
        if let Some(state) = self.cib.node_mut(node) {
            state.expected = false;
            state.history = super::history::History::default();
        }
    }

    /// When it wants to be woken, if a message can go round among its members or not.
    pub(super) fn next(&self, is_ring_whole: bool) -> Option<SimTime> {
        if !is_ring_whole {
            return self.election.into_iter().chain(self.joining).min();
        }
        let busy = self.controller.transition.is_some();
        let due = self.controller.due.filter(|_| !busy && self.decides());
        let recheck = self.controller.recheck.filter(|_| !busy && self.decides());
        [self.election, self.joining, due, recheck]
            .into_iter()
            .flatten()
            .min()
    }

    /// Whether somebody is there who decides.
    pub(super) fn decides(&self) -> bool {
        self.coordinator.is_some() && self.election.is_none() && self.joining.is_none()
    }

    /// Whether nothing is being done and nothing is left to do.
    pub(super) fn is_idle(&self) -> bool {
        self.decides() && self.controller.transition.is_none() && self.controller.due.is_none()
    }
}
