//! What the next primary must have: what is recorded of the last one, and what other nodes have of its timeline. Makes
//! no choice.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::acknowledged::may_have_acknowledged;
use super::content::{Point, contains};
use super::facts::{ElectionFacts, NodePosition, Reported};
use super::followed::{Place, followed, is_replaced};
use super::why_not::WhyNot;
use crate::agent::decide::primary_end::{self, Moment, PrimaryEnd, Promotion};
use crate::agent::decide::sync_rule::{Since, SyncRules};
use crate::agent::ocf::node::Node;
use crate::health::Lsn;
use crate::postgres::position::Position;
use crate::postgres::timeline::{Beginning, Branch, Timeline};

/// What is recorded of the cluster's last primary.
#[derive(Debug, Default)]
pub(super) struct Last {
    /// Its timeline, as nodes remember it; they may remember several with the same number.
    timelines: Vec<PrimaryTimeline>,
    /// The WAL that it is known to have had.
    recorded: Vec<Point>,
}

/// A timeline of a primary.
#[derive(Clone, Copy, Debug)]
struct PrimaryTimeline {
    timeline: Timeline,
    /// Where and when it began, if that is known.
    begin: Option<Beginning>,
    /// The timeline that it forked off from, if that is known.
    parent: Option<Timeline>,
}

/// WAL that the next primary must have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Demand {
    /// WAL that a primary had.
    Recorded(Point),
    /// WAL that a node has now.
    Held(Point),
}

impl Last {
    /// Determines the last primary from what nodes remember of their time as primaries. A promotion that is recorded
    /// only as planned counts as soon as a node is on its timeline; one that a later election has replaced does not. Of
    /// two timelines with the same number that began apart, one on which nothing can have been acknowledged imposes no
    /// demand. But if the other was promoted outside an election, it must contain the beginning of the first, since no
    /// election has verified that.
    pub(super) fn of(facts: &ElectionFacts, system: Option<u64>, reported: &Reported<'_>) -> Self {
        let ends = facts.ends.iter().filter(|(node, end)| {
            Some(end.system_identifier) == system
                && !is_given_up(node, end, reported)
                && !is_replaced(facts, node, end)
        });
        let ends: Vec<(&Node, &PrimaryEnd)> = ends.collect();
        let found = Self::with(facts, system, reported, ends.iter().map(|(_, end)| *end));
        let (ruled_out, acknowledged): (Vec<_>, Vec<_>) = ends
            .into_iter()
            .partition(|(node, end)| is_ruled_out(facts, node, end, reported));
        let counted = acknowledged.iter().map(|(_, end)| *end);
        let mut rival = Self::with(facts, system, reported, counted.clone());
        if !rival.contends_with(&found) {
            return found;
        }
        if counted
            .into_iter()
            .any(|end| end.promotion == Promotion::Found)
        {
            let elected = ruled_out
                .into_iter()
                .filter(|(_, end)| end.promotion == Promotion::Elected);
            let begins = elected.filter_map(|(_, end)| end.at_its_beginning());
            rival.recorded.extend(begins.map(|end| recorded(&end)));
        }
        rival
    }

