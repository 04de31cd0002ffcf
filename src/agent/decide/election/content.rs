//! Whether a server has what lies before a position: judged by the timelines of its history, or by numbers if the
//! timelines are not known. Knows no election.

use std::fmt;

use super::facts::{NodePosition, Reported};
use super::why_not::Apart;
use crate::agent::decide::lineage::Lineage;
use crate::postgres::position::Position;
use crate::postgres::timeline::{Beginning, Branch, Timeline};

/// A position on a timeline, and where that timeline began, if it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) at: Position,
    pub(super) begin: Option<Beginning>,
}

impl Point {
    /// Returns the end of a server's WAL.
    pub(super) fn of(said: &NodePosition) -> Self {
        let lineage = said.lineage.as_ref();
        Self {
            at: said.position,
            begin: lineage.map(|lineage| lineage.newest().begin),
        }
    }

    /// Returns the end of what a server has of a timeline, or had before its history went on with the next one; `None`
    /// if the timeline is not part of its history, even if another timeline with the same number is.
    pub(super) fn on(
        said: &NodePosition,
        timeline: Timeline,
        begin: Option<Beginning>,
    ) -> Option<Self> {
        let at = |lsn| Position { timeline, lsn };
        let Some(lineage) = &said.lineage else {
            return (said.position.timeline == timeline).then_some(Self {
                at: said.position,
                begin,
            });
        };
        let own = lineage.begin_of(timeline)?;
        if begin.is_some_and(|begin| !begin.may_be(own)) {
            return None;
        }
        Some(Self {
            at: at(lineage.left(timeline).unwrap_or(said.position.lsn)),
            begin: Some(own),
        })
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at.fmt(f)
    }
}

/// Returns whether a server has everything before a point. A server that was promoted apart from that history has not,
/// however great its timeline's number is. For a timeline older than all that it has reported, numbers decide: no node
/// knows better.
pub(super) fn contains(said: &NodePosition, point: Point) -> bool {
    let Some(lineage) = &said.lineage else {
        return said.position >= point.at;
    };
    if lineage.is_cut_after(point.at.timeline) {
        return true;
    }
    let own = Point::on(said, point.at.timeline, point.begin);
    own.is_some_and(|own| own.at.lsn >= point.at.lsn)
}

/// Returns whether a server has everything that another one has: if the other has reported its timelines, they have to
/// be part of the history of the first as well.
pub(super) fn has(said: &NodePosition, other: &NodePosition) -> bool {
    let comes_from = |lineage: &Lineage| {
        let mut steps = lineage.steps();
        steps.all(|(Branch { timeline, begin }, _)| {
            let at = Position {
                timeline,
                lsn: begin.at,
            };
            let begin = Some(begin);
            contains(said, Point { at, begin })
        })
    };
    contains(said, Point::of(other)) && other.lineage.as_ref().is_none_or(comes_from)
}

/// Returns two of these servers of which each has what the other lacks, as their timelines show. Servers that have not
/// reported theirs are never among them: they are only compared by number.
pub(super) fn apart(reported: &Reported<'_>) -> Option<[Apart; 2]> {
    let told = || reported.iter().filter(|(_, said)| said.lineage.is_some());
    // A server that has all that the others have is at the greatest position, too.
    let (node, most) = told().max_by_key(|(_, said)| said.position)?;
    let (other, found) = told().find(|(_, said)| !has(most, said))?;
    Some([Apart::of(node, most), Apart::of(other, found)])
}
