//! Whether the primary that a standby has had its WAL from still runs, whatever the cluster knows of it: before the
//! standby is promoted, nobody else may take writes. Knows no election and no cluster.

use std::collections::BTreeMap;
use std::time::Duration;

use thiserror::Error;

use super::Seams;
use super::server::{Server, ServerError, Whom};
use crate::agent::decide::primary_end::{self, PrimaryEnd};
use crate::agent::ocf::node::Node;
use crate::agent::ocf::notification::{RoleChange, TransitionPlan, transition};
use crate::postgres::position::Position;

/// Longest wait for a primary to go that goes: one that has lost the quorum is being stopped on its own node.
const PATIENCE: Duration = Duration::from_secs(15);

/// Between two looks.
const PACE: Duration = Duration::from_millis(200);

/// So long nobody may have answered where the last primary is forgotten. A load balancer that leads
/// nowhere any more may have noticed first: the others have still let clients in.
const QUIET: Duration = Duration::from_secs(2);

/// The same after one has answered: it may be held up for a moment.
const QUIET_AFTER_ANSWER: Duration = Duration::from_secs(5);

/// Longest wait for an answer. A host that is lost gives none, and its promotion waits so long.
const TO_ANSWER: Duration = Duration::from_secs(1);

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
    #[error(
        "a primary that the cluster did not know of has just gone: what others have of it is not what they have told, and \
         the election has to be held again"
    )]
    HasGone,
    #[error(
        "whether a primary still runs that the cluster does not know of cannot be found out: {0}"
    )]
    Unknown(ServerError),
}

impl StillRuns {
    /// Whether one was seen.
    pub(super) fn is_seen(&self) -> bool {
        match self {
            Self::Answers | Self::Sends(_) | Self::HasGone => true,
            Self::Unknown(_) => false,
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
    /// Nothing: it has been away, or the cluster was told to forget all that it knew.
    Forgotten,
}

/// What is known of the last primary, by what is planned and by all that nodes remember.
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
    // A node on which a promotion has failed looks to Pacemaker as if it had been the primary.
    let was_it = |node: &Node| primary_end::may_be_one_of(&last, ends.get(node));
    let has_ended = is_stopped
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

/// What has been received so far; none where the server does not say.
pub(super) fn received<S: Server, C>(seams: &mut Seams<'_, S, C>) -> Option<Position> {
    let traces = seams.server.traces(seams.deadline).ok()?;
    traces.received
}

/// Waits until no primary answers, and nothing more is received than before. Where the last primary has ended, whoever
/// still streams is asked, and nobody else: to connect to a host that is lost would take the time of writers. What a
/// standby has replayed or reads on its disk tells nothing: it goes on with what it has.
pub(super) fn is_gone<S: Server, C>(
    seams: &mut Seams<'_, S, C>,
    last: LastPrimary,
    mut before: Option<Position>,
) -> Result<(), StillRuns> {
    let patience = seams.within(PATIENCE.min(seams.left() / 4));
    let (whom, quiet) = match last {
        LastPrimary::Ended => (Whom::Sender, Duration::ZERO),
        LastPrimary::Forgotten => (Whom::Configured, QUIET.min(seams.left() / 8)),
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
            (Err(error), LastPrimary::Forgotten) => Some(StillRuns::Unknown(error)),
            (Ok(false), _) | (Err(_), LastPrimary::Ended) => now
                .filter(|_| before.is_some() && now > before)
                .map(StillRuns::Sends),
        };
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
        was_there |= !matches!(found, StillRuns::Unknown(_));
        before = now;
        silent = seams.within(QUIET_AFTER_ANSWER.min(seams.left() / 6));
        seams.pause(PACE, patience);
    }
}