    fn with<'a>(
        facts: &ElectionFacts,
        system: Option<u64>,
        reported: &Reported<'_>,
        ends: impl Iterator<Item = &'a PrimaryEnd>,
    ) -> Self {
        let found = Self::on_record(ends.collect());
        let begun = followed(facts, system, reported, |branch| found.place(branch));
        if begun.is_empty() {
            return found;
        }
        let followed = Self::begun(&begun);
        if found.goes_on_beside(&followed) || found.is_twin_of(&followed) {
            found.and(followed)
        } else {
            followed
        }
    }

    /// Returns whether its timelines are as new as those of another one.
    fn contends_with(&self, other: &Self) -> bool {
        let newest = |last: &Self| last.timelines.iter().map(|record| record.timeline).max();
        newest(self).is_some() && newest(self) >= newest(other)
    }

    /// Returns whether the last recorded primary had more of its timeline than a timeline that forked off from it: that
    /// primary still ran then, and which of the two was the last is not known.
    fn goes_on_beside(&self, followed: &Self) -> bool {
        let begins = followed.recorded.iter().map(|point| point.at);
        begins.into_iter().any(|begin| {
            let mut recorded = self.recorded.iter();
            recorded.any(|point| point.at.timeline == begin.timeline && point.at.lsn > begin.lsn)
        })
    }

    /// Returns whether a timeline of another one has the number and the position of one of these.
    fn is_twin_of(&self, followed: &Self) -> bool {
        let branches = followed.timelines.iter().filter_map(|one| one.branch());
        branches.into_iter().any(|branch| self.has_twin_of(branch))
    }

    /// Returns where a timeline stands beside these.
    fn place(&self, branch: Branch) -> Place {
        let mut last = self.timelines.iter();
        if last.all(|last| last.order(branch) == Ordering::Less) {
            Place::Newer
        } else if self.has_twin_of(branch) {
            Place::Beside
        } else {
            Place::Known
        }
    }

    /// Returns whether one of its timelines has the number of a timeline and began at the same position, and none is that.
    fn has_twin_of(&self, branch: Branch) -> bool {
        let own = || self.timelines.iter().filter_map(|last| last.branch());
        let is_twin =
            |own: Branch| own.timeline == branch.timeline && own.begin.is_twin_of(branch.begin);
        own().any(is_twin) && !own().any(|own| own.may_be(branch))
    }

    /// Combines both.
    fn and(mut self, other: Self) -> Self {
        self.timelines.extend(other.timelines);
        self.recorded.extend(other.recorded);
        self
    }

    /// Creates it from timelines that nodes are on, each with its parent.
    fn begun(newest: &BTreeSet<(Branch, Branch)>) -> Self {
        let timelines = newest.iter().map(|(branch, parent)| PrimaryTimeline {
            timeline: branch.timeline,
            begin: Some(branch.begin),
            parent: Some(parent.timeline),
        });
        let recorded = newest.iter().map(|(branch, parent)| Point {
            at: Position {
                timeline: parent.timeline,
                lsn: branch.begin.at,
            },
            begin: Some(parent.begin),
        });
        Self {
            timelines: timelines.collect(),
            recorded: recorded.collect(),
        }
    }

    fn on_record(ends: Vec<&PrimaryEnd>) -> Self {
        let ends = primary_end::last(ends);
        let timelines = ends.iter().map(|end| PrimaryTimeline {
            timeline: end.position.timeline,
            begin: end.origin.map(|origin| origin.begin),
            parent: end.origin.and_then(|origin| origin.parent),
        });
        Self {
            timelines: timelines.collect(),
            recorded: ends.iter().map(|end| recorded(end)).collect(),
        }
    }

    /// Returns whether a primary with these rules may have been the last one, or may have come after it.
    pub(super) fn is_in_question(&self, rules: &SyncRules) -> bool {
        match rules.since {
            Since::On(branch) => {
                let mut last = self.timelines.iter();
                self.timelines.is_empty()
                    || last.any(|last| last.order(branch) != Ordering::Greater)
            }
            // Of two promotions from one timeline, it is not known here which came first. Of several last primaries, it
            // may have been any: one that came from that timeline does not cease to be in question for another one that
            // was promoted by hand elsewhere.
            Since::After { parent, .. } => {
                let mut last = self.timelines.iter();
                self.timelines.is_empty()
                    || last.any(|last| parent >= last.timeline || last.came_from() == parent)
            }
        }
    }

    /// Returns what the next primary must have if these nodes are counted. That includes whatever one of them has of
    /// the last primary's timeline, to which clients have written.
    pub(super) fn demands(&self, counted: &Reported<'_>) -> Vec<Demand> {
        let recorded = self.recorded.iter().copied().map(Demand::Recorded);
        let mut demands: Vec<Demand> = recorded.collect();
        for last in &self.timelines {
            let held = counted.values();
            let held = held.filter_map(|said| Point::on(said, last.timeline, last.begin));
            demands.extend(held.map(Demand::Held));
        }
        demands
    }

    /// Returns how far a server is along the history that leads to a position, if the server is on that history.
    pub(super) fn reach(&self, said: &NodePosition, of: Position) -> Option<Lsn> {
        if let Some(own) = Point::on(said, of.timeline, None) {
            return Some(own.at.lsn);
        }
        // A server that is still on the parent timeline is at most where the newer timeline began.
        let parent = self.recorded.iter().find(|point| {
            let mut last = self.timelines.iter();
            last.any(|last| last.timeline == of.timeline)
                && point.at.timeline < of.timeline
                && contains(said, **point)
        });
        parent.map(|point| point.at.lsn)
    }
}

