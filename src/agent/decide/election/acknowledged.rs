//! Whether a primary may have acknowledged something on a timeline, by where the standbys are that its commits waited for.
//! Does not know what is to be promoted.

use std::collections::BTreeSet;

use super::content::Point;
use super::facts::{ElectionFacts, NodePosition, Reported};
use crate::agent::decide::sync_rule::{Since, SyncRule, SyncRules};
use crate::agent::ocf::node::Node;
use crate::postgres::timeline::Branch;

/// Returns whether a primary with these rules may have acknowledged something on a timeline: not if so many members
/// have reported and are not on it that too few are left. A primary whose commits waited for no standby may have.
pub(super) fn may_have_acknowledged(
    facts: &ElectionFacts,
    rules: &SyncRules,
    branch: Branch,
    reported: &Reported<'_>,
) -> bool {
    let is_elsewhere =
        |said: &NodePosition| Point::on(said, branch.timeline, Some(branch.begin)).is_none();
    let elsewhere = reported
        .iter()
        .filter(|(node, said)| is_elsewhere(said) && still_has(facts, node, rules));
    let elsewhere: BTreeSet<&Node> = elsewhere.map(|(node, _)| *node).collect();
    let mut all = rules
        .now
        .iter()
        .chain(rules.earlier().iter().map(|(_, rule)| rule));
    let is_ruled_out = |rule: &SyncRule| {
        let there = rule.members().count() - rule.missing(&elsewhere).len();
        there >= rule.needed()
    };
    rules.now.is_none() || all.any(|rule| !is_ruled_out(rule))
}

/// Returns whether a member still has all that it acknowledged to a primary with these rules. It has not if it was
/// rebuilt since from a server on another timeline, for example one that was promoted by hand in parallel to that
/// primary. A copy of the parent timeline has reached this one by replication.
pub(super) fn still_has(facts: &ElectionFacts, node: &Node, rules: &SyncRules) -> bool {
    let copy = facts
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
