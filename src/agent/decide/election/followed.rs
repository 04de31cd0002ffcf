//! Promotions that are recorded only as planned: which timelines began as a plan says, and which recorded beginnings a
//! later plan has replaced. Makes no demand of a node.

use std::collections::BTreeSet;

use super::acknowledged::may_have_acknowledged;
use super::facts::{ElectionFacts, Reported};
use crate::agent::decide::lineage::Lineage;
use crate::agent::decide::primary_end::{Moment, Origin, PrimaryEnd, Promotion};
use crate::agent::decide::sync_rule::{Since, SyncRules};
use crate::agent::ocf::node::Node;
use crate::postgres::timeline::Branch;

/// Where a timeline stands beside those of the last primary on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It began after all of them.
    Newer,
    /// It has the number of one and began at the same position, at another moment.
    Beside,
    /// It is one of them, or older.
    Known,
}

/// Returns the newest timeline that began as a recorded plan of a promotion says, that is newer than what is recorded,
/// that a node is on, and on which something may have been acknowledged, with its parent; nothing if there is none. If
/// several began as the same plan says, each of them may be the one. One that began beside a recorded one counts as well,
/// if its promoter has recorded no more than the plan: which of the two was the last is not known.
pub(super) fn followed(
    facts: &ElectionFacts,
    system: Option<u64>,
    reported: &Reported<'_>,
    place: impl Fn(Branch) -> Place,
) -> BTreeSet<(Branch, Branch)> {
    let rules = facts.rules.iter();
    let told = rules.filter(|(_, rules)| Some(rules.system_identifier) == system);
    let begun = told.map(|(holder, rules)| {
        let is_all_recorded = is_carried_out(facts, holder, rules);
        let lineages = reported.values().filter_map(|said| said.lineage.as_ref());
        let steps = lineages.flat_map(Lineage::steps);
        let newer = steps.filter_map(|(branch, parent)| {
            let parent: Branch = parent?;
            let is_in_question = match place(branch) {
                Place::Newer => true,
                Place::Beside => !is_all_recorded,
                Place::Known => false,
            };
            let counts = is_in_question
                && !is_of_another(facts, holder, branch)
                && rules.since.is_of(branch, Some(parent.timeline))
                && rules.since.may_come_from(parent)
                && may_have_acknowledged(facts, rules, branch, reported);
            counts.then_some((branch, parent))
        });
        newer.collect::<BTreeSet<_>>()
    });
    let newest = begun.max_by_key(|begun| begun.last().copied());
    newest.unwrap_or_default()
}

/// Returns whether a later election has replaced a recorded promotion on whose timeline nobody had anything: the rule of
/// its node is gone, which is recorded before a promotion, and another node has recorded one that begins from the same
/// timeline. A node deletes such rules of others before it promotes its server.
pub(super) fn is_replaced(facts: &ElectionFacts, node: &Node, end: &PrimaryEnd) -> bool {
    let (Promotion::Elected, Moment::Started, Some(origin)) =
        (end.promotion, end.moment, end.origin)
    else {
        return false;
    };
    let branch = beginning(end, origin);
    let rules = facts.rules.iter();
    let rules: Vec<(&Node, &SyncRules)> = rules
        .filter(|(_, rules)| rules.system_identifier == end.system_identifier)
        .collect();
    let is_own = |(holder, rules): &(&Node, &SyncRules)| {
        *holder == node && rules.since.is_of(branch, origin.parent)
    };
    let replaces = |(holder, rules): &(&Node, &SyncRules)| {
        *holder != node && is_rival(rules.since, branch, origin)
    };
    !rules.iter().any(is_own) && rules.iter().any(replaces)
}

/// Returns whether a rule is of a promotion that began, or was to begin, where a timeline did. What is not known of both
/// shows nothing.
fn is_rival(since: Since, branch: Branch, origin: Origin) -> bool {
    match since {
        Since::On(other) => {
            other.timeline == branch.timeline && other.begin.is_twin_of(branch.begin)
        }
        Since::After {
            parent,
            parent_begin,
            ..
        } => match (parent_begin, origin.parent_begin) {
            (Some(planned), Some(begin)) => origin.parent == Some(parent) && planned.may_be(begin),
            (None, _) | (_, None) => false,
        },
    }
}

/// Returns whether a node has recorded where the timeline began that its plan was of.
fn is_carried_out(facts: &ElectionFacts, holder: &Node, rules: &SyncRules) -> bool {
    let end = facts.ends.get(holder);
    end.is_some_and(|end| {
        end.origin
            .is_some_and(|origin| rules.since.is_of(beginning(end, origin), origin.parent))
    })
}

/// Returns whether another node has recorded a timeline as its own.
fn is_of_another(facts: &ElectionFacts, holder: &Node, branch: Branch) -> bool {
    let mut others = facts.ends.iter().filter(|(node, _)| *node != holder);
    others.any(|(_, end)| {
        end.position.timeline == branch.timeline
            && branch.begin.promoted.is_some()
            && end.begin() == Some(branch.begin)
    })
}

fn beginning(end: &PrimaryEnd, origin: Origin) -> Branch {
    Branch {
        timeline: end.position.timeline,
        begin: origin.begin,
    }
}
