//! What the coordinator makes of how things have ended (`daemons/controld/controld_te_events.c`, `controld_fencing.c`). Knows
//! nothing of what is done next.

use super::Pacemaker;
use super::config::Node;
use super::executor::{self, Finished, Origin};
use super::history::{Ended, Task};
use super::input::ActionId;
use super::nodes::NodeSet;
use super::output::Output;
use super::partition::Partition;
use super::scheduler::Call;
use super::time::SimTime;

/// `stonith-max-attempts`.
const ATTEMPTS: u32 = 10;

impl Pacemaker {
    /// A call has ended.
    pub(super) fn done(
        &mut self,
        id: ActionId,
        ended: Ended,
        now: SimTime,
        outputs: &mut Vec<Output>,
    ) {
        let runs = |node: &Node| {
            let host = self.hosts.get(node.index());
            host.is_some_and(|host| host.executor.runs(id))
        };
        let Some(node) = self.nodes().find(runs) else {
            return;
        };
        let finished = self
            .with_executor(node, now, outputs, |executor, around| {
                executor.done(id, ended, around)
            })
            .flatten();
        if let Some(finished) = finished {
            self.finished(&finished, now);
        }
    }

    /// The coordinator hears how a call has ended (`process_graph_event`).
    pub(super) fn finished(&mut self, finished: &Finished, now: SimTime) {
        let node = finished.op.node;
        let Some(host) = self.hosts.get(node.index()) else {
            return;
        };
        let (Some(number), history) = (host.partition, host.executor.history) else {
            return;
        };
        let Some(partition) = self.partitions.get_mut(&number) else {
            return;
        };
        let notification = matches!(finished.op.call, Call::Notify(..));
        let well = notification || finished.ended == Ended::Code(finished.op.expected);
        let Some(state) = partition.cib.node_mut(node) else {
            return;
        };
        state.history = history;
        if !well {
            count(state, finished, self.config.start_failure_is_fatal, now);
        }
        let transition = partition.controller.transition.as_mut();
        let ours = transition.filter(|one| one.number == finished.origin.transition);
        if let Some(transition) = ours {
            transition.end(finished.origin.step, well);
            if !well {
                partition.abort(now);
            }
        } else if !well || !matches!(finished.op.call, Call::Watch(_) | Call::Notify(..)) {
            partition.abort(now);
        }
    }

    /// What became of fencing a node.
    pub(super) fn fenced(&mut self, node: Node, ok: bool, now: SimTime) {
        let numbers: Vec<u64> = self.partitions.keys().copied().collect();
        for number in numbers {
            let Some(partition) = self.partitions.get_mut(&number) else {
                continue;
            };
            if !partition.fencing.contains(node) {
                continue;
            }
            partition.fencing.remove(node);
            let transition = partition.controller.transition.as_ref();
            let place = transition.and_then(|transition| transition.fencing(node));
            let origin = transition.zip(place).map(|(transition, step)| Origin {
                transition: transition.number,
                step,
            });
            if ok {
                partition.controller.failures.remove(&node);
                self.is_off(number, node, now);
            } else {
                let failures = partition.controller.failures.entry(node).or_insert(0);
                *failures += 1;
                let again = *failures < ATTEMPTS;
                // After too many failures nothing is tried anew for that reason alone.
                if again {
                    partition.abort(now);
                } else if let Some(transition) = &mut partition.controller.transition {
                    transition.aborted = true;
                }
            }
            if let Some(origin) = origin {
                self.end(number, origin, ok);
            }
        }
    }

    /// A node is certain to be off.
    pub(super) fn is_off(&mut self, number: u64, node: Node, now: SimTime) {
        let Some(partition) = self.partitions.get_mut(&number) else {
            return;
        };
        let lost: NodeSet = [node].into_iter().collect();
        // It may have come back already, as a member that joins.
        let back = self
            .hosts
            .get(node.index())
            .is_some_and(|host| host.partition == Some(number));
        if back {
            return;
        }
        partition.is_off(node);
        let transition = partition.controller.transition.as_mut();
        if transition.is_some_and(|transition| transition.lose(lost)) {
            partition.abort(now);
        }
        partition.count(self.corosync.quorate(&self.config, partition.set()));
        self.corosync.forget(node, &self.config, now);
    }

    /// A monitor that is ended before it has answered is answered for.
    pub(super) fn hear_of_cancelled(&mut self, now: SimTime) {
        for host in &mut self.hosts {
            for origin in host.executor.take_cancelled() {
                let partition = host
                    .partition
                    .and_then(|number| self.partitions.get_mut(&number));
                let Some(partition) = partition else {
                    continue;
                };
                let transition = partition.controller.transition.as_mut();
                if let Some(transition) = transition.filter(|one| one.number == origin.transition) {
                    transition.end(origin.step, false);
                    partition.abort(now);
                }
            }
        }
    }
}

/// Failures of what changes an instance, and of what watches it, are counted (`update_failcount`).
fn count(
    state: &mut super::cib::NodeState,
    finished: &Finished,
    start_failure_is_fatal: bool,
    now: SimTime,
) {
    let Some(task) = executor::task(finished.op.call) else {
        return;
    };
    let fatal = match task {
        Task::Start => start_failure_is_fatal,
        Task::Stop => true,
        Task::Promote | Task::Demote | Task::Watch(_) | Task::Reported => false,
        Task::Probe => return,
    };
    state.count(task, fatal, now);
}

impl Partition {
    /// Counts a failure that nobody has seen.
    pub(super) fn fail(&mut self, node: Node, now: SimTime) {
        if let Some(state) = self.cib.node_mut(node) {
            state.count(Task::Reported, false, now);
        }
        self.abort(now);
    }

    /// Whether something has failed on a node.
    pub(super) fn has_failures(&self, node: Node) -> bool {
        self.cib
            .node(node)
            .is_some_and(|state| !state.failures.is_empty() || state.history.failure.is_some())
    }
}
