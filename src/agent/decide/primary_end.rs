//! Where the WAL of the cluster's primaries ended, recorded so that it survives a restart of the whole cluster: a node
//! that lacks WAL a primary had is never promoted. Knows neither where it is recorded nor which node is to be promoted.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::lineage::Lineage;
use crate::agent::ocf::node::Node;
use crate::base::decimal::number;
use crate::health::Lsn;
use crate::postgres::position::Position;
use crate::postgres::timeline::{Beginning, Branch, PromotionTime, Timeline};

/// What a node remembers of its server's last time as a primary, written
/// `TIMELINE#LSN#SYSTEMIDENTIFIER#started#PARENT#BEGIN#PROMOTED` or `…#stopped#PARENT#BEGIN#PROMOTED`, in decimal
/// numbers; `found-started` and `found-stopped` are of a primary that was found. `PARENT` is a [`Branch`] if it is known
/// where that timeline began. Without the last three fields, or the last, it is not known which of several timelines with
/// that number it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrimaryEnd {
    /// Where its timeline began, or where its WAL ends if it was stopped.
    pub position: Position,
    /// The system identifier of its database cluster: another database cluster that takes its place, from another
    /// backup, need not have what this one had.
    pub system_identifier: u64,
    /// When the position was recorded.
    pub moment: Moment,
    /// How it became a primary.
    pub promotion: Promotion,
    /// The origin of its timeline, if that is known.
    pub origin: Option<Origin>,
}

/// When a primary's position was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// When it was promoted.
    Started,
    /// When it had been stopped on the cluster's request: it has written nothing since.
    Stopped,
}

/// How a server became a primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promotion {
    /// By an election, which verified that it had all that was recorded; or it was the first primary.
    Elected,
    /// It was promoted by hand or by another agent although there had been another primary, and the agent
    /// found it as a primary. It need not have what the other primary had.
    Found,
}

/// The origin of a timeline. A cluster's first timeline is written with the parent 0, and begins
/// at 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The timeline that it forked off from; `None` for a cluster's first timeline.
    pub parent: Option<Timeline>,
    /// Where that began, and when, if that is known: it tells it from another one of its number.
    pub parent_begin: Option<Beginning>,
    /// Where and when it began.
    pub begin: Beginning,
}

/// A text that is not the record of a primary.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not the record of a primary; one was expected as in \"2#67263616#7388123456789012345#stopped#1#67108864\""
)]
pub struct PrimaryEndError(String);

impl Origin {
    /// Returns the origin of the newest timeline of a lineage.
    #[must_use]
    pub fn of(lineage: &Lineage) -> Self {
        let parent = lineage.parent();
        Self {
            parent: parent.map(|parent| parent.timeline),
            parent_begin: parent.map(|parent| parent.begin),
            begin: lineage.newest().begin,
        }
    }
}

impl PrimaryEnd {
    /// Returns where and when its timeline began, if that is known.
    #[must_use]
    pub fn begin(&self) -> Option<Beginning> {
        match (self.origin, self.moment) {
            (Some(origin), _) => Some(origin.begin),
            (None, Moment::Started) => Some(self.position.lsn.into()),
            (None, Moment::Stopped) => None,
        }
    }
}

impl PrimaryEnd {
    /// Returns the record as of its promotion, if it is known where its timeline began.
    #[must_use]
    pub fn at_its_beginning(self) -> Option<Self> {
        let begin = self.begin()?;
        let timeline = self.position.timeline;
        Some(Self {
            position: Position {
                timeline,
                lsn: begin.at,
            },
            moment: Moment::Started,
            ..self
        })
    }

    /// Returns whether this record stays in place when the server is found as the other says: the recorded end of a
    /// shutdown is not replaced by that of an older copy of the same server.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let is_of_same = self.system_identifier == other.system_identifier
            && self.position.timeline == other.position.timeline
            && self.origin == other.origin
            && self.promotion == other.promotion;
        let is_end = self.moment == Moment::Stopped && other.moment == Moment::Stopped;
        self == other || (is_of_same && is_end && self.position.lsn >= other.position.lsn)
    }
}

/// Returns whether the last primary of a database cluster was stopped in order, so that none runs: judged by all that
/// is recorded of the newest timeline.
pub fn is_stopped<'a>(ends: impl Iterator<Item = &'a PrimaryEnd>, system_identifier: u64) -> bool {
    let last = last_of_system(ends, system_identifier);
    !last.is_empty() && last.iter().all(|end| end.moment == Moment::Stopped)
}

/// Returns the records of the last primary of this database cluster, as [`last`] does.
#[must_use]
pub fn last_of_system<'a>(
    ends: impl Iterator<Item = &'a PrimaryEnd>,
    system_identifier: u64,
) -> Vec<&'a PrimaryEnd> {
    let ends = ends.filter(|end| end.system_identifier == system_identifier);
    last(ends.collect())
}

/// Returns whether a node with this record of its time as a primary may have been the last primary. If no record exists
/// at all, every node may have been.
#[must_use]
pub fn may_be_one_of(last: &[&PrimaryEnd], end: Option<&PrimaryEnd>) -> bool {
    last.is_empty() || end.is_some_and(|end| last.contains(&end))
}

