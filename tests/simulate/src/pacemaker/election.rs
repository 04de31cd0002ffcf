//! Who coordinates a partition, and how its members join (`daemons/controld/controld_election.c`,
//! `controld_join_dc.c`). Knows nothing of what is decided.

use std::time::Duration;

use super::Pacemaker;
use super::cib::Join;
use super::config::Node;
use super::membership::{ELECTION, JOINING};
use super::output::Output;
use super::partition::Controller;
use super::time::SimTime;

/// How long the coordinator waits after that where somebody is new, for what he will say.
const AFTER_JOIN: Duration = Duration::from_secs(1);

impl Pacemaker {
    /// Somebody has been elected.
    pub(super) fn elect(&mut self, number: u64, now: SimTime) {
        let Some(partition) = self.partitions.get_mut(&number) else {
            return;
        };
        // All members have to vote; one that is not heard any more has to leave the membership first.
        if !self.corosync.hear_one_another(partition.set()) {
            partition.election = Some(now + ELECTION);
            return;
        }
        partition.election = None;
        // The one whose processes have run longest, in the end the first by name.
        let hosts = &self.hosts;
        let oldest = |node: &Node| {
            let started = hosts.get(node.index()).map(|host| host.started);
            (started, *node)
        };
        partition.coordinator = partition.members.iter().copied().min_by_key(oldest);
        for node in partition.set().iter() {
            if let Some(state) = partition.cib.node_mut(node) {
                state.join = Join::Pending;
            }
        }
        partition.joining = Some(now + JOINING);
    }

    /// All members have joined: the coordinator knows what they have done.
    pub(super) fn joined(&mut self, number: u64, now: SimTime) {
        let Some(partition) = self.partitions.get_mut(&number) else {
            return;
        };
        if partition.coordinator.is_none() {
            // The election comes first.
            partition.joining = None;
            return;
        }
        if !self.corosync.hear_one_another(partition.set()) {
            partition.joining = Some(now + JOINING);
            return;
        }
        partition.joining = None;
        let mut later = Duration::ZERO;
        for node in partition.set().iter() {
            let Some(host) = self.hosts.get(node.index()) else {
                continue;
            };
            partition.cib.see(node);
            if let Some(state) = partition.cib.node_mut(node) {
                if state.join != Join::Member {
                    state.history = host.executor.history;
                }
                if !state.expected {
                    later = AFTER_JOIN;
                }
                state.in_ccm = true;
                state.controller = true;
                state.join = Join::Member;
                state.expected = true;
            }
        }
        partition.abort(now + later);
    }

    /// The coordinator of a node's partition dies.
    pub(super) fn kill_controller(&mut self, node: Node, now: SimTime, outputs: &mut Vec<Output>) {
        let Some(victim) = self
            .partition(node)
            .and_then(|partition| partition.coordinator)
        else {
            return;
        };
        self.with_executor(victim, now, outputs, |executor, around| {
            executor.lose_controller(around);
        });
        if let Some(host) = self.hosts.get_mut(victim.index()) {
            host.started = now;
        }
        if let Some(partition) = self.partition_mut(victim) {
            partition.coordinator = None;
            partition.controller = Controller::default();
            partition.election = Some(now + ELECTION);
            partition.abort(now);
        }
    }
}
