//! Makes a standby the primary, if no node is ahead of it and no acknowledged data is lost by it.

use std::collections::BTreeSet;

use tracing::{info, warn};

use super::cluster::{Cluster, ClusterError};
use super::election::Election;
use super::node_records::NodeRecords;
use super::outcome::ActionOutcome;
use super::server::Server;
use super::upstream::LastPrimary;
use super::{
    Context, Seams, election, membership, observe, primary, primary_ends, publish, scores, start,
    supersede, unknown, upstream,
};
use crate::agent::decide::decision::{self, ToPromote};
use crate::agent::decide::election::{Choice, NodeReport, WhyNot};
use crate::agent::decide::known_primary::Standing;
use crate::agent::decide::primary_end::Promotion;
use crate::agent::decide::promotion_point::falls_short;
use crate::agent::decide::scores::Score;
use crate::agent::ocf::node::Node;

/// The action `promote`.
pub fn promote<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> ActionOutcome {
    let state = observe::settled(seams, seams.leaving(seams.left() / 2));
    match decision::promote(state) {
        ToPromote::Already => return make_up(context, seams),
        ToPromote::Elect => {}
        ToPromote::StartAndElect => {
            let started = start::as_standby(seams);
            if started != ActionOutcome::SUCCESS {
                return started;
            }
        }
        ToPromote::Fail(code) => {
            let sentence = state.sentence();
            return ActionOutcome::because(code, format!("cannot promote the server: {sentence}"));
        }
    }
    match cancelled(context, seams) {
        Ok(None) => {}
        Ok(Some(reason)) => return refuse(context, seams, Score::VETO, reason),
        Err(error) => return ActionOutcome::failed(format!("cannot hold an election: {error}")),
    }
    let received = upstream::received(seams);
    let vote = match election::hold(context, seams) {
        Ok(vote) => vote,
        Err(error) => return ActionOutcome::failed(format!("cannot hold an election: {error}")),
    };
    let system = seams.server.system_identifier().ok();
    let (last, unaccounted) = last_primary(context, seams, &vote, system);
    // Before the wait: the cluster has not looked at a node that only joins meanwhile when it planned this.
    let unknown = match last {
        LastPrimary::Forgotten | LastPrimary::Unseen => unknown::of(context, seams, &vote),
        LastPrimary::Ended => Ok(None),
    };
    match &vote.outcome.choice {
        Choice::Designated => {
            if let Err(runs) = upstream::is_gone(seams, last, &unaccounted, received) {
                if runs.is_seen()
                    && let Err(error) = unknown::keep(context, seams, &vote)
                {
                    warn!(
                        "cannot record that a primary was seen that the cluster does not know of: {error}"
                    );
                }
                return ActionOutcome::failed(format!("the server is not promoted: {runs}"));
            }
            match unknown {
                Ok(None) => {}
                Ok(Some(reason)) => {
                    tell_refused_among(context, seams, &vote);
                    return refuse(context, seams, Score::REFUSED, reason);
                }
                Err(error) => {
                    return ActionOutcome::failed(format!(
                        "the server is not promoted: cannot determine whether a primary was seen that the cluster does \
                         not know of: {error}"
                    ));
                }
            }
            let state = observe::settled(seams, observe::patience(seams));
            match decision::promote(state) {
                ToPromote::Elect => proceed(context, seams, &vote),
                // A server that does not answer cannot report its upstream, nor is it known when it would notice its
                // promotion.
                ToPromote::Already | ToPromote::StartAndElect | ToPromote::Fail(_) => {
                    let sentence = state.sentence();
                    ActionOutcome::failed(format!("the server is not promoted: {sentence}"))
                }
            }
        }
        // The others would be refused for it, too, and this node designated again.
        Choice::Others(others) => match unknown {
            Ok(Some(reason)) => {
                tell_refused_among(context, seams, &vote);
                refuse(context, seams, Score::REFUSED, reason)
            }
            Ok(None) | Err(_) => give_way(context, seams, &vote, others),
        },
        Choice::Nobody => {
            let reason = lacking(context, &vote);
            tell_refused_among(context, seams, &vote);
            refuse(context, seams, Score::REFUSED, reason)
        }
    }
}

