//! Makes a standby the primary, if nobody is further and nothing is lost by it.

use std::collections::BTreeSet;

use tracing::{info, warn};

use super::cluster::Cluster;
use super::ending::Ending;
use super::server::Server;
use super::vote::Vote;
use super::{Context, Hands, ends, look, publish, scores, start, vote};
use crate::agent::decision::{self, ToPromote};
use crate::agent::election::{Choice, WhyNot};
use crate::agent::node::Node;
use crate::agent::scores::Score;

/// The action `promote`.
pub fn promote<S: Server, C: Cluster>(context: &Context, hands: &mut Hands<'_, S, C>) -> Ending {
    let state = look::settled(hands, hands.leaving(hands.left() / 2));
    match decision::promote(state) {
        ToPromote::Already => {
            make_up(context, hands);
            return Ending::SUCCESS;
        }
        ToPromote::Elect => {}
        ToPromote::StartAndElect => {
            let started = start::as_standby(hands);
            if started != Ending::SUCCESS {
                return started;
            }
        }
        ToPromote::Fail(code) => {
            let sentence = state.sentence();
            return Ending::because(code, format!("cannot promote the server: {sentence}"));
        }
    }
    match cancelled(context, hands) {
        Ok(None) => {}
        Ok(Some(reason)) => return refuse(context, hands, reason),
        Err(error) => return Ending::failed(format!("cannot hold an election: {error}")),
    }
    let vote = match vote::hold(context, hands) {
        Ok(vote) => vote,
        Err(error) => return Ending::failed(format!("cannot hold an election: {error}")),
    };
    match &vote.outcome.choice {
        Choice::Designated => proceed(context, hands, &vote),
        Choice::Others(others) => give_way(context, hands, &vote, others),
        Choice::Nobody => {
            let reason = lacking(context, &vote);
            refuse(context, hands, reason)
        }
    }
}

/// Promotes, and tells the cluster at once what follows from it. Nothing of that makes the promotion a failed
/// one.
fn proceed<S: Server, C: Cluster>(
    context: &Context,
    hands: &mut Hands<'_, S, C>,
    vote: &Vote,
) -> Ending {
    info!(
        "nobody is further than {}: promoting the server",
        context.local
    );
    if let Err(error) = hands.server.promote(hands.deadline) {
        return Ending::failed(format!("the server could not be promoted: {error}"));
    }
    ends::keep_started(context, hands);
    if let Err(error) = scores::after_promotion(context, hands, &vote.nodes, &vote.ballot) {
        warn!("promotion scores stay as they are until the next monitor: {error}");
    }
    Ending::SUCCESS
}

/// Tells the cluster what a promotion that was broken off has not told it, and what is told already once more.
fn make_up<S: Server, C: Cluster>(context: &Context, hands: &mut Hands<'_, S, C>) {
    ends::keep_started(context, hands);
    if let Err(error) = scores::hand_out(context, hands) {
        warn!("promotion scores stay as they are until the next monitor: {error}");
    }
}

/// Leaves the role to those that are further: the failure has the cluster choose again, by the new scores.
fn give_way<S, C: Cluster>(
    context: &Context,
    hands: &mut Hands<'_, S, C>,
    vote: &Vote,
    others: &BTreeSet<Node>,
) -> Ending {
    for (node, score) in vote.outcome.scores(&vote.ballot) {
        if let Err(error) = scores::set(context, hands, &node, score) {
            warn!("the promotion score of {node} stays as it is: {error}");
        }
    }
    let names: Vec<&str> = others.iter().map(Node::name).collect();
    let names = names.join(" or ");
    let why_not = vote.outcome.why_not.get(&context.local);
    let why_not = why_not.map(WhyNot::to_string).unwrap_or_default();
    Ending::failed(format!(
        "{names} is further than {}, and is to be promoted: {why_not}",
        context.local
    ))
}

/// Why nobody is promoted, and what an administrator can do about it.
fn lacking(context: &Context, vote: &Vote) -> String {
    let why_not = vote.outcome.why_not.get(&context.local);
    let reason = why_not.map(WhyNot::to_string).unwrap_or_default();
    let end = context.attributes.primary_end();
    match why_not {
        Some(WhyNot::Lacks { .. } | WhyNot::Behind { .. }) => format!(
            "{} must not be promoted: {reason}. Start the server that was the primary; only if it is \
             lost for good, delete the attribute {end} of its node and give a node a promotion score",
            context.local
        ),
        Some(WhyNot::TooFarBehind { .. } | WhyNot::Equal | WhyNot::Silent) | None => {
            format!("{} must not be promoted: {reason}", context.local)
        }
    }
}

/// Fails, and keeps the cluster from trying the same again and again, also where an administrator's constraint
/// wishes it.
fn refuse<S, C: Cluster>(context: &Context, hands: &mut Hands<'_, S, C>, reason: String) -> Ending {
    if let Err(error) = scores::set(context, hands, &context.local, Score::VETO) {
        warn!("the cluster will try again: {error}");
    }
    Ending::failed(reason)
}

/// Why the notification before this promotion has found that it must not be, if it has.
fn cancelled<S, C: Cluster>(
    context: &Context,
    hands: &mut Hands<'_, S, C>,
) -> Result<Option<String>, super::ClusterError> {
    let name = context.attributes.cancellation();
    let told = hands.cluster.told(&context.local, &name, hands.deadline)?;
    let Some(told) = told else {
        return Ok(None);
    };
    publish::nothing(context, hands, &[name]);
    Ok(Some(if told == "1" {
        "the switchover is called off: this standby did not receive the shutdown checkpoint of the \
         primary"
            .into()
    } else {
        "the switchover is called off: whether this standby has the shutdown checkpoint of the primary \
         could not be found out"
            .into()
    }))
}
