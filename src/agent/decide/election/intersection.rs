//! Whether so many of the standbys that a primary's commits waited for have reported that at least one of them has
//! what was acknowledged (the members that are needed and those that acknowledged overlap). Does not compare positions.

use std::collections::BTreeSet;

use super::Ballot;
use super::NodePosition;
use super::content::Point;
use super::demands::{Last, Spoken};
use super::why_not::WhyNot;
use crate::agent::decide::primary_end::{Moment, PrimaryEnd};
use crate::agent::decide::sync_rule::{Since, SyncRule, SyncRules};
use crate::agent::ocf::node::Node;
use crate::postgres::branch::Branch;
use crate::postgres::position::Position;

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
    ballot: &Ballot,
    system: Option<u64>,
    last: &Last,
    spoken: &Spoken<'_>,
) -> Vec<Unmet> {
    let mut found = Vec::new();
    for (holder, rules) in in_question(ballot, system, last) {
        if spoken.get(holder).is_some_and(|said| has(said, rules)) {
            continue;
        }
        let still_has = |node: &&Node| still_has(ballot, node, rules);
        let nodes: BTreeSet<&Node> = spoken.keys().copied().filter(still_has).collect();
        let end = ballot.ends.get(holder).and_then(|end| stopped(end, rules));
        for (or_has, rule) in points(rules, end) {
            found.extend(missing(holder, rule, &nodes, spoken).map(|why_not| Unmet {
                primary: holder.clone(),
                why_not,
                or_has,
            }));
        }
    }
    found
}

/// Returns whether a primary with these rules may have acknowledged something on a timeline: not if so many members
/// have reported and are not on it that too few are left. A primary whose commits waited for no standby may have.
pub(super) fn may_have_acknowledged(
    ballot: &Ballot,
    rules: &SyncRules,
    branch: Branch,
    spoken: &Spoken<'_>,
) -> bool {
    let is_elsewhere =
        |said: &NodePosition| Point::on(said, branch.timeline, Some(branch.begin)).is_none();
    let elsewhere = spoken
        .iter()
        .filter(|(node, said)| is_elsewhere(said) && still_has(ballot, node, rules));
    let elsewhere: BTreeSet<&Node> = elsewhere.map(|(node, _)| *node).collect();
    let mut all = rules
        .now
        .iter()
        .chain(rules.before.iter().map(|(_, rule)| rule));
    let is_ruled_out = |rule: &SyncRule| {
        let there = rule.members().count() - rule.missing(&elsewhere).len();
        there >= rule.needed()
    };
    rules.now.is_none() || all.any(|rule| !is_ruled_out(rule))
}

/// Returns whether a member still has all that it acknowledged to a primary with these rules. It has not if it was
/// rebuilt since from a server on another timeline, for example one that was promoted by hand in parallel to that
/// primary. A copy of the parent timeline has reached this one by replication.
fn still_has(ballot: &Ballot, node: &Node, rules: &SyncRules) -> bool {
    let copy = ballot
        .copies
        .get(node)
        .filter(|copy| copy.system_identifier == rules.system_identifier);
    let Some(lineage) = copy.and_then(|copy| copy.lineage.as_ref()) else {
        return true;
    };
    let newest = lineage.newest();
    match rules.since {
        Since::On(branch) => newest.timeline < branch.timeline || newest.may_be(branch),
        Since::After { parent, .. } => {
            let from = lineage.parent().map(|parent| parent.timeline);
            newest.timeline <= parent || rules.since.is_of(newest, from)
        }
    }
}

fn in_question<'a>(
    ballot: &'a Ballot,
    system: Option<u64>,
    last: &Last,
) -> impl Iterator<Item = (&'a Node, &'a SyncRules)> {
    ballot.rules.iter().filter(move |(_, rules)| {
        Some(rules.system_identifier) == system && last.is_in_question(rules)
    })
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
/// where the primary was stopped. If the timeline is not known, no rule was changed yet.
fn points(
    rules: &SyncRules,
    end: Option<Point>,
) -> impl Iterator<Item = (Option<Point>, &SyncRule)> {
    let before = rules.before.iter().filter_map(move |(lsn, rule)| {
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
    spoken: &Spoken<'_>,
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
                spoken
                    .keys()
                    .any(|node| node.name().eq_ignore_ascii_case(name))
            })
            .map(|name| (*name).to_owned())
            .collect(),
        missing: missing.into_iter().map(str::to_owned).collect(),
    })
}
