//! Whether so many of those have spoken that a primary's commits waited for, that what was acknowledged is with one of
//! them (the members that are needed and those that acknowledged overlap). Knows no position's order.

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

/// A rule that not enough have spoken for.
#[derive(Debug)]
pub(super) struct Unmet {
    /// Whose it is.
    pub(super) primary: Node,
    /// Who has to speak.
    pub(super) why_not: WhyNot,
    /// What whoever has may do without them, where the rule is no longer in force, or the primary was stopped in order.
    pub(super) or_has: Option<Point>,
}

/// The rules of the last primary, and of promotions that may have come after it, that these do not suffice for. Where
/// the primary itself is one of them, and still has that timeline, it has everything.
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

/// Whether a primary with these rules may have acknowledged something on a timeline: not where so many members have
/// spoken and are not on it that too few are left for that. One whose commits waited for nobody may.
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

/// Whether a member has, of what it has acknowledged to a primary with these rules, all that it had: not if it was made
/// anew since from a server that was on another timeline, one that somebody has promoted beside that primary, say. A copy
/// of the timeline before has come to this one by itself.
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
            newest.timeline <= parent || rules.since.is_of(newest, lineage.parent())
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

/// Whether the server that the rules were in force on has what was acknowledged by them: it may have been made anew
/// since. One that was only about to be promoted and was not has acknowledged nothing.
fn has(said: &NodePosition, rules: &SyncRules) -> bool {
    match rules.since {
        // Also where it has the timeline of that number that another server began there: it was made anew from that.
        Since::On(branch) => {
            Point::on(said, branch.timeline, Some(branch.begin.at.into())).is_some()
        }
        Since::After { .. } => true,
    }
}

/// Where the primary with these rules ended, if it was stopped in order: nothing was acknowledged beyond.
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

/// The rules, each with what was acknowledged by it before it was changed, or before the primary was stopped. Of a
/// timeline that is not known nothing was changed yet.
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