/// Returns what is known of the end of the last primary and, if that is not known, the other nodes that may have run it and
/// on which the cluster knows of no instance.
fn last_primary<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    vote: &Election,
    system: Option<u64>,
) -> (LastPrimary, Vec<Node>) {
    let (plan, ends) = (&context.plan, &vote.facts.ends);
    let last = upstream::last_primary(plan, ends, system);
    let (LastPrimary::Forgotten, Some(system)) = (last, system) else {
        return (last, Vec::new());
    };
    let members = membership::members(seams).unwrap_or_default();
    let others = vote.nodes.keys().filter(|node| **node != context.local);
    let unaccounted = upstream::unaccounted(plan, others, ends, system, &members);
    let last = if upstream::is_unseen(plan, ends, system, &members) {
        LastPrimary::Unseen
    } else {
        LastPrimary::Forgotten
    };
    (last, unaccounted)
}

/// Promotes the server. Before that, it records in the cluster which standbys commits will wait for, and without that
/// it does not promote: if that were unknown and this node lost, the next election could lose what they acknowledge. A
/// failure to publish something afterwards does not fail the promotion.
fn proceed<S: Server, C: Cluster>(
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
    let members = membership::members(seams);
    if let Some(failed) = without_quorum(context, seams, vote, members.as_ref()) {
        return failed;
    }
    if let Err(error) = membership::outdate_absent(context, seams, vote, members.as_ref()) {
        warn!("cannot make the configuration of absent nodes obsolete: {error}");
    }
    let announced =
        own.map(|own| primary_ends::announce(context, seams, &vote.nodes, own.position));
    if let Some(Err(error)) = announced {
        return ActionOutcome::failed(format!(
            "the server is not promoted, since the cluster could not record which standbys its commits will wait for: \
             {error}"
        ));
    }
    let records = NodeRecords::of(context, &vote.nodes);
    let withdrawn = own.map(|own| supersede::withdraw_rules(context, seams, &records.rules, own));
    if let Some(Err(error)) = withdrawn {
        return ActionOutcome::failed(format!(
            "the server is not promoted, since the cluster could not delete the record of a promotion that this one \
             replaces: {error}"
        ));
    }
    // Where a node was not heard any more, the cluster has recorded this only after a partition was formed without it.
    let members = membership::members(seams);
    if let Some(failed) = without_quorum(context, seams, vote, members.as_ref()) {
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
            let is_kept = primary_ends::keep_running(
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

/// Returns the failure of a promotion in a partition that has lost quorum, or of which that is not known.
fn without_quorum<S, C: Cluster>(
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

/// Publishes what an interrupted promotion has not published, and again what it has. A server that was promoted by hand
/// has held no election, and need not have what the last primary had.
fn make_up<S: Server, C: Cluster>(context: &Context, seams: &mut Seams<'_, S, C>) -> ActionOutcome {
    match primary::make_up(context, seams) {
        Ok(Standing::Known) => {}
        Ok(Standing::Unexpected) => {
            return ActionOutcome::failed(
                "the server is a primary already, but was not promoted by an election of this cluster. It \
                 has to be a standby first",
            );
        }
        Err(error) => {
            warn!(
                "the next monitor publishes what the cluster has to know of this primary: {error}"
            );
        }
    }
    ActionOutcome::SUCCESS
}

/// Leaves the promotion to nodes that are ahead: the failure has the cluster choose again, by the new scores.
fn give_way<S, C: Cluster>(
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
    let names: Vec<&str> = others.iter().map(Node::name).collect();
    let names = names.join(" or ");
    let why_not = vote.outcome.why_not.get(&context.local);
    let why_not = why_not.map(WhyNot::to_string).unwrap_or_default();
    ActionOutcome::failed(format!(
        "{names} is ahead of {}, and is to be promoted: {why_not}",
        context.local
    ))
}

/// Returns why no node is promoted, and what an administrator can do about it.
fn lacking(context: &Context, vote: &Election) -> String {
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
fn refuse<S, C: Cluster>(
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
fn tell_refused_among<S, C: Cluster>(
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

/// Returns why the notification before this promotion has cancelled it, if it has.
fn cancelled<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> Result<Option<String>, ClusterError> {
    let name = context.attributes.cancellation();
    let told = seams
        .cluster
        .transient(&context.local, &name, seams.deadline)?;
    let Some(told) = told else {
        return Ok(None);
    };
    publish::nothing(context, seams, &[name]);
    Ok(Some(if told == "1" {
        "the switchover is cancelled: this standby did not receive the shutdown checkpoint of the \
         primary"
            .into()
    } else {
        "the switchover is cancelled: could not determine whether this standby has the shutdown checkpoint \
         of the primary"
            .into()
    }))
}