/// Returns whether something holds of every node that has one of the records of the last primary, if any has.
pub fn holds_of_each(
    last: &[&PrimaryEnd],
    ends: &BTreeMap<Node, PrimaryEnd>,
    holds: impl Fn(&Node) -> bool,
) -> bool {
    let mut holders = ends.iter().filter(|(_, end)| last.contains(end)).peekable();
    holders.peek().is_some() && holders.all(|(node, _)| holds(node))
}

/// Returns the records of the last primary: those of the newest timeline, and of two timelines with the same number,
/// that of the one that began later, since its election verified that it had what the other began with; both if that is
/// not known. A primary that was found may have run in parallel to the one before, and nothing has held it to anything: all of those count that are not older than the last one that was
/// elected, and that one. What a node kept of an election is gone where its own server was found later: that has it.
#[must_use]
pub fn last(ends: Vec<&PrimaryEnd>) -> Vec<&PrimaryEnd> {
    let (elected, found): (Vec<_>, Vec<_>) = ends
        .into_iter()
        .partition(|end| end.promotion == Promotion::Elected);
    let mut last = newest(elected);
    let elected = last.clone();
    last.extend(found.into_iter().filter(|end| {
        let mut both = elected.clone();
        both.push(end);
        newest(both).contains(end)
    }));
    last
}

fn newest(mut ends: Vec<&PrimaryEnd>) -> Vec<&PrimaryEnd> {
    let newest = ends.iter().map(|end| end.position.timeline).max();
    ends.retain(|end| Some(end.position.timeline) == newest);
    let at = |end: &PrimaryEnd| end.begin().map(|begin| begin.at);
    let begin = ends.iter().filter_map(|end| at(end)).max();
    ends.retain(|end| at(end).is_none() || at(end) == begin);
    ends
}

impl fmt::Display for PrimaryEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = match (self.promotion, self.moment) {
            (Promotion::Elected, Moment::Started) => "started",
            (Promotion::Elected, Moment::Stopped) => "stopped",
            (Promotion::Found, Moment::Started) => "found-started",
            (Promotion::Found, Moment::Stopped) => "found-stopped",
        };
        write!(f, "{}#{}#{moment}", self.position, self.system_identifier)?;
        match self.origin {
            Some(Origin {
                parent,
                parent_begin,
                begin,
            }) => {
                write!(f, "#{}", parent.unwrap_or(Timeline(0)))?;
                let mut parent_begin = parent_begin.iter();
                parent_begin.try_for_each(|begin| write!(f, "@{begin}"))?;
                write!(f, "#{}", begin.at.0)?;
                let mut promoted = begin.promoted.iter();
                promoted.try_for_each(|time| write!(f, "#{}", time.0))
            }
            None => Ok(()),
        }
    }
}

impl FromStr for PrimaryEnd {
    type Err = PrimaryEndError;

    fn from_str(text: &str) -> Result<Self, PrimaryEndError> {
        let parts: Vec<&str> = text.split('#').take(8).collect();
        let parsed = match parts[..] {
            [timeline, lsn, system, moment] => parse(timeline, lsn, system, moment, None),
            [
                timeline,
                lsn,
                system,
                moment,
                parent,
                begin,
                ref promoted @ ..,
            ] => {
                let origin = parse_origin(parent, begin, promoted);
                origin.and_then(|origin| parse(timeline, lsn, system, moment, Some(origin)))
            }
            _ => None,
        };
        parsed.ok_or_else(|| PrimaryEndError(text.into()))
    }
}

fn parse(
    timeline: &str,
    lsn: &str,
    system: &str,
    moment: &str,
    origin: Option<Origin>,
) -> Option<PrimaryEnd> {
    let (promotion, moment) = match moment {
        "started" => (Promotion::Elected, Moment::Started),
        "stopped" => (Promotion::Elected, Moment::Stopped),
        "found-started" => (Promotion::Found, Moment::Started),
        "found-stopped" => (Promotion::Found, Moment::Stopped),
        _ => return None,
    };
    Some(PrimaryEnd {
        position: Position {
            timeline: Timeline(number(timeline)?),
            lsn: Lsn(number(lsn)?),
        },
        system_identifier: number(system)?,
        moment,
        promotion,
        origin,
    })
}

fn parse_origin(parent: &str, begin: &str, promoted: &[&str]) -> Option<Origin> {
    let (parent, parent_begin) = if parent.contains('@') {
        let Branch { timeline, begin } = parent.parse().ok()?;
        (timeline, Some(begin))
    } else {
        (Timeline(number(parent)?), None)
    };
    let promoted = match promoted {
        [] => None,
        [time] => Some(PromotionTime(number(time)?)),
        _ => return None,
    };
    Some(Origin {
        parent: (parent != Timeline(0)).then_some(parent),
        parent_begin,
        begin: Beginning {
            at: Lsn(number(begin)?),
            promoted,
        },
    })
}

#[cfg(test)]
mod tests;
