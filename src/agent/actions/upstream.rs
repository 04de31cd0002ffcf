//! Whether the primary that a standby had its WAL from still runs, whatever the cluster knows of it: before the
//! standby is promoted, no other server may accept writes. Knows no election and no cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use thiserror::Error;
use tracing::debug;

use super::Seams;
use super::server::{NodeAnswer, Server, ServerError, Whom};
use crate::agent::decide::primary_end::{self, PrimaryEnd};
use crate::agent::ocf::node::Node;
use crate::agent::ocf::notification::{RoleChange, TransitionPlan, includes, transition};
use crate::postgres::position::Position;

/// Longest wait for a primary that is about to end: one that has lost quorum is being stopped on its own node.
const PATIENCE: Duration = Duration::from_secs(15);

/// The interval between two queries.
const PACE: Duration = Duration::from_millis(200);

/// How long no primary may have answered, if it is not known that the last one ended. Of several load balancers, this
/// standby's may be the first to notice that the primary is gone, while the others still accept clients.
const QUIET: Duration = Duration::from_secs(2);

/// The same where the last primary's node is a member and the cluster may not have looked there yet: a load balancer that
/// has taken that primary for down takes so long to lead to it again (`rise` checks at intervals of `inter`).
const QUIET_UNSEEN: Duration = Duration::from_secs(5);

/// The same after a primary has answered: it may be delayed for a moment.
const QUIET_AFTER_ANSWER: Duration = Duration::from_secs(5);

/// Longest wait for an answer. A lost host gives none, and the promotion waits this long.
pub(super) const TO_ANSWER: Duration = Duration::from_secs(1);

/// A primary runs that the cluster does not know of, or may run.
#[derive(Debug, Error)]
pub(super) enum StillRuns {
    #[error(
        "a primary that the cluster does not know of answers where this standby has its WAL from. {REMEDY}"
    )]
    Answers,
    #[error(
        "a primary that the cluster does not know of still sends WAL to this standby, which has received it up to {0}. \
         {REMEDY}"
    )]
    Sends(Position),
    #[error("a primary that the cluster does not know of answers on {0}. {REMEDY}")]
    AnswersOn(Node),
    #[error(
        "a server accepts connections on {0}, where the cluster knows of none, and does not tell its role: it may be a \
         primary. {REMEDY}"
    )]
    DoesNotAnswerOn(Node),
    #[error(
        "a primary that the cluster did not know of has just ended: nodes may have more of its WAL than they have \
         reported, and the election has to be held again"
    )]
    HasGone,
    #[error("cannot determine whether a primary still runs that the cluster does not know of: {0}")]
    Unknown(ServerError),
}

impl StillRuns {
    /// Returns whether such a primary was seen.
    pub(super) fn is_seen(&self) -> bool {
        match self {
            Self::Answers | Self::AnswersOn(_) | Self::Sends(_) | Self::HasGone => true,
            Self::DoesNotAnswerOn(_) | Self::Unknown(_) => false,
        }
    }
}

/// What an operator does about it.
const REMEDY: &str = "Find it, and have the cluster look there again (crm_resource --refresh), or stop it; a cluster that \
                      is to leave its primary needs another primary_conninfo first";

/// What the cluster knows of the end of the last primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastPrimary {
    /// It is demoted, stopped or fenced in this transition, or was stopped in order before.
    Ended,
    /// Nothing: it has been absent, or the cluster was told to forget all that it knew.
    Forgotten,
    /// Nothing either, and its node is a member on which nothing is known to run: the cluster may look there only now.
    Unseen,
}

/// Returns what is known of the last primary, from the plan and from all that nodes have recorded.
pub(super) fn last_primary(
    plan: &TransitionPlan,
    ends: &BTreeMap<Node, PrimaryEnd>,
    system_identifier: Option<u64>,
) -> LastPrimary {
    let is_stopped =
        system_identifier.is_some_and(|system| primary_end::is_stopped(ends.values(), system));
    let last = match system_identifier {
        Some(system) => primary_end::last_of_system(ends.values(), system),
        None => primary_end::last(ends.values().collect()),
    };
    // To Pacemaker, a node on which a promotion has failed looks like a former primary.
    let was_it = |node: &Node| primary_end::may_be_one_of(&last, ends.get(node));
    let has_ended = is_stopped
        || are_all_stopped(plan, ends, &last)
        || match &transition(plan).role {
            RoleChange::Switchover { from, .. }
            | RoleChange::Failover {
                from: Some(from), ..
            }
            | RoleChange::PrimaryRecovery { node: from } => was_it(from),
            RoleChange::Failover { from: None, .. }
            | RoleChange::None
            | RoleChange::FirstStart { .. }
            | RoleChange::Demotion { .. }
            | RoleChange::Other => false,
        };
    if has_ended {
        LastPrimary::Ended
    } else {
        LastPrimary::Forgotten
    }
}

/// Returns whether every node that may have run the last primary is stopped in this transition, in whatever role it is known:
/// a transition that was broken off may have demoted it. The stop ends any server, and the promotion comes after it.
fn are_all_stopped(
    plan: &TransitionPlan,
    ends: &BTreeMap<Node, PrimaryEnd>,
    last: &[&PrimaryEnd],
) -> bool {
    primary_end::holds_of_each(last, ends, |node| {
        includes(&plan.stop, node) && !includes(&plan.start, node)
    })
}

