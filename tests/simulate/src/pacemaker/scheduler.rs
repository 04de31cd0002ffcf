//! What a partition's coordinator decides from its CIB, as Pacemaker 2.1.5's scheduler does. Pure.
//!
//! - `failures`: a node's history → the instance's role and what follows from failures
//! - `status`: the CIB → what the nodes are, and which instance is active where
//!
//! The facts that what is still to be written is held against, each with the file that says so:
//!
//! Instances and nodes (`pcmk_sched_clone.c`, `pcmk_sched_resource.c`, `pcmk_sched_primitive.c`). The weight of an
//! instance on a node is the sum of locations for any role, of stickiness where it is active, and of its promotion
//! score where that is above 0 and applies (`promotion_score_applies`: it is active there; nothing is active there and
//! the clone was probed there; it is known nowhere at all; it is known there). Its priority is the largest of these
//! scores. Instances are sorted (`pcmk__cmp_instance`): not on a node that is forbidden; larger priority; active;
//! on a node that is available; not failed; smaller number. First each active one that has not failed is kept where
//! it is, unless another node has a larger weight; then the others get the best node, where nodes are compared by
//! weight, by how many resources they have been given, by whether the instance is active there, by name. This is
//! how a healthy standby comes to be stopped and started when numbers change places.
//!
//! Roles (`pcmk_sched_promotable.c`). Priority on the chosen node is the promotion score, -1 without one, plus
//! locations for the promoted role. Sort index: the clone's own weight on that node plus the priority where
//! that is not negative. The largest is promoted if it is not negative and the node is available; then by current
//! role, then as instances are sorted.
//!
//! Actions of an instance (`pcmk__primitive_create_actions`, `pcmk__update_ordered_actions`). It is stopped where
//! it moves, has failed, or can neither be started (no quorum) nor stay; it is demoted before where it is
//! promoted; it is started after a stop if it has a node, and promoted after a start if that is its role.
//!
//! Order (`pcmk_sched_ordering.c`, `pengine/clone.c`, `pengine/pe_notif.c`): demote, stop, start, promote of the
//! whole clone, each "all have ended" before the next begins; each with pre-notifications before it and
//! post-notifications after it, and the latter before the pre-notifications of the next. A pre-notification goes to
//! all that are active (stop, demote) or will be without being started (start, promote), a post-notification to all
//! that are left. A monitor comes after the start, promotion or demotion of its instance and after the
//! post-notifications that it gets. A monitor of the role that is left is cancelled first. Probes come before the
//! clone's start. Fencing comes before every start and promotion, and makes the demotion and the stop on the
//! fenced node pseudo-actions after it (`pcmk_sched_fencing.c`).
//!
//! Aborts (`pcmk_graph_consumer.c`): an aborted transition runs pseudo-actions and actions of priority INFINITY alone,
//! which are the post-notifications; a failed action confirms itself only to these.

mod assign;
mod failures;
mod graph;
mod lists;
mod moves;
mod order;
mod roles;
mod status;
#[cfg(test)]
mod tests;

use super::cib::Cib;
use super::config::{Config, Node};
use super::time::SimTime;

pub(super) use graph::{Call, Graph, Moment, Op, Operation, Told, What};
pub(super) use lists::Lists;

/// Whether a partition has a quorum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Quorum {
    pub(super) now: bool,
    /// Whether it has had one since its coordinator was started.
    pub(super) ever: bool,
}

/// What the scheduler has decided.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    pub(super) graph: Graph,
    /// When it has to decide anew although nothing has happened: a failure will have expired.
    pub(super) recheck: Option<SimTime>,
    /// Nodes whose failures have expired.
    pub(super) expired: super::nodes::NodeSet,
    /// Where the fencing device will be.
    pub(super) device: Option<Node>,
}

/// Decides what is to be done.
pub(super) fn decide(
    config: &Config,
    cib: &Cib,
    quorum: Quorum,
    coordinator: Option<Node>,
    now: SimTime,
) -> Decision {
    let status = status::unpack(config, cib, quorum, now);
    let assigning = assign::assign(config, cib, &status);
    let device = assigning.device();
    let fates = roles::give(assigning);
    let graph = order::graph(config, cib, &status, &fates, coordinator);
    Decision {
        graph,
        recheck: status.recheck,
        expired: status.expired,
        device,
    }
}
