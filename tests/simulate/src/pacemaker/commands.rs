//! What an operator's commands change. Knows nothing of what follows.

use std::sync::Arc;
use std::time::Duration;

use super::Pacemaker;
use super::cib::{Location, Settings};
use super::config::Node;
use super::history::History;
use super::input::{Command, Lifetime};
use super::output::Output;
use super::score::INFINITY;
use super::time::SimTime;

/// How long the coordinator waits after a change that others follow.
const LATER: Duration = Duration::from_secs(1);

impl Pacemaker {
    pub(super) fn operate(
        &mut self,
        on: Node,
        command: Command,
        now: SimTime,
        outputs: &mut Vec<Output>,
    ) {
        if let Command::StartCluster(node) = command {
            self.start(node, now);
            return;
        }
        if self.partition(on).is_none() {
            return;
        }
        match command {
            Command::Ban(node, role) => {
                self.configure(on, now, |settings| {
                    settings
                        .locations
                        .retain(|one| one.node != node || one.role != role || one.score > 0);
                    settings.locations.push(Location {
                        node,
                        role,
                        score: -INFINITY,
                    });
                });
            }
            Command::Move(node, role) => {
                self.configure(on, now, |settings| {
                    settings
                        .locations
                        .retain(|one| one.score < 0 && one.node != node);
                    settings.locations.push(Location {
                        node,
                        role,
                        score: INFINITY,
                    });
                });
            }
            Command::Clear => self.configure(on, now, |settings| settings.locations.clear()),
            Command::Standby(node) => self.standby(on, node, "on", now),
            Command::Unstandby(node) => self.standby(on, node, "off", now),
            Command::MaintenanceOn => {
                self.configure(on, now + LATER, |settings| settings.maintenance = true);
            }
            Command::MaintenanceOff => {
                self.configure(on, now + LATER, |settings| settings.maintenance = false);
            }
            Command::Unmanage => self.configure(on, now, |settings| settings.managed = false),
            Command::Manage => self.configure(on, now, |settings| settings.managed = true),
            Command::Disable => self.configure(on, now, |settings| settings.stopped = true),
            Command::Enable => self.configure(on, now, |settings| settings.stopped = false),
            Command::Refresh(node) => self.refresh(on, node, false, now, outputs),
            Command::Cleanup(node) => self.refresh(on, node, true, now, outputs),
            Command::Fail(node) => self.fail(on, node, now, outputs),
            Command::SetParameter(name, value) => {
                self.configure(on, now, |settings| {
                    Arc::make_mut(&mut settings.parameters).insert(name, value);
                    settings.version += 1;
                });
            }
            Command::StopCluster(node) => self.shut_down(on, node, now),
            Command::StartCluster(_) => {}
            Command::ConfirmOff(node) => self.confirm_off(on, node, now),
        }
    }

    pub(super) fn configure(&mut self, on: Node, at: SimTime, change: impl FnOnce(&mut Settings)) {
        if let Some(partition) = self.partition_mut(on) {
            change(partition.cib.configure());
            partition.abort(at);
        }
    }

    fn standby(&mut self, on: Node, node: Node, value: &str, now: SimTime) {
        let value = Some(value.to_owned());
        self.set(on, node, "standby", value, Lifetime::Permanent, now);
    }

    /// What is known of the resource is forgotten, where something has failed or everywhere.
    fn refresh(
        &mut self,
        on: Node,
        only: Option<Node>,
        failed: bool,
        now: SimTime,
        outputs: &mut Vec<Output>,
    ) {
        let Some(partition) = self.partition(on) else {
            return;
        };
        let chosen = |node: &Node| {
            only.is_none_or(|only| only == *node) && (!failed || partition.has_failures(*node))
        };
        let nodes: Vec<Node> = partition.members.iter().copied().filter(chosen).collect();
        for node in &nodes {
            self.with_executor(*node, now, outputs, |executor, around| {
                executor.forget(around);
            });
        }
        let Some(partition) = self.partition_mut(on) else {
            return;
        };
        for node in &nodes {
            if let Some(state) = partition.cib.node_mut(*node) {
                state.history = History::default();
                state.failures.clear();
            }
        }
        if !nodes.is_empty() {
            let later = if partition.cib.settings.maintenance {
                now
            } else {
                now + LATER
            };
            partition.abort(later);
        }
    }

    fn fail(&mut self, on: Node, node: Node, now: SimTime, outputs: &mut Vec<Output>) {
        if !self
            .partition(on)
            .is_some_and(|partition| partition.members.contains(&node))
        {
            return;
        }
        self.with_executor(node, now, outputs, |executor, around| {
            executor.fail(around.now);
        });
        let history = self
            .hosts
            .get(node.index())
            .map(|host| host.executor.history);
        if let Some(partition) = self.partition_mut(on) {
            if let (Some(state), Some(history)) = (partition.cib.node_mut(node), history) {
                state.history = history;
            }
            partition.fail(node, now);
        }
    }

    fn shut_down(&mut self, on: Node, node: Node, now: SimTime) {
        if let Some(partition) = self.partition_mut(on) {
            if !partition.members.contains(&node) {
                return;
            }
            if let Some(state) = partition.cib.node_mut(node) {
                state.shutdown = true;
            }
            partition.abort(now);
        }
    }

    fn confirm_off(&mut self, on: Node, node: Node, now: SimTime) {
        let Some(number) = self.hosts.get(on.index()).and_then(|host| host.partition) else {
            return;
        };
        let fencing = self
            .partitions
            .get(&number)
            .is_some_and(|partition| partition.fencing.contains(node));
        if fencing {
            self.fenced(node, true, now);
        } else {
            self.is_off(number, node, now);
            if let Some(partition) = self.partitions.get_mut(&number) {
                partition.abort(now);
            }
        }
    }
}
