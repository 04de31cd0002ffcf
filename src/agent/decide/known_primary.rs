//! Whether a primary is the one that the cluster knows, and not a server that was promoted by hand in parallel to it.
//! No other server has to have what such a server has. Knows no server and no file.

use std::collections::BTreeMap;

use super::primary_end::{PrimaryEnd, Promotion};
use super::scores::Score;
use super::sync_rule::{Since, SyncRules};
use crate::agent::ocf::clone::TakenFor;
use crate::agent::ocf::node::Node;
use crate::agent::ocf::notification::{TransitionPlan, includes};
use crate::postgres::timeline::{Branch, Timeline};

/// A primary, and what the cluster has recorded of its nodes.
#[derive(Clone, Copy, Debug)]
pub struct Primary<'a> {
    /// Its node.
    pub local: &'a Node,
    /// The system identifier of its database cluster.
    pub system_identifier: u64,
    /// The timeline that it writes.
    pub branch: Branch,
    /// The timeline that this one forked off from, if that is known.
    pub parent: Option<Timeline>,
    /// The role that the cluster believes it to have.
    pub taken_for: TakenFor,
    /// Where the WAL of primaries ended, by node.
    pub ends: &'a BTreeMap<Node, PrimaryEnd>,
    /// Which standbys its commits wait for, as recorded for its own node since before its promotion.
    pub rules: Option<&'a SyncRules>,
    /// The nodes' scores.
    pub scores: &'a BTreeMap<Node, Score>,
}

/// Whether the cluster knows a primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is the cluster's primary.
    Known,
    /// It is not the primary that the cluster expects.
    Unexpected,
}

impl Primary<'_> {
    /// Judges the primary. For a primary that an agent has promoted, it has recorded where the timeline began. For one
    /// that was promoted without this agent, before the cluster existed or by PAF, Pacemaker's belief counts, then the
    /// score that only a primary sets for itself.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let known = match (self.taken_for, self.is_kept(), self.is_outdated()) {
            (TakenFor::Promoted, _, _) | (_, true, false) => true,
            (TakenFor::Unpromoted, _, _) | (TakenFor::Unknown, _, true) => false,
            (TakenFor::Unknown, false, false) => self.has_its_score() || self.is_first(),
        };
        if known {
            Standing::Known
        } else {
            Standing::Unexpected
        }
    }

    /// Returns whether the cluster has it on record as its last primary, or believes it to be its primary now: nothing
    /// else shows that for a server that is stopped already.
    #[must_use]
    pub fn is_on_record(&self) -> bool {
        match self.taken_for {
            TakenFor::Promoted => true,
            TakenFor::Unpromoted | TakenFor::Unknown => self.is_kept() && !self.is_outdated(),
        }
    }

    /// Returns whether its own node has a record that this timeline is a primary's. The record of a planned promotion
    /// does not outweigh Pacemaker's belief: that promotion may have failed, and the server may have been promoted by
    /// hand since.
    fn is_kept(&self) -> bool {
        let is_rule_of = |rules: &&SyncRules| {
            let counts = match (rules.since, self.taken_for) {
                (Since::After { .. }, TakenFor::Unpromoted) => false,
                (Since::After { .. }, TakenFor::Promoted | TakenFor::Unknown)
                | (Since::On(_), _) => true,
            };
            counts
                && rules.system_identifier == self.system_identifier
                && rules.since.is_of(self.branch, self.parent)
        };
        let end = self.ends.get(self.local).filter(|end| self.is_end(end));
        end.is_some() || self.rules.as_ref().is_some_and(is_rule_of)
    }

    /// Returns how it became a primary: by the agent, if its own node has a record that says so or it is the first
    /// primary; otherwise it was found.
    #[must_use]
    pub fn promotion(&self) -> Promotion {
        let own = self.ends.get(self.local).filter(|end| self.is_end(end));
        if let Some(end) = own {
            return end.promotion;
        }
        if self.is_kept() || self.others().next().is_none() {
            Promotion::Elected
        } else {
            Promotion::Found
        }
    }

    /// Returns whether a record is one of its own timeline.
    fn is_end(&self, end: &PrimaryEnd) -> bool {
        let Branch { timeline, begin } = self.branch;
        end.system_identifier == self.system_identifier
            && end.position.timeline == timeline
            && end.begin().is_none_or(|one| one.may_be(begin))
    }

    /// Returns whether another node has been a primary since. A primary that was only found may have run in parallel to
    /// this one.
    fn is_outdated(&self) -> bool {
        let Branch { timeline, begin } = self.branch;
        self.others().any(|end| {
            let is_same = end.position.timeline == timeline;
            let began_later = end.begin().is_some_and(|other| other.at > begin.at);
            let is_elected = end.promotion == Promotion::Elected;
            is_elected && (end.position.timeline > timeline || (is_same && began_later))
        })
    }

    fn has_its_score(&self) -> bool {
        self.scores.get(self.local) == Some(&Score::PRIMARY)
    }

    /// Returns whether the cluster knows of no primary yet.
    fn is_first(&self) -> bool {
        self.others().next().is_none() && !self.scores.values().any(|one| *one == Score::PRIMARY)
    }

    /// Returns what other nodes remember of this database cluster.
    fn others(&self) -> impl Iterator<Item = &PrimaryEnd> {
        let others = self.ends.iter().filter(|(node, _)| *node != self.local);
        others
            .map(|(_, end)| end)
            .filter(|end| end.system_identifier == self.system_identifier)
    }
}

/// Returns the role that the cluster believes a node's instance to have before all planned changes.
#[must_use]
pub fn taken_for(plan: &TransitionPlan, local: &Node) -> TakenFor {
    match &plan.promoted[..] {
        [only] if only.node == *local => TakenFor::Promoted,
        // One of two primaries is demoted: the plan does not say which one was expected.
        promoted if includes(promoted, local) => TakenFor::Unknown,
        _ if includes(&plan.active, local) => TakenFor::Unpromoted,
        _ => TakenFor::Unknown,
    }
}

#[cfg(test)]
mod tests;