/// Returns whether a node now has another timeline with that number that began at the same position. Then it was
/// rebuilt from the server that was promoted there in parallel, and what the node had is given up.
fn is_given_up(node: &Node, end: &PrimaryEnd, reported: &Reported<'_>) -> bool {
    let lineage = reported.get(node).and_then(|said| said.lineage.as_ref());
    let now = lineage.and_then(|lineage| lineage.begin_of(end.position.timeline));
    match (now, end.begin()) {
        (Some(now), Some(begin)) => now.is_twin_of(begin),
        (None, _) | (_, None) => false,
    }
}

/// Returns whether nothing can have been acknowledged on a primary's timeline, by the rule that its node has recorded.
fn is_ruled_out(
    facts: &ElectionFacts,
    node: &Node,
    end: &PrimaryEnd,
    reported: &Reported<'_>,
) -> bool {
    let Some(origin) = end.origin else {
        return false;
    };
    let branch = Branch {
        timeline: end.position.timeline,
        begin: origin.begin,
    };
    let recorded = facts
        .rules
        .get(node)
        .filter(|rules| rules.system_identifier == end.system_identifier);
    let mut each = recorded.into_iter().flat_map(SyncRules::of_each_timeline);
    let rules = each.find(|rules| rules.since.is_of(branch, origin.parent));
    rules.is_some_and(|rules| !may_have_acknowledged(facts, &rules, branch, reported))
}

/// Returns what a primary had for certain. One that was only just promoted may have had nothing that the servers lack
/// which are still on the parent timeline and have that one up to the promotion.
fn recorded(end: &PrimaryEnd) -> Point {
    let parent = match end.moment {
        Moment::Started => end
            .origin
            .and_then(|origin| Some((origin.parent?, origin.parent_begin))),
        Moment::Stopped => None,
    };
    match parent {
        Some((timeline, begin)) => Point {
            at: Position {
                timeline,
                lsn: end.position.lsn,
            },
            begin,
        },
        None => Point {
            at: end.position,
            begin: end.origin.map(|origin| origin.begin),
        },
    }
}

impl PrimaryTimeline {
    /// Returns it with its beginning, if that is known.
    fn branch(self) -> Option<Branch> {
        let (timeline, begin) = (self.timeline, self.begin?);
        Some(Branch { timeline, begin })
    }

    /// Returns the timeline that it forked off from; the one with the previous number if that is not known.
    fn came_from(self) -> Timeline {
        self.parent
            .unwrap_or(Timeline(self.timeline.0.saturating_sub(1)))
    }

    /// Compares which began later. Two of the same number are equal if it is not known where this one began.
    fn order(self, other: Branch) -> Ordering {
        let begin = || {
            self.begin
                .map_or(Ordering::Equal, |begin| begin.at.cmp(&other.begin.at))
        };
        self.timeline.cmp(&other.timeline).then_with(begin)
    }
}

impl Demand {
    /// Returns why a server does not meet the demand; `None` if it does.
    pub(super) fn missing(self, said: &NodePosition) -> Option<WhyNot> {
        let (Self::Recorded(point) | Self::Held(point)) = self;
        if contains(said, point) {
            return None;
        }
        let (at, required) = (said.position, point.at);
        let on = Point::on(said, required.timeline, point.begin);
        let left = on.map(|own| own.at);
        let is_apart = said.lineage.is_some()
            && match left {
                Some(left) => left.timeline != at.timeline,
                None => at.timeline >= required.timeline,
            };
        Some(match self {
            _ if is_apart => WhyNot::Apart { at, left, required },
            Self::Recorded(_) => WhyNot::Lacks { at, required },
            Self::Held(_) => WhyNot::Behind {
                at,
                furthest: required,
            },
        })
    }
}
