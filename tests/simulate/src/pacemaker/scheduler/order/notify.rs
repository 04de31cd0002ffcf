//! The notifications of a transition (`create_notify_actions` in `pe_notif.c`). Knows nothing of what they say.

use super::super::failures::Role;
use super::super::graph::{Call, Moment, Op, Operation, Told, What};
use super::Ordering;

impl Ordering<'_> {
    /// `create_notify_actions`.
    pub(super) fn notify(&mut self) {
        let moves = self.moves;
        for operation in Operation::ALL {
            let points = *self.points.of(operation);
            if points.pre.is_none() {
                continue;
            }
            let about_fencing = operation == Operation::Stop && self.implied;
            for (place, moves) in moves.iter().enumerate() {
                let (node, pre, post) = match operation {
                    Operation::Demote | Operation::Stop => {
                        let told = moves.role > Role::Stopped && !(moves.stop && moves.implied);
                        // A stop that has become necessary since the start cannot run is one when fencing has
                        // had its notifications made already.
                        let late = self.implied && !moves.early.stop;
                        let post = operation == Operation::Demote || !moves.must_stop || late;
                        (moves.from.filter(|_| told), true, post)
                    }
                    Operation::Start | Operation::Promote => {
                        let told = moves.next > Role::Stopped;
                        let pre = operation == Operation::Promote || !moves.must_start;
                        (moves.to.filter(|_| told), pre, true)
                    }
                };
                let Some(node) = node else {
                    continue;
                };
                let nodes = self.status.nodes;
                // Of what is unmanaged nothing is asked.
                let managed = self
                    .status
                    .instances
                    .get(place)
                    .is_some_and(|one| one.managed);
                let online = managed && self.reachable(node) && !nodes.pending.contains(node);
                if pre && online {
                    let call = Call::Notify(Moment::Pre, operation);
                    let told = self.run(node, place, call, 0);
                    self.graph.order(points.pre, told);
                    self.graph.order(told, points.pre_done);
                }
                if post && online {
                    let told = match (about_fencing, moves.must_stop) {
                        (false, _) => Told::Plan,
                        (true, false) => Told::PlanAndFencing,
                        (true, true) => Told::FencingAlone,
                    };
                    let op = Op {
                        node,
                        instance: u8::try_from(place).unwrap_or(0),
                        call: Call::Notify(Moment::Post, operation),
                        expected: 0,
                        told,
                    };
                    let told = self.graph.add(What::Run(op), true);
                    if op.told == Told::FencingAlone {
                        self.after_fencing.extend(told);
                    } else {
                        self.graph.order(points.post, told);
                    }
                    self.graph.order(told, points.post_done);
                }
                if let (Some(before), Some(done), true) =
                    (self.before_watch.get_mut(place), points.post_done, post)
                {
                    *before |= 1 << done;
                }
            }
        }
    }
}