/// Returns whether the last primary's node is a member on which the plan knows of no instance and starts none.
pub(super) fn is_unseen(
    plan: &TransitionPlan,
    ends: &BTreeMap<Node, PrimaryEnd>,
    system_identifier: u64,
    members: &BTreeSet<Node>,
) -> bool {
    let last = primary_end::last_of_system(ends.values(), system_identifier);
    let mut holders = ends.iter().filter(|(_, end)| last.contains(end));
    holders.any(|(node, _)| {
        members.contains(node) && !includes(&plan.active, node) && !includes(&plan.start, node)
    })
}

/// Returns the nodes that may have run the last primary and are no members.
pub(super) fn absent<'a>(
    nodes: impl Iterator<Item = &'a Node>,
    ends: &BTreeMap<Node, PrimaryEnd>,
    system_identifier: u64,
    members: &BTreeSet<Node>,
) -> Vec<Node> {
    let last = primary_end::last_of_system(ends.values(), system_identifier);
    nodes
        .filter(|node| primary_end::may_be_one_of(&last, ends.get(*node)))
        .filter(|node| !members.contains(*node))
        .cloned()
        .collect()
}

/// Returns the nodes that may have run the last primary and on which the cluster knows of no instance: they are no
/// members, or it has not looked there yet. A server that is left running there may be out of reach for this standby's
/// load balancer, which leads nowhere while that server hangs.
pub(super) fn unaccounted<'a>(
    plan: &TransitionPlan,
    nodes: impl Iterator<Item = &'a Node>,
    ends: &BTreeMap<Node, PrimaryEnd>,
    system_identifier: u64,
    members: &BTreeSet<Node>,
) -> Vec<Node> {
    let known: BTreeSet<Node> = members
        .iter()
        .filter(|node| includes(&plan.active, node) || includes(&plan.start, node))
        .cloned()
        .collect();
    absent(nodes, ends, system_identifier, &known)
}

/// Returns the position that has been received so far; `None` if the server does not report it.
pub(super) fn received<S: Server, C>(seams: &mut Seams<'_, S, C>) -> Option<Position> {
    let traces = seams.server.traces(seams.deadline).ok()?;
    traces.received
}

/// Waits until no primary answers, and nothing more is received than before. If the last primary has ended, only a
/// server that still streams is asked: connecting to a lost host would take time during which writers wait. Otherwise,
/// the servers on the nodes that are unaccounted for are asked directly, too. What a standby has replayed or reads on its
/// disk shows nothing: it goes on with what it has.
pub(super) fn is_gone<S: Server, C>(
    seams: &mut Seams<'_, S, C>,
    last: LastPrimary,
    unaccounted: &[Node],
    mut before: Option<Position>,
) -> Result<(), StillRuns> {
    let patience = seams.within(PATIENCE.min(seams.left() / 4));
    let (whom, quiet) = match last {
        LastPrimary::Ended => (Whom::Sender, Duration::ZERO),
        LastPrimary::Forgotten => (Whom::Configured, QUIET.min(seams.left() / 8)),
        LastPrimary::Unseen => (Whom::Configured, QUIET_UNSEEN.min(seams.left() / 6)),
    };
    let mut silent = seams.within(quiet);
    let mut was_there = false;
    loop {
        let now = received(seams);
        let found = match (
            seams.server.primary_answers(whom, seams.within(TO_ANSWER)),
            last,
        ) {
            (Ok(true), _) => Some(StillRuns::Answers),
            (Err(error), LastPrimary::Forgotten | LastPrimary::Unseen) => {
                Some(StillRuns::Unknown(error))
            }
            (Ok(false), _) | (Err(_), LastPrimary::Ended) => now
                .filter(|_| before.is_some() && now > before)
                .map(StillRuns::Sends),
        };
        let found = found.or_else(|| match last {
            LastPrimary::Ended => None,
            LastPrimary::Forgotten | LastPrimary::Unseen => runs_on(seams, unaccounted),
        });
        let Some(found) = found else {
            if seams.has_passed(silent) {
                return if was_there {
                    Err(StillRuns::HasGone)
                } else {
                    Ok(())
                };
            }
            seams.pause(PACE, silent);
            continue;
        };
        if seams.has_passed(patience) {
            return Err(found);
        }
        was_there |= found.is_seen();
        before = now;
        silent = seams.within(QUIET_AFTER_ANSWER.min(seams.left() / 6));
        seams.pause(PACE, patience);
    }
}

/// Asks for a primary on these nodes. One on which no server can be asked shows none.
fn runs_on<S: Server, C>(seams: &mut Seams<'_, S, C>, nodes: &[Node]) -> Option<StillRuns> {
    nodes.iter().find_map(
        |node| match seams.server.server_on(node, seams.within(TO_ANSWER)) {
            Ok(NodeAnswer::Primary) => Some(StillRuns::AnswersOn(node.clone())),
            Ok(NodeAnswer::Undetermined) => Some(StillRuns::DoesNotAnswerOn(node.clone())),
            Ok(NodeAnswer::NoPrimary) => None,
            Err(error) => {
                debug!("cannot ask the server on {node}: {error}");
                None
            }
        },
    )
}
