//! A transition on its way: which of its parts are being done, and which may be done next (`pcmk_graph_consumer.c`). Knows
//! nothing of what the parts are.

use super::config::Node;
use super::nodes::NodeSet;
use super::scheduler::{Graph, What};

#[derive(Clone, Debug)]
pub(super) struct Transition {
    pub(super) graph: Graph,
    pub(super) number: u64,
    /// What has been begun, as bits.
    begun: u128,
    /// What has ended well.
    done: u128,
    /// What has ended in any way.
    ended: u128,
    /// Something has happened that it does not know of: only what is urgent is done still.
    pub(super) aborted: bool,
}

impl Transition {
    pub(super) fn new(graph: Graph, number: u64) -> Self {
        Self {
            graph,
            number,
            begun: 0,
            done: 0,
            ended: 0,
            aborted: false,
        }
    }

    /// The next part that may be begun; it counts as begun from now on.
    pub(super) fn next(&mut self) -> Option<(u8, What)> {
        let all = u128::MAX >> 128_usize.saturating_sub(self.graph.steps.len()).min(127);
        loop {
            let mut pseudo = false;
            // This is asked again and again, when most has been begun.
            let mut left = all & !self.begun;
            while left != 0 {
                let place = left.trailing_zeros() as u8;
                left &= left - 1;
                let Some(step) = self.graph.steps.get(usize::from(place)) else {
                    break;
                };
                let bit = 1_u128 << place;
                let confirmed = if step.urgent { self.ended } else { self.done };
                if step.inputs & !confirmed != 0 {
                    continue;
                }
                if step.what == What::Pseudo {
                    self.begun |= bit;
                    self.done |= bit;
                    self.ended |= bit;
                    pseudo = true;
                } else if step.urgent || !self.aborted {
                    self.begun |= bit;
                    return Some((place, step.what));
                }
            }
            if !pseudo {
                return None;
            }
        }
    }

    /// A part has ended.
    pub(super) fn end(&mut self, place: u8, well: bool) {
        let bit = 1_u128 << place;
        self.ended |= bit;
        if well {
            self.done |= bit;
        }
    }

    /// Whether nothing is being done.
    pub(super) fn is_over(&self) -> bool {
        self.begun & !self.ended == 0
    }

    /// What is being done on nodes that are lost has failed (`fail_incompletable_actions`). Says whether there was any.
    pub(super) fn lose(&mut self, lost: NodeSet) -> bool {
        let pending = self.begun & !self.ended;
        let mut any = false;
        for (place, step) in (0_u8..).zip(&self.graph.steps) {
            let on = match step.what {
                What::Run(op) => Some(op.node),
                What::Cancel(node, _) | What::Shutdown(node) => Some(node),
                What::Pseudo | What::Fence(_) => None,
            };
            let bit = 1_u128 << place;
            if pending & bit != 0 && on.is_some_and(|on| lost.contains(on)) {
                self.ended |= bit;
                any = true;
            }
        }
        any
    }

    /// The part that fences a node.
    pub(super) fn fencing(&self, node: Node) -> Option<u8> {
        let steps = (0_u8..).zip(&self.graph.steps);
        let mut fences = steps.filter(|(_, step)| step.what == What::Fence(node));
        fences.next().map(|(place, _)| place)
    }
}
