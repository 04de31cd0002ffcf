//! Monitors that recur (`pcmk_sched_recurring.c`). Knows nothing of who needs one.

use super::super::super::config::Node;
use super::super::super::history::Watch;
use super::super::failures::Role;
use super::super::graph::{ByOperation, Call, What};
use super::super::moves::Watching;
use super::Ordering;

impl Ordering<'_> {
    /// The recurring monitors, and the reloads that come before.
    pub(super) fn watch(&mut self, probes: &[(Node, u8)]) {
        let moves = self.moves;
        for (place, moves) in moves.iter().enumerate() {
            let Some(node) = moves.to else {
                continue;
            };
            let ByOperation {
                demote,
                stop,
                start,
                promote,
            } = self.own.get(place).copied().unwrap_or_default();
            let reload = if moves.reload {
                self.run(node, place, Call::Reload, 0)
            } else {
                None
            };
            for (_, probe) in probes {
                self.graph.order(Some(*probe), reload);
            }
            for watch in Watch::BOTH {
                match moves.watches.of(watch) {
                    Watching::Begin => {
                        let begun = self.run(node, place, Call::Watch(watch), watch.target());
                        let demoted = demote.filter(|_| moves.next == Role::Unpromoted);
                        for before in [start, promote, demoted, reload] {
                            self.graph.order(before, begun);
                        }
                        let before = self.before_watch.get(place).copied().unwrap_or(0);
                        let begun = begun.map(usize::from);
                        if let Some(step) = begun.and_then(|begun| self.graph.steps.get_mut(begun))
                        {
                            step.inputs |= before;
                        }
                    }
                    Watching::Cancel if self.reachable(node) => {
                        let cancel = self.graph.add(What::Cancel(node, watch), false);
                        let then = match (moves.role, moves.next) {
                            (Role::Promoted, _) => demote,
                            (_, Role::Promoted) => promote,
                            (_, Role::Stopped) => stop,
                            (_, Role::Unknown | Role::Unpromoted) => None,
                        };
                        self.graph.order(cancel, then);
                    }
                    Watching::Leave | Watching::Cancel => {}
                }
            }
        }
        self.cancel_for_maintenance();
    }

    /// In maintenance mode nothing is watched.
    fn cancel_for_maintenance(&mut self) {
        if !self.cib.settings.maintenance {
            return;
        }
        for instance in &self.status.instances {
            let Some(node) = instance.on.filter(|on| self.status.nodes.available(*on)) else {
                continue;
            };
            for watch in Watch::BOTH {
                if *instance.watches.of(watch) {
                    self.graph.add(What::Cancel(node, watch), false);
                }
            }
        }
    }
}
