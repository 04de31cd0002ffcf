//! What the next primary has to have: what is on record of the last one, and what others have of its timeline. Knows
//! no choice.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::content::{Point, contains};
use super::intersection;
use super::why_not::WhyNot;
use super::{Ballot, NodePosition};
use crate::agent::decide::lineage::Lineage;
use crate::agent::decide::primary_end::{self, Moment, PrimaryEnd, Promotion};
use crate::agent::decide::sync_rule::{Since, SyncRules};
use crate::agent::ocf::node::Node;
use crate::health::Lsn;
use crate::postgres::branch::{Beginning, Branch};
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;

/// The nodes that have said how far they are, of one database cluster.
pub(super) type Spoken<'a> = BTreeMap<&'a Node, &'a NodePosition>;

/// What is on record of the cluster's last primary.
#[derive(Debug, Default)]
pub(super) struct Last {
    /// Its timeline, as nodes remember it; they may remember several of one number.
    timelines: Vec<PrimaryTimeline>,
    /// What it is known to have had.
    recorded: Vec<Point>,
}

/// A timeline of a primary.
#[derive(Clone, Copy, Debug)]
struct PrimaryTimeline {
    timeline: Timeline,
    /// Where it began, and when, if that is known.
    begin: Option<Beginning>,
    /// The one that it came from, if that is known.
    parent: Option<Timeline>,
}

/// Something that the next primary has to have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Demand {
    /// A primary had it.
    Recorded(Point),
    /// A node has it now.
    Held(Point),
}

impl Last {
    /// By what nodes remember of their time as primaries. A promotion that is on record only as one that was about
    /// to be counts as soon as somebody follows it. Of two timelines of one number that were begun apart, one on which
    /// nothing can have been acknowledged holds nobody; but to one that somebody has promoted its beginning is held, since no
    /// election has held that to anything.
    pub(super) fn of(ballot: &Ballot, system: Option<u64>, spoken: &Spoken<'_>) -> Self {
        let ends = ballot.ends.iter().filter(|(node, end)| {
            Some(end.system_identifier) == system && !is_given_up(node, end, spoken)
        });
        let ends: Vec<(&Node, &PrimaryEnd)> = ends.collect();
        let found = Self::with(ballot, system, spoken, ends.iter().map(|(_, end)| *end));
        let (ruled_out, acknowledged): (Vec<_>, Vec<_>) = ends
            .into_iter()
            .partition(|(node, end)| is_ruled_out(ballot, node, end, spoken));
        let counted = acknowledged.iter().map(|(_, end)| *end);
        let mut rival = Self::with(ballot, system, spoken, counted.clone());
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
        ballot: &Ballot,
        system: Option<u64>,
        spoken: &Spoken<'_>,
        ends: impl Iterator<Item = &'a PrimaryEnd>,
    ) -> Self {
        let found = Self::on_record(ends.collect());
        match followed(ballot, system, spoken, &found) {
            Some(followed) if found.goes_on_beside(&followed) => found.and(followed),
            Some(followed) => followed,
            None => found,
        }
    }

    /// Whether it is of timelines as new as another one's.
    fn contends_with(&self, other: &Self) -> bool {
        let newest = |last: &Self| last.timelines.iter().map(|reign| reign.timeline).max();
        newest(self).is_some() && newest(self) >= newest(other)
    }

    /// Whether the last primary on record had more of its timeline than one that came from that: it was still there
    /// then, and which of the two was the last is not known.
    fn goes_on_beside(&self, followed: &Self) -> bool {
        let begins = followed.recorded.iter().map(|point| point.at);
        begins.into_iter().any(|begin| {
            let mut recorded = self.recorded.iter();
            recorded.any(|point| point.at.timeline == begin.timeline && point.at.lsn > begin.lsn)
        })
    }

