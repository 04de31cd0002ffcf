//! Makes a standby the primary, if no node is ahead of it and no acknowledged data is lost by it.

use tracing::warn;

use super::cluster::{Cluster, ClusterError};
use super::election::Election;
use super::outcome::ActionOutcome;
use super::proceed::proceed;
use super::refusal::{give_way, lacking, refuse, tell_refused_among};
use super::server::Server;
use super::upstream::LastPrimary;
use super::{
    Context, Seams, election, membership, observe, primary, publish, start, unknown, upstream,
};
use crate::agent::decide::decision::{self, ToPromote};
use crate::agent::decide::election::Choice;
use crate::agent::decide::known_primary::Standing;
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
