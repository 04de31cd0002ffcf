//! Whether so many of the standbys that a primary's commits waited for have reported that at least one of them has
//! what was acknowledged (the members that are needed and those that acknowledged overlap). Does not compare positions.

use std::collections::BTreeSet;

use super::acknowledged::still_has;
use super::content::Point;
use super::demands::Last;
use super::facts::{ElectionFacts, NodePosition, Reported};
use super::why_not::WhyNot;
use crate::agent::decide::primary_end::{Moment, PrimaryEnd};
use crate::agent::decide::sync_rule::{Since, SyncRule, SyncRules};
use crate::agent::ocf::node::Node;
use crate::postgres::position::Position;
use crate::postgres::timeline::Branch;

/// A rule for which not enough nodes have reported.
#[derive(Debug)]
pub(super) struct Unmet {
    /// The primary whose rule it is.
    pub(super) primary: Node,
    /// Which nodes have to report.
    pub(super) why_not: WhyNot,
    /// The point that suffices without them, if the rule is no longer in force or the primary was stopped in order.
    pub(super) or_has: Option<Point>,
}

/// Returns the rules, of the last primary and of promotions that may have come after it, that these nodes do not
/// satisfy. If the primary itself is one of them and still has its timeline, it has everything.
pub(super) fn unmet(
    facts: &ElectionFacts,
    system: Option<u64>,
    last: &Last,
    reported: &Reported<'_>,
) -> Vec<Unmet> {
    let mut found = Vec::new();
    for (holder, rules) in in_question(facts, system, last) {
        if reported.get(holder).is_some_and(|said| has(said, &rules)) {
            continue;
        }
        let still_has = |node: &&Node| still_has(facts, node, &rules);
        let nodes: BTreeSet<&Node> = reported.keys().copied().filter(still_has).collect();
        let end = facts.ends.get(holder).and_then(|end| stopped(end, &rules));
        for (or_has, rule) in points(&rules, end) {
            found.extend(
                missing(holder, rule, &nodes, reported).map(|why_not| Unmet {
                    primary: holder.clone(),
                    why_not,
                    or_has,
                }),
            );
        }
    }
    found
}

/// Returns the rules with the node that has recorded them; those of a planned promotion and of the timeline that it was to
/// fork off from separately.
fn in_question<'a>(
    facts: &'a ElectionFacts,
    system: Option<u64>,
    last: &Last,
) -> impl Iterator<Item = (&'a Node, SyncRules)> {
    let recorded = facts.rules.iter();
    let recorded = recorded.filter(move |(_, rules)| Some(rules.system_identifier) == system);
    let all = recorded.flat_map(|(holder, rules)| {
        let of_each = rules.of_each_timeline();
        of_each.map(move |rules| (holder, rules))
    });
    all.filter(|(_, rules)| last.is_in_question(rules))
}

/// Returns whether the server on which the rules were in force has what was acknowledged under them: it may have been
/// rebuilt since. A server that was about to be promoted and was not has acknowledged nothing.
fn has(said: &NodePosition, rules: &SyncRules) -> bool {
    match rules.since {
        // Also if it has the timeline with that number that another server began there: it was rebuilt from that
        // server.
        Since::On(branch) => {
            Point::on(said, branch.timeline, Some(branch.begin.at.into())).is_some()
        }
        Since::After { .. } => true,
    }
}

/// Returns where the primary with these rules ended, if it was stopped in order: nothing was acknowledged beyond that.
fn stopped(end: &PrimaryEnd, rules: &SyncRules) -> Option<Point> {
    let origin = end.origin.filter(|_| end.moment == Moment::Stopped)?;
    let branch = Branch {
        timeline: end.position.timeline,
        begin: origin.begin,
    };
    let is_same = end.system_identifier == rules.system_identifier
        && rules.since.is_of(branch, origin.parent);
    is_same.then_some(Point {
        at: end.position,
        begin: Some(origin.begin),
    })
}

/// Returns the rules, each with the point before which commits were acknowledged under it: where it was changed, or
/// where the primary was stopped. On a timeline that was only planned no rule was changed yet.
fn points(
    rules: &SyncRules,
    end: Option<Point>,
) -> impl Iterator<Item = (Option<Point>, &SyncRule)> {
    let before = rules.earlier().iter().filter_map(move |(lsn, rule)| {
        let Since::On(branch) = rules.since else {
            return None;
        };
        let at = Position {
            timeline: branch.timeline,
            lsn: *lsn,
        };
        let begin = Some(branch.begin);
        Some((Some(Point { at, begin }), rule))
    });
    let now = rules.now.iter().map(move |rule| (end, rule));
    now.chain(before)
}

fn missing(
    holder: &Node,
    rule: &SyncRule,
    nodes: &BTreeSet<&Node>,
    reported: &Reported<'_>,
) -> Option<WhyNot> {
    let missing = rule.missing(nodes);
    let there = rule.members().count().saturating_sub(missing.len());
    let more = rule.needed().checked_sub(there).filter(|more| *more > 0)?;
    Some(WhyNot::Unseen {
        primary: holder.clone(),
        rule: rule.to_string(),
        more,
        made_anew: missing
            .iter()
            .filter(|name| {
                reported
                    .keys()
                    .any(|node| node.name().eq_ignore_ascii_case(name))
            })
            .map(|name| (*name).to_owned())
            .collect(),
        missing: missing.into_iter().map(str::to_owned).collect(),
    })
}
