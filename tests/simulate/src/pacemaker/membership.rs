//! Nodes that come and go: how partitions are formed, who coordinates them, and how a node joins
//! (`daemons/controld/controld_membership.c`, `controld_election.c`, `controld_join_dc.c`). Knows nothing of what is decided.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Pacemaker;
use super::cib::{Cib, Join};
use super::config::Node;
use super::executor::Executor;
use super::nodes::{NodeSet, in_hash_order};
use super::output::Output;
use super::partition::{Controller, Partition};
use super::scheduler::Quorum;
use super::time::SimTime;

/// `dc-deadtime`: how long nodes that start wait for a coordinator.
const DEAD_TIME: Duration = Duration::from_secs(20);
/// How long an election takes.
pub(super) const ELECTION: Duration = Duration::from_millis(500);
/// How long it takes to join.
pub(super) const JOINING: Duration = Duration::from_millis(200);
impl Pacemaker {
    /// Corosync and Pacemaker are started on a node.
    pub(super) fn start(&mut self, node: Node, now: SimTime) {
        if self.corosync.is_up(node) {
            return;
        }
        if let Some(host) = self.hosts.get_mut(node.index()) {
            host.started = now;
            host.partition = None;
        }
        self.corosync.start(node, &self.config, now);
    }

    /// A host has lost its power.
    pub(super) fn vanish(&mut self, node: Node, now: SimTime) {
        self.detach(node);
        if let Some(host) = self.hosts.get_mut(node.index()) {
            host.executor.vanish();
        }
        self.corosync.vanish(node, &self.config, now);
    }

    /// Pacemaker and Corosync are stopped on a node.
    pub(super) fn leave(&mut self, node: Node, now: SimTime, outputs: &mut Vec<Output>) {
        self.with_executor(node, now, outputs, Executor::stop);
        let number = self.hosts.get(node.index()).and_then(|host| host.partition);
        self.detach(node);
        self.corosync.leave(node, &self.config, now);
        let Some(partition) = number.and_then(|number| self.partitions.get_mut(&number)) else {
            return;
        };
        partition.is_off(node);
        let left: NodeSet = [node].into_iter().collect();
        let transition = partition.controller.transition.as_mut();
        if transition.is_some_and(|transition| transition.lose(left)) {
            partition.abort(now);
        }
        let had_quorum = partition.quorum.now;
        partition.count(self.corosync.quorate(&self.config, partition.set()));
        // Whatever else the others do, they decide anew (`crm_update_quorum` in `daemons/controld/controld_utils.c`).
        if had_quorum && !partition.quorum.now {
            partition.abort(now);
        }
        if partition.coordinator == Some(node) {
            partition.coordinator = None;
            partition.controller = Controller::default();
            partition.election = Some(now + ELECTION);
        }
    }

    /// The node is in no partition any more; its disk keeps the configuration.
    fn detach(&mut self, node: Node) {
        let Some(host) = self.hosts.get_mut(node.index()) else {
            return;
        };
        let Some(number) = host.partition.take() else {
            return;
        };
        if let Some(partition) = self.partitions.get(&number) {
            host.disk = Arc::clone(&partition.cib.settings);
        }
        // Those that nobody is in any more are forgotten.
        if self.hosts.iter().all(|host| host.partition != Some(number)) {
            self.partitions.remove(&number);
        }
    }