    /// Both.
    fn and(mut self, other: Self) -> Self {
        self.timelines.extend(other.timelines);
        self.recorded.extend(other.recorded);
        self
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

    /// Whether a primary with these rules may have been the last one, or have come after it.
    pub(super) fn is_in_question(&self, rules: &SyncRules) -> bool {
        match rules.since {
            Since::On(branch) => {
                let mut last = self.timelines.iter();
                self.timelines.is_empty()
                    || last.any(|last| last.order(branch) != Ordering::Greater)
            }
            // Of two promotions from one timeline it is not known here which came first.
            Since::After { parent, .. } => self
                .timelines
                .iter()
                .all(|last| parent >= last.timeline || last.came_from() == parent),
        }
    }

    /// What the next primary has to have if these are counted: also whatever one of them has of the last primary's
    /// timeline, which clients have written to.
    pub(super) fn demands(&self, counted: &Spoken<'_>) -> Vec<Demand> {
        let recorded = self.recorded.iter().copied().map(Demand::Recorded);
        let mut demands: Vec<Demand> = recorded.collect();
        for last in &self.timelines {
            let held = counted.values();
            let held = held.filter_map(|said| Point::on(said, last.timeline, last.begin));
            demands.extend(held.map(Demand::Held));
        }
        demands
    }

    /// How far a server is along the way to a position, if it is on that way.
    pub(super) fn reach(&self, said: &NodePosition, of: Position) -> Option<Lsn> {
        if let Some(own) = Point::on(said, of.timeline, None) {
            return Some(own.at.lsn);
        }
        // One that is still on the timeline before is as far as the newer one's beginning at most.
        let parent = self.recorded.iter().find(|point| {
            let mut last = self.timelines.iter();
            last.any(|last| last.timeline == of.timeline)
                && point.at.timeline < of.timeline
                && contains(said, **point)
        });
        parent.map(|point| point.at.lsn)
    }
}

/// Whether a node has another timeline of that number now, which began at the same position: it has been made anew from
/// the server that was promoted there beside it, and what it had is given up.
fn is_given_up(node: &Node, end: &PrimaryEnd, spoken: &Spoken<'_>) -> bool {
    let lineage = spoken.get(node).and_then(|said| said.lineage.as_ref());
    let now = lineage.and_then(|lineage| lineage.begin_of(end.position.timeline));
    match (now, end.begin()) {
        (Some(now), Some(begin)) => now.is_twin_of(begin),
        (None, _) | (_, None) => false,
    }
}

/// Whether nothing can have been acknowledged on the timeline of a primary, by the rule that its node has kept of it.
fn is_ruled_out(ballot: &Ballot, node: &Node, end: &PrimaryEnd, spoken: &Spoken<'_>) -> bool {
    let Some(origin) = end.origin else {
        return false;
    };
    let branch = Branch {
        timeline: end.position.timeline,
        begin: origin.begin,
    };
    let rules = ballot.rules.get(node).filter(|rules| {
        rules.system_identifier == end.system_identifier && rules.since.is_of(branch, origin.parent)
    });
    rules.is_some_and(|rules| !intersection::may_have_acknowledged(ballot, rules, branch, spoken))
}

/// A primary that has only just been promoted may have had nothing that those lack which are still on the timeline
/// before, and have that up to where it went on.
fn recorded(end: &PrimaryEnd) -> Point {
    let parent = match end.moment {
        Moment::Started => end.origin.and_then(|origin| origin.parent),
        Moment::Stopped => None,
    };
    match parent {
        Some(timeline) => Point {
            at: Position {
                timeline,
                lsn: end.position.lsn,
            },
            begin: None,
        },
        None => Point {
            at: end.position,
            begin: end.origin.map(|origin| origin.begin),
        },
    }
}

impl PrimaryTimeline {
    /// The timeline that it came from; the one of the number before where that is not known.
    fn came_from(self) -> Timeline {
        self.parent
            .unwrap_or(Timeline(self.timeline.0.saturating_sub(1)))
    }

    /// Which came later; of one number, where it is not known where this one began, neither.
    fn order(self, other: Branch) -> Ordering {
        let begin = || {
            self.begin
                .map_or(Ordering::Equal, |begin| begin.at.cmp(&other.begin.at))
        };
        self.timeline.cmp(&other.timeline).then_with(begin)
    }
}

/// The newest timeline that began as a promotion had told beforehand, that is newer than what is on record, that
/// somebody is on, and on which something may have been acknowledged. Where several began as the same promotion had told,
/// each of them may be the one.
fn followed(
    ballot: &Ballot,
    system: Option<u64>,
    spoken: &Spoken<'_>,
    record: &Last,
) -> Option<Last> {
    let rules = ballot.rules.values();
    let told = rules.filter(|rules| Some(rules.system_identifier) == system);
    let begun = told.map(|rules| {
        let lineages = spoken.values().filter_map(|said| said.lineage.as_ref());
        let steps = lineages.flat_map(Lineage::steps);
        let newer = steps.filter_map(|(branch, parent)| {
            let mut last = record.timelines.iter();
            let is_newer = last.all(|last| last.order(branch) == Ordering::Less);
            let parent: Branch = parent?;
            let counts = is_newer
                && rules.since.is_of(branch, Some(parent.timeline))
                && rules.since.may_come_from(parent)
                && intersection::may_have_acknowledged(ballot, rules, branch, spoken);
            counts.then_some((branch, parent.timeline))
        });
        newer.collect::<BTreeSet<_>>()
    });
    let newest = begun.max_by_key(|begun| begun.last().copied())?;
    if newest.is_empty() {
        return None;
    }
    let timelines = newest.iter().map(|(branch, parent)| PrimaryTimeline {
        timeline: branch.timeline,
        begin: Some(branch.begin),
        parent: Some(*parent),
    });
    let recorded = newest.iter().map(|(branch, parent)| Point {
        at: Position {
            timeline: *parent,
            lsn: branch.begin.at,
        },
        begin: None,
    });
    Some(Last {
        timelines: timelines.collect(),
        recorded: recorded.collect(),
    })
}

impl Demand {
    /// Why a server does not meet it; none if it does.
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
