//! The words in which facts and a plan are told to people. Decides nothing.

use std::fmt::Write;

use super::facts::{LocalServer, RejoinFacts};
use super::plan::loss::{Acknowledged, Loss};
use super::plan::{Assessment, Method, Preparation, RejoinPlan};
use super::relation::Relation;
use crate::base::terminal::shown;

/// Returns what `rejoin --plan` prints.
#[must_use]
pub fn report(facts: &RejoinFacts, plan: &RejoinPlan) -> String {
    let mut lines = vec![
        ("directory", facts.local.datadir.display().to_string()),
        ("server", server(facts)),
    ];
    if let Ok(primary) = &facts.primary {
        lines.push((
            "primary",
            format!(
                "{}, timeline {}, WAL up to {}",
                primary.server, primary.end.timeline, primary.end.lsn
            ),
        ));
    }
    lines.extend(
        plan.relation
            .map(|relation| ("relation", related(relation))),
    );
    lines.push(("plan", decided(plan)));
    for step in &plan.before {
        lines.push(("before", preparation(*step).into()));
    }
    let chosen = plan
        .methods
        .iter()
        .find(|one| Some(one.method) == plan.decision);
    if let Some(loss) = chosen.and_then(|one| one.loss.as_ref()) {
        lines.push(("discards", lost(loss)));
    }
    for refusal in &plan.refusals {
        lines.push(("because", refusal.to_string()));
        lines.push(("remedy", refusal.remedy()));
    }
    for method in &plan.methods {
        lines.push((method.method.word(), assessed(method)));
    }
    lines.iter().fold(String::new(), |mut text, (name, value)| {
        // Writing to a String cannot fail.
        writeln!(text, "{name:<10} {}", shown(value)).ok();
        text
    })
}

fn server(facts: &RejoinFacts) -> String {
    let local = &facts.local;
    let runs = match &local.server {
        LocalServer::Stopped => "stopped",
        LocalServer::Standby => "runs as a standby",
        LocalServer::Primary => "runs as a primary",
        LocalServer::Unclear(_) => "unclear whether it runs",
    };
    let state = match &local.control {
        Ok(control) => format!("last {}", control.state),
        Err(why) => why.clone(),
    };
    let end = local
        .end
        .map_or("the end of its WAL is not known".into(), |end| {
            format!("timeline {}, WAL up to {}", end.timeline, end.lsn)
        });
    format!("{runs}, {state}, {end}")
}

fn related(relation: Relation) -> String {
    match relation {
        Relation::Behind => "all WAL of this node is part of the primary's".into(),
        Relation::Ahead => "this node has more WAL than the primary on the same timeline".into(),
        Relation::Parted { fork } => {
            format!("parted on timeline {} at {}", fork.timeline, fork.lsn)
        }
        Relation::Twins => "timelines of the same numbers, and other WAL on them".into(),
        Relation::Strangers => "no timeline in common".into(),
    }
}

fn decided(plan: &RejoinPlan) -> String {
    match plan.decision {
        Some(Method::AsIs) => "as it is: start it as a standby".into(),
        Some(Method::Rewind) => "pg_rewind".into(),
        Some(Method::Copy) => "a new copy by pg_basebackup".into(),
        None => "none: nothing is changed".into(),
    }
}

fn preparation(step: Preparation) -> &'static str {
    match step {
        Preparation::Stop => "Pacemaker stops the server of this node",
        Preparation::Recover => "crash recovery of this node, without clients",
        Preparation::Checkpoint => "a checkpoint on the primary",
    }
}

/// Returns what would be thrown away.
#[must_use]
pub fn lost(loss: &Loss) -> String {
    let acknowledged = match &loss.acknowledged {
        Acknowledged::Asynchronous => "its commits waited for no standby",
        Acknowledged::Elsewhere => "what was acknowledged is on the primary",
        Acknowledged::PerhapsOnlyHere { .. } => "commits in it may have been acknowledged",
    };
    format!(
        "{} bytes of WAL, {} to {}; {acknowledged}",
        loss.bytes.0, loss.from.lsn, loss.to.lsn
    )
}

fn assessed(method: &Assessment) -> String {
    if method.obstacles.is_empty() {
        return match method.fetched {
            Some(bytes) => format!("possible, fetches at most {}", bytes.roughly()),
            None => "possible".into(),
        };
    }
    let why: Vec<String> = method.obstacles.iter().map(ToString::to_string).collect();
    format!("no: {}", why.join("; "))
}
