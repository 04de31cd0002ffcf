//! From what each instance does to the transition that does it, with its notifications and in its order
//! (`pcmk_sched_clone.c`, `pcmk_sched_promotable.c`, `pe_notif.c`, `pcmk_sched_fencing.c`, `pcmk_sched_probes.c`). Knows
//! nothing of why an instance does something.
//!
//! - `notify`: the notifications; `fence`: fencing, and nodes that leave; `watch`: monitors that recur

mod fence;
mod notify;
mod watch;

use std::sync::Arc;

use super::super::cib::Cib;
use super::super::config::{Config, Node};
use super::assign::Fate;
use super::graph::{ByOperation, Call, Graph, Op, Operation, Told, What};
use super::lists;
use super::moves::{self, Moves};
use super::status::Status;

/// The points of an operation of the clone.
#[derive(Clone, Copy, Debug, Default)]
struct Points {
    pre: Option<u8>,
    pre_done: Option<u8>,
    begin: Option<u8>,
    done: Option<u8>,
    post: Option<u8>,
    post_done: Option<u8>,
}

struct Ordering<'a> {
    config: &'a Config,
    cib: &'a Cib,
    status: &'a Status,
    moves: &'a [Moves],
    graph: Graph,
    /// Fencing does a stop.
    implied: bool,
    points: ByOperation<Points>,
    /// The operations of each instance.
    own: Vec<ByOperation<Option<u8>>>,
    /// Of each instance, what its monitor comes after.
    before_watch: Vec<u128>,
    /// Notifications that come after fencing alone.
    after_fencing: Vec<u8>,
}

pub(super) fn graph(
    config: &Config,
    cib: &Cib,
    status: &Status,
    fates: &[Fate],
    coordinator: Option<Node>,
) -> Graph {
    let moves = moves::moves(config, cib, status, fates);
    let mut ordering = Ordering {
        config,
        cib,
        status,
        moves: &moves,
        graph: Graph {
            steps: Vec::new(),
            lists: Arc::default(),
        },
        implied: moves.iter().any(|moves| moves.stop && moves.implied),
        points: ByOperation::default(),
        own: vec![ByOperation::default(); moves.len()],
        before_watch: vec![0; moves.len()],
        after_fencing: Vec::new(),
    };
    let probes = ordering.probe();
    ordering.operate();
    ordering.order_operations();
    for (_, probe) in &probes {
        let ByOperation { stop, start, .. } = ordering.points;
        ordering.graph.order(Some(*probe), start.begin);
        ordering.graph.order(Some(*probe), stop.done);
    }
    ordering.notify();
    let fences = ordering.fence(coordinator);
    ordering.watch(&probes);
    ordering.shut_down(coordinator, &fences);
    if !ordering.graph.steps.is_empty() {
        ordering.graph.lists = Arc::new(lists::lists(config, status, &moves));
    }
    ordering.graph
}

impl Ordering<'_> {
    fn does(moves: &Moves, operation: Operation) -> Option<Node> {
        match operation {
            Operation::Demote => moves.from.filter(|_| moves.demote),
            Operation::Stop => moves.from.filter(|_| moves.stop),
            Operation::Start => moves.to.filter(|_| moves.start),
            Operation::Promote => moves.to.filter(|_| moves.promote),
        }
    }

    /// Whether something may be asked of it: nothing is while it is to be fenced.
    fn reachable(&self, node: Node) -> bool {
        let nodes = self.status.nodes;
        nodes.online.contains(node) && !nodes.unclean.contains(node)
    }

    fn is_early(&self, place: usize, call: Call) -> bool {
        let Call::Operation(operation) = call else {
            return false;
        };
        let moves = self.moves.get(place);
        moves.is_some_and(|moves| *moves.early.of(operation))
    }

    fn run(&mut self, node: Node, place: usize, call: Call, expected: u8) -> Option<u8> {
        let op = Op {
            node,
            instance: u8::try_from(place).unwrap_or(0),
            call,
            expected,
            told: if self.implied && self.is_early(place, call) {
                Told::PlanAndFencing
            } else {
                Told::Plan
            },
        };
        self.graph.add(What::Run(op), false)
    }

    /// A probe on each node of which nothing is known (`probe_anonymous_clone`).
    fn probe(&mut self) -> Vec<(Node, u8)> {
        let mut probes = Vec::new();
        let nodes = self.status.nodes;
        for node in nodes.online.iter() {
            let known = self
                .status
                .instances
                .iter()
                .any(|instance| instance.known_on.contains(node));
            if known || nodes.unclean.contains(node) || nodes.pending.contains(node) {
                continue;
            }
            let there = self.moves.iter().position(|moves| moves.to == Some(node));
            if let Some(probe) = self.run(node, there.unwrap_or(0), Call::Probe, 7) {
                probes.push((node, probe));
            }
        }
        probes
    }

    /// The operations of the clone and those of its instances.
    fn operate(&mut self) {
        for operation in Operation::ALL {
            let moves = self.moves;
            // A stop that cannot run has its notifications if another one could.
            let tells = operation == Operation::Stop
                && moves.iter().any(|moves| moves.must_stop)
                && moves.iter().any(|moves| moves.can_stop);
            let does = |moves: &Moves| Self::does(moves, operation).is_some();
            if !tells && !moves.iter().any(does) {
                continue;
            }
            let points = Points {
                pre: self.graph.add(What::Pseudo, false),
                pre_done: self.graph.add(What::Pseudo, false),
                begin: self.graph.add(What::Pseudo, false),
                done: self.graph.add(What::Pseudo, true),
                post: self.graph.add(What::Pseudo, true),
                post_done: self.graph.add(What::Pseudo, true),
            };
            self.graph.order(points.pre, points.pre_done);
            self.graph.order(points.pre_done, points.begin);
            self.graph.order(points.begin, points.done);
            self.graph.order(points.done, points.post);
            self.graph.order(points.pre_done, points.post);
            self.graph.order(points.post, points.post_done);
            for (place, moves) in moves.iter().enumerate() {
                let Some(node) = Self::does(moves, operation) else {
                    continue;
                };
                let down = matches!(operation, Operation::Demote | Operation::Stop);
                let own = if down && moves.implied {
                    self.graph.add(What::Pseudo, false)
                } else {
                    self.run(node, place, Call::Operation(operation), 0)
                };
                self.graph.order(points.begin, own);
                self.graph.order(own, points.done);
                if let Some(slot) = self.own.get_mut(place) {
                    *slot.of_mut(operation) = own;
                }
            }
            *self.points.of_mut(operation) = points;
        }
    }

    /// `clone_internal_constraints`, `pcmk__promotable_restart_ordering`, `pe__create_promotable_pseudo_ops`.
    fn order_operations(&mut self) {
        for (place, first) in Operation::ALL.iter().enumerate() {
            for then in Operation::ALL.iter().skip(place + 1) {
                let (before, after) = (*self.points.of(*first), *self.points.of(*then));
                self.graph.order(before.done, after.begin);
                self.graph.order(before.post_done, after.pre);
                for own in &self.own {
                    self.graph.order(*own.of(*first), *own.of(*then));
                }
            }
        }
    }
}
