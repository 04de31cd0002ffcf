//! Fencing (`pcmk_sched_fencing.c`), and nodes that leave. Knows nothing of who is fenced.

use super::super::super::config::Node;
use super::super::super::nodes::NodeSet;
use super::super::graph::{ByOperation, What};
use super::super::moves::{self, Moves};
use super::super::status::Instance;
use super::Ordering;

impl Ordering<'_> {
    /// `pcmk__order_vs_fence`.
    pub(super) fn fence(&mut self, coordinator: Option<Node>) -> Vec<(Node, u8)> {
        let mut fences: Vec<(Node, u8)> = Vec::new();
        let unclean = moves::fenced(self.config, self.cib, self.status);
        let is_last = |node: &Node| Some(*node) == coordinator;
        let others = unclean.iter().filter(|node| !is_last(node));
        for node in others.chain(unclean.iter().filter(is_last)) {
            let fence = self.graph.add(What::Fence(node), false);
            // One after the other: `concurrent-fencing` is off by default.
            self.graph
                .order(fences.last().map(|(_, before)| *before), fence);
            let moves = self.moves;
            for (place, moves) in moves.iter().enumerate() {
                let Some(own) = self.own.get(place).copied() else {
                    continue;
                };
                let ByOperation {
                    demote,
                    stop,
                    start,
                    promote,
                } = own;
                self.graph.order(fence, start);
                self.graph.order(fence, promote);
                if moves.from == Some(node) && moves.implied {
                    self.graph.order(fence, demote);
                    self.graph.order(fence, stop);
                    let of_clone = self.points.stop;
                    self.graph
                        .order(fence.filter(|_| stop.is_some()), of_clone.begin);
                    if stop.is_some() {
                        self.graph.order(fence, of_clone.post);
                        for told in self.after_fencing.clone() {
                            self.graph.order(fence, Some(told));
                        }
                    }
                }
            }
            fences.extend(fence.map(|fence| (node, fence)));
        }
        fences
    }

    /// Nodes that want to leave do so when nothing runs there any more; the coordinator last.
    pub(super) fn shut_down(&mut self, coordinator: Option<Node>, fences: &[(Node, u8)]) {
        let nodes = self.status.nodes;
        let away: NodeSet = fences.iter().map(|(node, _)| *node).collect();
        let leaving = |node: &Node| nodes.online.contains(*node) && !away.contains(*node);
        let leaving: Vec<Node> = nodes.shutdown.iter().filter(leaving).collect();
        let mut others = Vec::new();
        let last = leaving
            .iter()
            .copied()
            .filter(|node| Some(*node) == coordinator);
        let first = leaving
            .iter()
            .copied()
            .filter(|node| Some(*node) != coordinator);
        for node in first.chain(last) {
            let moves = self.moves;
            // Not while something runs there that has to be stopped and cannot be.
            let stuck = |(moves, instance): (&Moves, &Instance)| {
                let unstopped = moves.must_stop && !moves.stop;
                moves.from == Some(node) && (unstopped || instance.blocked)
            };
            let mut instances = moves.iter().zip(&self.status.instances);
            if !self.cib.settings.maintenance && instances.any(stuck) {
                continue;
            }
            let down = self.graph.add(What::Shutdown(node), false);
            for (place, moves) in moves.iter().enumerate() {
                if moves.from == Some(node) {
                    let stop = self.own.get(place).and_then(|own| own.stop);
                    self.graph.order(stop, down);
                }
            }
            if Some(node) == coordinator {
                for other in others.iter().copied() {
                    self.graph.order(Some(other), down);
                }
                for (_, fence) in fences {
                    self.graph.order(Some(*fence), down);
                }
            }
            others.extend(down);
        }
    }
}
