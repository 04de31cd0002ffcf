//! Which nodes are absent when a server is to be promoted, and what that means for the promotion: whether the partition has
//! lost quorum, and whose configuration has to be made obsolete. Asks no server and holds no election.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tracing::warn;

use super::cluster::{Cluster, ClusterError};
use super::election::Election;
use super::{Context, Seams};
use crate::agent::ocf::node::Node;
use crate::base::deadline::Deadline;

/// Longest wait for the cluster before a promotion, during which writers wait.
const TO_OUTDATE: Duration = Duration::from_secs(5);

/// Returns the members of this node's partition; `None` if the cluster does not tell them.
pub(super) fn members<S, C: Cluster>(seams: &mut Seams<'_, S, C>) -> Option<BTreeSet<Node>> {
    let deadline = to_outdate(seams);
    let members = seams.cluster.members(deadline);
    let told = members.inspect_err(|error| {
        warn!("cannot determine whether nodes are absent, including participants: {error}");
    });
    told.ok()
}

/// Returns the names of those nodes that are not members of this node's partition.
fn absent<'a, T>(
    context: &Context,
    members: &BTreeSet<Node>,
    nodes: &'a BTreeMap<Node, T>,
) -> Vec<&'a str> {
    let away = |node: &&Node| **node != context.local && !members.contains(*node);
    nodes.keys().filter(away).map(Node::name).collect()
}

/// Returns why this node's partition must not promote a server: it has lost quorum since the cluster planned this. The
/// others promote a server of theirs, and the cluster is about to stop this one. The node that quorum was lost with need
/// not take part: a primary that was stopped in order has its node's vote until its cluster software has ended.
///
/// If an operator has the cluster go on without quorum (`no-quorum-policy`), it counts only that no participant has
/// left; the next planned promotion counts without them.
pub(super) fn without_quorum<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    vote: &Election,
    members: Option<&BTreeSet<Node>>,
) -> Result<Option<String>, ClusterError> {
    let deadline = to_outdate(seams);
    let nobody = BTreeSet::new();
    let missing = absent(context, members.unwrap_or(&nobody), &vote.nodes);
    if missing.is_empty() || seams.cluster.has_quorum(deadline)? {
        return Ok(None);
    }
    let gone = members.map(|members| absent(context, members, &vote.facts.nodes));
    let gone = gone.unwrap_or_default();
    if !gone.is_empty() {
        let gone = gone.join(" and ");
        return Ok(Some(format!(
            "{gone} took part and left this node's partition meanwhile, which has no quorum"
        )));
    }
    let deadline = to_outdate(seams);
    Ok((!seams.cluster.goes_on_without_quorum(deadline)?)
        .then(|| "this node's partition has no quorum any more".into()))
}

/// Returns whether a node is absent; not if the cluster does not tell the members.
pub(super) fn is_anybody_absent(
    context: &Context,
    vote: &Election,
    members: Option<&BTreeSet<Node>>,
) -> bool {
    members.is_some_and(|members| !absent(context, members, &vote.nodes).is_empty())
}

/// Makes the configuration of absent nodes obsolete: they do not know of this promotion. If their configuration were
/// kept when they come back, what was recorded of it would be lost, and with that what the next election has to know.
pub(super) fn outdate_absent<S, C: Cluster>(
    seams: &mut Seams<'_, S, C>,
) -> Result<(), ClusterError> {
    let deadline = to_outdate(seams);
    seams.cluster.outdate_absent(deadline)
}

fn to_outdate<S, C>(seams: &Seams<'_, S, C>) -> Deadline {
    seams.within(TO_OUTDATE.min(seams.left() / 4))
}
