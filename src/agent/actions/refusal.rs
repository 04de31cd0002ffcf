//! What the agent leaves behind when it does not promote the server: the scores by which the cluster chooses next, and the
//! reason. Holds no election.

use std::collections::BTreeSet;

use tracing::{info, warn};

use super::cluster::Cluster;
use super::election::Election;
use super::outcome::ActionOutcome;
use super::{Context, Seams, scores};
use crate::agent::decide::election::WhyNot;
use crate::agent::decide::scores::Score;
use crate::agent::ocf::node::Node;

/// Leaves the promotion to nodes that are ahead: the failure has the cluster choose again, by the new scores.
pub(super) fn give_way<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    vote: &Election,
    others: &BTreeSet<Node>,
) -> ActionOutcome {
    for (node, score) in vote.outcome.scores(&vote.facts) {
        if let Err(error) = scores::set(context, seams, &node, score) {
            warn!("the promotion score of {node} is unchanged: {error}");
        }
    }
    let crashed = others
        .iter()
        .filter(|node| vote.facts.crashed.contains_key(*node));
    for node in crashed {
        start_again(context, seams, node);
    }
    let names: Vec<&str> = others.iter().map(Node::name).collect();
    let names = names.join(" or ");
    let why_not = vote.outcome.why_not.get(&context.local);
    let why_not = why_not.map(WhyNot::to_string).unwrap_or_default();
    ActionOutcome::failed(format!(
        "{names} is ahead of {}, and is to be promoted: {why_not}",
        context.local
    ))
}

/// Deletes the mark for which the cluster keeps a crashed server stopped.
fn start_again<S, C: Cluster>(context: &Context, seams: &mut Seams<'_, S, C>, node: &Node) {
    info!("{node} has crashed with WAL that no other node has: it is to be started again");
    let mark = context.attributes.died();
    let deleted = seams.cluster.delete_visible(node, &mark, seams.deadline);
    if let Err(error) = deleted {
        warn!("cannot delete the attribute {mark} of {node}: {error}");
    }
}

/// Returns why no node is promoted, and what an administrator can do about it.
pub(super) fn lacking(context: &Context, vote: &Election) -> String {
    let local = &context.local;
    match vote.outcome.why_not.get(local) {
        Some(why_not) => {
            let remedy = why_not.remedy(&context.attributes);
            let remedy = remedy.map_or_else(String::new, |remedy| format!(". {remedy}"));
            format!("{local} must not be promoted: {why_not}{remedy}")
        }
        None => format!("{local} must not be promoted"),
    }
}

/// Fails, and keeps the cluster from trying the same again and again, even if an administrator's constraint
/// requires it.
pub(super) fn refuse<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    score: Score,
    reason: String,
) -> ActionOutcome {
    if let Err(error) = scores::set(context, seams, &context.local, score) {
        warn!("the cluster will try again: {error}");
    }
    ActionOutcome::failed(reason)
}

/// Publishes which nodes had reported when this one was refused: only with another one may an election end differently.
pub(super) fn tell_refused_among<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    vote: &Election,
) {
    let words = vote.facts.nodes.iter();
    let spoken = words.filter(|(_, word)| word.said().is_some());
    let names: Vec<&str> = spoken.map(|(node, _)| node.name()).collect();
    let name = context.attributes.refused_among();
    let told = seams.cluster.set_transient(
        &context.local,
        &name,
        Some(&names.join(" ")),
        seams.deadline,
    );
    if let Err(error) = told {
        warn!("cannot publish which nodes had reported: {error}");
    }
}
