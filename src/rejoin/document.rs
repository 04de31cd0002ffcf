//! A plan as a document for programs. Decides nothing.

use serde::Serialize;

use super::facts::RejoinFacts;
use super::plan::loss::{Acknowledged, Loss};
use super::plan::obstacle::Obstacle;
use super::plan::{Assessment, Preparation, RejoinPlan};
use super::relation::Relation;

#[derive(Debug, Serialize)]
struct PlanDocument {
    /// `as-is`, `rewind` or `copy`, or nothing.
    plan: Option<&'static str>,
    datadir: String,
    position: Option<String>,
    primary: Option<String>,
    primary_position: Option<String>,
    relation: Option<&'static str>,
    fork: Option<String>,
    before: Vec<&'static str>,
    refusals: Vec<ReasonDocument>,
    methods: Vec<MethodDocument>,
}

#[derive(Debug, Serialize)]
struct MethodDocument {
    method: &'static str,
    possible: bool,
    obstacles: Vec<ReasonDocument>,
    discards: Option<LossDocument>,
    fetches_at_most_bytes: Option<u64>,
}

#[derive(Debug, Serialize)]
struct LossDocument {
    bytes: u64,
    from: String,
    to: String,
    acknowledged: &'static str,
}

#[derive(Debug, Serialize)]
struct ReasonDocument {
    reason: String,
    remedy: String,
}

/// Returns the document, a field on each line. Positions are written as `TIMELINE#LSN`, both decimal.
#[must_use]
pub fn document(facts: &RejoinFacts, plan: &RejoinPlan) -> String {
    let primary = facts.primary.as_ref().ok();
    crate::base::json::line_by_line(&PlanDocument {
        plan: plan.decision.map(super::plan::Method::word),
        datadir: facts.local.datadir.display().to_string(),
        position: facts.local.end.map(|end| end.to_string()),
        primary: primary.map(|primary| primary.server.clone()),
        primary_position: primary.map(|primary| primary.end.to_string()),
        relation: plan.relation.map(|relation| match relation {
            Relation::Behind => "behind",
            Relation::Ahead => "ahead",
            Relation::Parted { .. } => "parted",
            Relation::Twins => "twins",
            Relation::Strangers => "strangers",
        }),
        fork: plan.relation.and_then(|relation| match relation {
            Relation::Parted { fork } => Some(fork.to_string()),
            Relation::Behind | Relation::Ahead | Relation::Twins | Relation::Strangers => None,
        }),
        before: plan
            .before
            .iter()
            .map(|step| match step {
                Preparation::Stop => "stop",
                Preparation::Recover => "recover",
                Preparation::Checkpoint => "checkpoint",
            })
            .collect(),
        refusals: reasons(&plan.refusals),
        methods: plan.methods.iter().map(method).collect(),
    })
}

fn method(one: &Assessment) -> MethodDocument {
    MethodDocument {
        method: one.method.word(),
        possible: one.obstacles.is_empty(),
        obstacles: reasons(&one.obstacles),
        discards: one.loss.as_ref().map(loss),
        fetches_at_most_bytes: one.fetched.map(|bytes| bytes.0),
    }
}

fn loss(loss: &Loss) -> LossDocument {
    LossDocument {
        bytes: loss.bytes.0,
        from: loss.from.to_string(),
        to: loss.to.to_string(),
        acknowledged: match loss.acknowledged {
            Acknowledged::Asynchronous => "asynchronous",
            Acknowledged::Elsewhere => "elsewhere",
            Acknowledged::PerhapsOnlyHere { .. } => "perhaps-only-here",
        },
    }
}

fn reasons(obstacles: &[Obstacle]) -> Vec<ReasonDocument> {
    let reason = |obstacle: &Obstacle| ReasonDocument {
        reason: obstacle.to_string(),
        remedy: obstacle.remedy(),
    };
    obstacles.iter().map(reason).collect()
}
