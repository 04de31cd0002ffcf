//! Promotes the server that an election has chosen: what the cluster records before and after it. Holds no election.

use std::collections::BTreeSet;

use tracing::{info, warn};

use super::cluster::Cluster;
use super::election::Election;
use super::node_records::NodeRecords;
use super::outcome::ActionOutcome;
use super::server::Server;
use super::{Context, Seams, membership, primary, scores, supersede, sync_rules, unknown};
use crate::agent::decide::election::{NodeReport, WhyNot};
use crate::agent::decide::primary_end::Promotion;
use crate::agent::decide::promotion_point::falls_short;
use crate::agent::ocf::node::Node;

/// Promotes the server. Before that, it records in the cluster which standbys commits will wait for, and without that
/// it does not promote: if that were unknown and this node lost, the next election could lose what they acknowledge. A
/// failure to publish something afterwards does not fail the promotion.
pub(super) fn proceed<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    vote: &Election,
) -> ActionOutcome {
    let local = &context.local;
    info!("no node is ahead of {local}: promoting the server");
    for (node, why_not) in &vote.outcome.why_not {
        if let WhyNot::PassedOver { at } = why_not {
            warn!(
                "{node} is at {at} and is not promoted by the cluster: what it has and {local} has not is given up"
            );
        }
    }
    let own = vote.facts.nodes.get(local).and_then(NodeReport::said);
    if let Some(failed) = without_quorum(context, seams, vote) {
        return failed;
    }
    let records = NodeRecords::of(context, &vote.nodes);
    let announced =
        own.map(|own| sync_rules::announce(context, seams, &vote.nodes, &records, own.position));
    if let Some(Err(error)) = announced {
        return ActionOutcome::failed(format!(
            "the server is not promoted, since the cluster could not record which standbys its commits will wait for: \
             {error}"
        ));
    }
    let withdrawn = own.map(|own| supersede::withdraw_rules(context, seams, &records.rules, own));
    if let Some(Err(error)) = withdrawn {
        return ActionOutcome::failed(format!(
            "the server is not promoted, since the cluster could not delete the record of a promotion that this one \
             replaces: {error}"
        ));
    }
    if let Some(failed) = outdate_absent(context, seams, vote) {
        return failed;
    }
    if let Err(error) = seams.server.promote(seams.deadline) {
        return ActionOutcome::failed(format!("the server could not be promoted: {error}"));
    }
    match primary::look(seams) {
        // The rule was recorded before the promotion.
        Ok((_, record)) => {
            if let Some(own) = own
                && falls_short(own.position, record.parent(), record.branch)
            {
                return ActionOutcome::failed(format!(
                    "the server was promoted and lacks WAL: timeline {} began at {}, and it had reported {}. Its replay ended \
                     early, so it is no primary of this cluster",
                    record.branch.timeline, record.branch.begin.at, own.position
                ));
            }
            let elected = Promotion::Elected;
            let is_kept = primary::keep_running(
                context,
                seams,
                &vote.nodes,
                &records,
                None,
                &record,
                elected,
            );
            if is_kept {
                supersede::records(context, seams, &records, &record);
            }
            unknown::forget(context, seams, &records.unknown_primaries);
        }
        Err(error) => warn!("the next monitor records where this timeline began: {error}"),
    }
    if let Err(error) = scores::after_promotion(context, seams, &vote.nodes, vote) {
        warn!("promotion scores are unchanged until the next monitor: {error}");
    }
    ActionOutcome::SUCCESS
}

/// Makes the configuration of absent nodes obsolete. Where a node was not heard any more, the cluster has recorded a change
/// only after a partition was formed without it: so the quorum is looked for before this, since a partition that has lost it
/// would make the configuration of the others obsolete, and after it. Where it cannot be made obsolete in time, a node may not be
/// heard, and what this node knows of the quorum may be old. Returns the failure of the promotion.
fn outdate_absent<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    vote: &Election,
) -> Option<ActionOutcome> {
    let members = membership::members(seams);
    let failed = without_quorum_among(context, seams, vote, members.as_ref());
    if failed.is_some() || !membership::is_anybody_absent(context, vote, members.as_ref()) {
        return failed;
    }
    if let Err(error) = membership::outdate_absent(seams) {
        return Some(ActionOutcome::failed(format!(
            "the server is not promoted, since the cluster could not make the configuration of absent nodes obsolete: \
             {error}"
        )));
    }
    without_quorum(context, seams, vote)
}

fn without_quorum<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    vote: &Election,
) -> Option<ActionOutcome> {
    let members = membership::members(seams);
    without_quorum_among(context, seams, vote, members.as_ref())
}

/// Returns the failure of a promotion in a partition with these members that has lost quorum, or of which that is not
/// known.
fn without_quorum_among<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    vote: &Election,
    members: Option<&BTreeSet<Node>>,
) -> Option<ActionOutcome> {
    let reason = match membership::without_quorum(context, seams, vote, members) {
        Ok(reason) => reason?,
        Err(error) => {
            format!("cannot determine whether this node's partition has quorum: {error}")
        }
    };
    let reason = format!("the server is not promoted: {reason}");
    Some(ActionOutcome::failed(reason))
}