    /// A membership is formed.
    pub(super) fn form(&mut self, members: NodeSet, now: SimTime) {
        let before: BTreeMap<Node, Option<u64>> = members
            .iter()
            .map(|node| {
                (
                    node,
                    self.hosts.get(node.index()).and_then(|host| host.partition),
                )
            })
            .collect();
        let base = self.base(members, &before);
        let mut partition = base
            .and_then(|number| self.partitions.get(&number).cloned())
            .unwrap_or_else(|| self.fresh(members));
        self.adopt(&mut partition, base, &before);
        let was = base.map_or_else(NodeSet::default, |_| partition.set());
        let coordinators: NodeSet = before
            .values()
            .filter_map(|number| self.partitions.get(&(*number)?)?.coordinator)
            .filter(|node| members.contains(*node))
            .collect();

        let mut lost = NodeSet::default();
        for node in was.iter() {
            if !members.contains(node) {
                partition.lose(node);
                lost.insert(node);
            } else if before.get(&node).copied().flatten() != base {
                lost.insert(node);
            }
        }
        if let Some(transition) = &mut partition.controller.transition {
            transition.lose(lost);
        }
        for node in in_hash_order(&self.config) {
            let stays = base.is_some() && before.get(&node).copied().flatten() == base;
            if stays || !members.contains(node) {
                continue;
            }
            partition.members.insert(node);
            partition.cib.see(node);
            if let Some(state) = partition.cib.node_mut(node) {
                state.in_ccm = true;
                state.join = Join::Pending;
                state.controller = true;
            }
            partition.joining = Some(now + JOINING);
        }
        partition.count(self.corosync.quorate(&self.config, members));
        let stays = partition
            .coordinator
            .is_some_and(|node| members.contains(node) && coordinators.len() == 1);
        if !stays {
            partition.coordinator = None;
            partition.controller = Controller::default();
            let started = members
                .iter()
                .filter_map(|node| self.hosts.get(node.index()));
            let started = started.map(|host| host.started).min().unwrap_or(now);
            let fresh = before.values().all(Option::is_none);
            let at = if fresh {
                (started + DEAD_TIME).max(now)
            } else {
                now
            };
            partition.election = Some(at + ELECTION);
        }
        partition.abort(now);

        self.numbers += 1;
        let number = self.numbers;
        for node in members.iter() {
            if let Some(host) = self.hosts.get_mut(node.index()) {
                host.partition = Some(number);
            }
        }
        self.partitions.insert(number, partition);
        let hosts = &self.hosts;
        self.partitions
            .retain(|number, _| hosts.iter().any(|host| host.partition == Some(*number)));
    }

    /// The partition that goes on: the one with a coordinator, of several the largest.
    fn base(&self, members: NodeSet, before: &BTreeMap<Node, Option<u64>>) -> Option<u64> {
        let mut best: Option<(bool, usize, u64)> = None;
        for number in before.values().flatten() {
            let Some(partition) = self.partitions.get(number) else {
                continue;
            };
            let coordinated = partition
                .coordinator
                .is_some_and(|node| members.contains(node));
            let size = partition.set().and(members).len();
            if best.is_none_or(|best| (coordinated, size) > (best.0, best.1)) {
                best = Some((coordinated, size, *number));
            }
        }
        best.map(|(_, _, number)| number)
    }

    fn fresh(&self, members: NodeSet) -> Partition {
        let disks = members
            .iter()
            .filter_map(|node| self.hosts.get(node.index()));
        let newest = disks
            .map(|host| &host.disk)
            .max_by_key(|disk| disk.generation());
        let settings = newest.map_or_else(
            || Arc::new(super::cib::Settings::new(&self.config)),
            Arc::clone,
        );
        Partition {
            members: std::collections::BTreeSet::new(),
            cib: Cib::new(settings, self.config.nodes.len()),
            private: BTreeMap::new(),
            quorum: Quorum::default(),
            coordinator: None,
            election: None,
            joining: None,
            fencing: NodeSet::default(),
            controller: Controller::default(),
        }
    }

    /// Takes over what those that come know better: the newest configuration, and their own attributes.
    fn adopt(
        &self,
        partition: &mut Partition,
        base: Option<u64>,
        before: &BTreeMap<Node, Option<u64>>,
    ) {
        for (node, number) in before {
            if *number == base && base.is_some() {
                continue;
            }
            let other = number.and_then(|number| self.partitions.get(&number));
            let settings = match (other, self.hosts.get(node.index())) {
                (Some(other), _) => &other.cib.settings,
                (None, Some(host)) => &host.disk,
                (None, None) => continue,
            };
            if settings.generation() > partition.cib.settings.generation() {
                partition.cib.settings = Arc::clone(settings);
            }
            let Some(other) = other else {
                // What it had before it was started again is forgotten.
                if let Some(state) = partition.cib.node_mut(*node) {
                    state.forget_transient();
                }
                partition.private.remove(node);
                continue;
            };
            if let (Some(theirs), Some(ours)) =
                (other.cib.node(*node), partition.cib.node_mut(*node))
            {
                ours.transient.clone_from(&theirs.transient);
                ours.failures.clone_from(&theirs.failures);
                ours.shutdown = theirs.shutdown;
            }
            if let Some(private) = other.private.get(node) {
                let ours = partition.private.entry(*node).or_default();
                ours.extend(private.clone());
            }
        }
    }
}
