//! The coordinator: has the scheduler decide, and has done what it decides (`daemons/controld/controld_te_actions.c`). Knows
//! nothing of how is decided.

use std::sync::Arc;

use super::Pacemaker;
use super::config::{Config, Node};
use super::executor::{self, Executor, Origin};
use super::history::{Ended, Record, Task};
use super::output::Output;
use super::scheduler::{self, Call, Graph, Op, What};
use super::time::SimTime;
use super::transition::Transition;

impl Pacemaker {
    /// Does what time has brought, and whatever can be done.
    pub(super) fn wake(&mut self, now: SimTime, outputs: &mut Vec<Output>) {
        loop {
            while let Some(members) = self.corosync.form(&self.config, now) {
                self.form(members, now);
            }
            for node in self.nodes() {
                while self
                    .hosts
                    .get(node.index())
                    .and_then(|host| host.executor.next())
                    .is_some_and(|next| next <= now)
                {
                    let finished = self
                        .with_executor(node, now, outputs, Executor::wake)
                        .flatten();
                    if let Some(finished) = finished {
                        self.finished(&finished, now);
                    }
                }
            }
            self.hear_of_cancelled(now);
            let mut progress = false;
            let mut from = 0;
            while let Some(number) = self
                .partitions
                .range(from..)
                .next()
                .map(|(number, _)| *number)
            {
                progress |= self.progress(number, now, outputs);
                from = number + 1;
            }
            if !progress {
                return;
            }
        }
    }

    /// Takes a partition one step further, and says whether there was one.
    fn progress(&mut self, number: u64, now: SimTime, outputs: &mut Vec<Output>) -> bool {
        let Some(partition) = self.partitions.get_mut(&number) else {
            return false;
        };
        if partition.election.is_some_and(|at| at <= now) {
            self.elect(number, now);
            return true;
        }
        if partition.joining.is_some_and(|at| at <= now) {
            self.joined(number, now);
            return true;
        }
        // No message goes round a ring while somebody is not heard, neither an order nor a result: the token has to come
        // round first (corosync.conf(5), `token`), or a ring to be formed without him.
        if !self.corosync.hear_one_another(partition.set()) {
            return false;
        }
        if let Some(transition) = &mut partition.controller.transition {
            if let Some((place, what)) = transition.next() {
                let origin = Origin {
                    transition: transition.number,
                    step: place,
                };
                self.perform(number, what, origin, now, outputs);
                return true;
            }
            if !transition.is_over() {
                return false;
            }
            partition.controller.transition = None;
            return true;
        }
        let due = [partition.controller.due, partition.controller.recheck];
        if partition.decides() && due.into_iter().flatten().any(|due| due <= now) {
            self.decide(number, now, outputs);
            return true;
        }
        false
    }

    /// Decides what is to be done, and begins it.
    fn decide(&mut self, number: u64, now: SimTime, outputs: &mut Vec<Output>) {
        let Some(partition) = self.partitions.get_mut(&number) else {
            return;
        };
        let decision = scheduler::decide(
            &self.config,
            &partition.cib,
            partition.quorum,
            partition.coordinator,
            now,
        );
        partition.cib.device = decision.device;
        for node in decision.expired.iter() {
            if let Some(state) = partition.cib.node_mut(node) {
                state.failures.clear();
            }
        }
        partition.controller.due = None;
        let recheck = now + self.config.recheck;
        partition.controller.recheck = Some(
            decision
                .recheck
                .map_or(recheck, |sooner| sooner.min(recheck)),
        );
        if decision.graph.steps.is_empty() {
            return;
        }
        outputs.extend(said(&self.config, partition.coordinator, &decision.graph));
        self.numbers += 1;
        partition.controller.transition = Some(Transition::new(decision.graph, self.numbers));
    }

    /// Has a part of a transition done.
    fn perform(
        &mut self,
        number: u64,
        what: What,
        origin: Origin,
        now: SimTime,
        outputs: &mut Vec<Output>,
    ) {
        let Some(partition) = self.partitions.get_mut(&number) else {
            return;
        };
        match what {
            What::Pseudo => {}
            What::Run(op) => {
                let reachable = partition.members.contains(&op.node);
                let transition = partition.controller.transition.as_mut();
                let Some(transition) = transition.filter(|_| reachable) else {
                    self.end(number, origin, false);
                    if let Some(partition) = self.partitions.get_mut(&number) {
                        partition.abort(now);
                    }
                    return;
                };
                let lists = Arc::clone(&transition.graph.lists);
                let parameters = Arc::clone(&partition.cib.settings.parameters);
                let version = partition.cib.settings.version;
                // A host without power takes nothing.
                let there = self.hosts.get(op.node.index());
                if there.is_some_and(|host| host.partition == Some(number)) {
                    self.with_executor(op.node, now, outputs, |executor, around| {
                        executor.submit(op, origin, &lists, (&parameters, version), around);
                    });
                }
                self.pending(number, op, now);
            }
            What::Cancel(node, watch) => {
                self.with_executor(node, now, outputs, |executor, around| {
                    executor.cancel(watch, around);
                    *executor.history.watches.of_mut(watch) = None;
                });
                let partition = self.partitions.get_mut(&number);
                let state = partition.and_then(|partition| partition.cib.node_mut(node));
                if let Some(state) = state {
                    *state.history.watches.of_mut(watch) = None;
                }
                self.end(number, origin, true);
            }
            What::Fence(node) => {
                partition.fencing.insert(node);
                outputs.push(Output::Fence { node });
            }
            What::Shutdown(node) => {
                self.end(number, origin, true);
                self.leave(node, now, outputs);
            }
        }
    }

    /// The node's controller writes down what it begins.
    fn pending(&mut self, number: u64, op: Op, now: SimTime) {
        let Some(task) = executor::task(op.call) else {
            return;
        };
        let Some(partition) = self.partitions.get_mut(&number) else {
            return;
        };
        if let (Some(state), Task::Start | Task::Stop | Task::Promote | Task::Demote) =
            (partition.cib.node_mut(op.node), task)
        {
            let call = state.history.last.map_or(0, |last| last.call) + 1;
            state.history.last = Some(Record {
                task,
                ended: Ended::Pending,
                call,
                changed: now,
            });
        }
    }

    pub(super) fn end(&mut self, number: u64, origin: Origin, well: bool) {
        let partition = self.partitions.get_mut(&number);
        let transition = partition.and_then(|partition| partition.controller.transition.as_mut());
        if let Some(transition) = transition.filter(|one| one.number == origin.transition) {
            transition.end(origin.step, well);
        }
    }
}

/// What is decided, for a person; nothing where nothing changes.
fn said(config: &Config, coordinator: Option<Node>, graph: &Graph) -> Option<Output> {
    let name = |node: Node| {
        let config = config.nodes.get(node.index());
        config.map_or("", |config| config.name.as_str())
    };
    let mut said = String::new();
    for step in &graph.steps {
        let (what, node) = match step.what {
            What::Run(op) => match op.call {
                Call::Operation(operation) => (operation.name(), op.node),
                Call::Probe => ("probe", op.node),
                Call::Reload => ("reload", op.node),
                Call::Watch(_) | Call::Notify(..) => continue,
            },
            What::Fence(node) => ("fence", node),
            What::Shutdown(node) => ("shut down", node),
            What::Pseudo | What::Cancel(..) => continue,
        };
        for word in [
            if said.is_empty() { "" } else { ", " },
            what,
            " ",
            name(node),
        ] {
            said.push_str(word);
        }
    }
    let by = coordinator.map_or("", name);
    (!said.is_empty()).then(|| Output::Note(format!("{by} decides: {said}")))
}
