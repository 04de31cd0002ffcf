//! How long there is no primary after one thing that happens to a cluster in which all is well. Knows no action.

use std::time::Duration;

use super::kind::Rule;
use crate::events::{Event, Kind, Program};
use crate::pacemaker::Lifetime;
use crate::world::World;
use crate::world::setup::PROMOTION;

/// Longest that there may be none.
const LIMIT: Duration = Duration::from_secs(90);

/// One event, since which nothing else has happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial {
    event: Event,
    /// Since when there has been no primary.
    since: Option<Duration>,
}

/// The longest time without a primary after one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// How long.
    pub time: Duration,
    /// After what.
    pub kind: Kind,
}

impl World {
    /// Something happens: it is looked at what comes of it where all was well before.
    pub(crate) fn begin_trial(&mut self, event: Event) {
        let is_meant = matches!(
            event.kind,
            Kind::Disable
                | Kind::RestoreAll
                | Kind::PowerLossOfAll
                | Kind::Rebuild
                | Kind::RollingRestart
        );
        let counts = !is_meant && self.is_all_well();
        self.watch.trial = counts.then_some(Trial { event, since: None });
    }

    /// Something else happens; the mending of an event is a part of it.
    pub(crate) fn end_trial(&mut self, mended: Option<Event>) {
        self.watch.trial = self.watch.trial.filter(|trial| Some(trial.event) == mended);
    }

    /// The event, where one alone has happened to a cluster in which all was well.
    pub(super) fn single_event(&self) -> Option<Event> {
        self.watch.trial.map(|trial| trial.event)
    }

    /// Looks how long there has been no primary, where there could be one.
    pub(crate) fn look_for_an_outage(&mut self) {
        let Some(trial) = self.watch.trial else {
            return;
        };
        let is_primary = |one: usize| self.is_on(one) && self.hosts[one].server.takes_writes();
        let is_over = (0..self.count()).any(is_primary)
            || self.is_left_to_an_operator()
            || self.could_safely_be_one().is_none();
        let now = self.now;
        let since = (!is_over).then(|| trial.since.unwrap_or(now));
        self.watch.trial = Some(Trial { since, ..trial });
        let Some(since) = since else {
            return;
        };
        let (time, kind) = (now.saturating_sub(since), trial.event.kind);
        if self.watch.outage.is_none_or(|longest| time > longest.time) {
            self.watch.outage = Some(Outage { time, kind });
        }
        if time > LIMIT {
            self.watch.trial = None;
            let what = format!(
                "there has been no primary for {} s after {}",
                time.as_secs(),
                trial.event
            );
            self.violation(Rule::PrimarySoon, what);
        }
    }

    /// Whether there is a primary with a standby that could take its place, every server streams, nothing has failed and
    /// nothing is about to change.
    fn is_all_well(&self) -> bool {
        let nodes = || (0..self.count()).map(crate::world::node);
        let Some(primary) = self.writer() else {
            return false;
        };
        let could_be_next = |node| {
            let score = self
                .pacemaker
                .attribute(node, node, PROMOTION, Lifetime::Permanent);
            let score: Option<i32> = score.and_then(|score| score.parse().ok());
            crate::world::number(node) != primary && score.is_some_and(|score| score >= 0)
        };
        self.under_way == 0
            && self.programs.iter().all(Program::is_over)
            && (0..self.count()).all(|one| one == primary || self.streams(one))
            && (0..self.count()).all(|one| self.is_on(one))
            && nodes().all(|node| {
                self.pacemaker.members(node).len() == self.count()
                    && self.pacemaker.is_managed(node)
                    && !self.pacemaker.has_failures(node)
            })
            && nodes().any(could_be_next)
            && self.watch.kept_away.is_empty()
            && self.watch.on_standby.is_empty()
            && self.pacemaker.is_idle()
    }
}
