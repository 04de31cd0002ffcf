//! What a primary's files tell of it: whose system it is, and which timeline it is on. Records nothing.

use super::Seams;
use super::server::{Server, ServerError};
use crate::agent::decide::lineage::Lineage;
use crate::agent::decide::primary_end::{Origin, PrimaryEnd};
use crate::health::Lsn;
use crate::postgres::position::Position;
use crate::postgres::timeline::{Branch, Timeline};

/// A primary, as its files describe it.
#[derive(Clone, Copy, Debug)]
pub(super) struct PrimaryRecord {
    pub(super) system_identifier: u64,
    /// The end of its WAL.
    pub(super) position: Position,
    /// Its timeline. A timeline without a history file is a first one, as PostgreSQL treats it.
    pub(super) branch: Branch,
    /// The timeline that it forked off from, if that is known.
    pub(super) from: Option<Branch>,
    pub(super) origin: Option<Origin>,
}

impl PrimaryRecord {
    /// Reads the files of a primary whose WAL ends at a position.
    pub(super) fn of<S: Server, C>(
        seams: &mut Seams<'_, S, C>,
        position: Position,
    ) -> Result<Self, ServerError> {
        let lineage = seams
            .server
            .lineage_with_moments(position.timeline, seams.deadline);
        let alone = Branch {
            timeline: position.timeline,
            begin: Lsn(0).into(),
        };
        Ok(Self {
            system_identifier: seams.server.system_identifier()?,
            position,
            branch: lineage.as_ref().map_or(alone, Lineage::newest),
            from: lineage.as_ref().and_then(Lineage::parent),
            origin: lineage.as_ref().map(Origin::of),
        })
    }

    /// Adds when its timeline began, if its node has recorded that: the WAL that shows it is not kept for long.
    pub(super) fn with(mut self, kept: Option<&PrimaryEnd>) -> Self {
        let kept = kept.filter(|end| {
            end.system_identifier == self.system_identifier
                && end.position.timeline == self.branch.timeline
        });
        if let (Some(begin), Some(origin)) = (kept.and_then(PrimaryEnd::begin), &mut self.origin)
            && begin.may_be(self.branch.begin)
            && begin.promoted.is_some()
        {
            self.branch.begin = begin;
            origin.begin = begin;
        }
        if let (Some(begin), Some(origin)) = (
            kept.and_then(|end| end.origin?.parent_begin),
            &mut self.origin,
        ) && origin.parent_begin.is_some_and(|own| own.may_be(begin))
            && begin.promoted.is_some()
        {
            origin.parent_begin = Some(begin);
        }
        self
    }

    /// Returns the timeline that its own forked off from, if that is known.
    pub(super) fn parent(&self) -> Option<Timeline> {
        self.origin.and_then(|origin| origin.parent)
    }
}
