//! Which way a node comes back, a pure function of facts: as it is, by `pg_rewind`, by a new copy, or not at all. Knows no
//! program and no clock.
//!
//! - [`obstacle`]: what is in the way of each.
//! - `remedy`: what mends it.
//! - [`loss`]: the WAL that would be thrown away, and whether somebody was told that it is safe.
//! - `method`: the ways, and what is asked for.
//! - `sizes`: the WAL that is needed.
//! - `assess`: what each method would take.
//! - `in_the_way`: finds the obstacles.

mod assess;
mod in_the_way;
pub mod loss;
mod method;
pub mod obstacle;
mod remedy;
mod sizes;

use super::facts::{Earlier, LastPage, LocalServer, RejoinFacts};
use super::relation::{Relation, relate};
use crate::postgres::control::{ClusterState, Control};
use assess::assess;
pub use method::{Assessment, Discard, Method, RejoinRequest};
use obstacle::Obstacle;

/// What is to be done, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejoinPlan {
    /// The way; `None` if nothing is done.
    pub decision: Option<Method>,
    /// Where the node stands, if that is known.
    pub relation: Option<Relation>,
    /// What is in the way of every method, or of the one that was asked for.
    pub refusals: Vec<Obstacle>,
    /// What the methods would take, in the order in which they are preferred.
    pub methods: Vec<Assessment>,
    /// What is done before the way itself, in this order.
    pub before: Vec<Preparation>,
}

/// What is done before a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preparation {
    /// Pacemaker stops the server of this node, and keeps it stopped.
    Stop,
    /// The server's own crash recovery, which `pg_rewind` needs after a crash.
    Recover,
    /// A checkpoint on the primary, by which its control file tells its timeline.
    Checkpoint,
}

/// Decides.
#[must_use]
pub fn plan(facts: &RejoinFacts, request: RejoinRequest) -> RejoinPlan {
    let relation = relation(facts);
    let methods: Vec<Assessment> = Method::ALL
        .into_iter()
        .map(|method| assess(facts, relation, method, request.discard))
        .collect();
    let mut refusals = in_the_way::of_every_method(facts);
    let is_wanted = |one: &&Assessment| request.method.is_none_or(|wanted| wanted == one.method);
    let mut candidates = methods.iter().filter(is_wanted);
    let chosen = candidates.find(|one| one.obstacles.is_empty());
    if chosen.is_none() && refusals.is_empty() {
        refusals = why_none(&methods, request.method);
    }
    let decision = chosen.filter(|_| refusals.is_empty());
    let decision = decision.map(|one| one.method);
    RejoinPlan {
        decision,
        relation,
        before: decision.map_or_else(Vec::new, |method| preparations(facts, method)),
        refusals,
        methods,
    }
}

/// Returns where the node stands, if both sides are known.
#[must_use]
pub fn relation(facts: &RejoinFacts) -> Option<Relation> {
    let primary = facts.primary.as_ref().ok()?;
    let end = facts.local.end?;
    let history = &facts.local.history;
    let relation = relate(history, end, &primary.history, primary.end.lsn);
    Some(match (relation, facts.last_page) {
        (Relation::Behind, LastPage::Different) => Relation::Twins,
        (_, LastPage::Same | LastPage::Different | LastPage::Unknown) => relation,
    })
}

/// Returns whether a control file is that of a server that was shut down.
#[must_use]
pub fn is_clean(control: &Control) -> bool {
    match control.state {
        ClusterState::ShutDown | ClusterState::ShutDownInRecovery => true,
        ClusterState::StartingUp
        | ClusterState::ShuttingDown
        | ClusterState::CrashRecovery
        | ClusterState::ArchiveRecovery
        | ClusterState::Production => false,
    }
}

/// Returns why no method is possible: what is in the way of the one that was asked for, or else of the last resort. What
/// would be thrown away concerns them all.
fn why_none(methods: &[Assessment], wanted: Option<Method>) -> Vec<Obstacle> {
    let wanted = wanted.unwrap_or(Method::Copy);
    let mut of = methods.iter().filter(|one| one.method == wanted);
    of.next().map_or_else(Vec::new, |one| one.obstacles.clone())
}

fn preparations(facts: &RejoinFacts, method: Method) -> Vec<Preparation> {
    let mut before = Vec::new();
    if method != Method::AsIs && facts.local.server == LocalServer::Standby {
        before.push(Preparation::Stop);
    }
    if method != Method::Rewind {
        return before;
    }
    let is_interrupted = facts.local.earlier == Earlier::Rewinding;
    let control = facts.local.control.as_ref();
    if !is_interrupted && control.is_ok_and(|control| !is_clean(control)) {
        before.push(Preparation::Recover);
    }
    if let Ok(primary) = &facts.primary
        && let Ok(client) = &primary.client
        && client.checkpoint_timeline != primary.end.timeline
    {
        before.push(Preparation::Checkpoint);
    }
    before
}

#[cfg(test)]
mod tests;
