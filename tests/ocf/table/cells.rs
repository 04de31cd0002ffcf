//! What each action has to end with in each state, what the server has to be then, and where PAF 2.3 does
//! otherwise.

use std::time::Duration;

use super::Way;
use crate::call::PATIENCE;
use crate::judge::Paf;
use crate::program::Program;
use crate::world::server::Seen;
use crate::world::state::State;

/// An action in a state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// Which action.
    pub(super) action: &'static str,
    /// The exit statuses that are right.
    pub(super) statuses: &'static [i32],
    /// What the server is then.
    pub(super) after: Seen,
    /// How long it may take.
    pub(super) timeout: Duration,
    paf: Paf,
    paf_killed: Paf,
}

impl Cell {
    /// How PAF does.
    pub(super) fn paf_in(&self, way: Way) -> Paf {
        match way {
            Way::Once | Way::Twice => self.paf,
            Way::Killed(_) => self.paf_killed,
        }
    }

    /// Whether there is nothing to learn: who fails undisturbed, fails after a kill.
    pub(super) fn is_hopeless(&self, way: Way) -> bool {
        let wrong = matches!(self.paf_in(Way::Once), Paf::Wrong(_));
        wrong && way != Way::Once && Program::chosen().is_ok_and(|program| program == Program::Paf)
    }

    /// It may have to wait for what never comes, and has to end before this.
    fn within(self, seconds: u64) -> Self {
        Self {
            timeout: Duration::from_secs(seconds),
            ..self
        }
    }

    /// PAF fails, for this weakness.
    fn paf_wrong(self, weakness: u8) -> Self {
        Self {
            paf: Paf::Wrong(weakness),
            paf_killed: Paf::Wrong(weakness),
            ..self
        }
    }
}

fn cell(action: &'static str, statuses: &'static [i32], after: Seen) -> Cell {
    Cell {
        action,
        statuses,
        after,
        timeout: PATIENCE,
        paf: Paf::Right,
        paf_killed: Paf::Right,
    }
}

/// All cells of a state.
pub(super) fn of(state: State) -> Vec<Cell> {
    match state {
        State::RunningPrimary => vec![
            cell("monitor", &[8], Seen::Primary),
            cell("start", &[1], Seen::Primary),
            cell("promote", &[0], Seen::Primary),
            cell("demote", &[0], Seen::Standby),
            cell("stop", &[0], Seen::Stopped),
            cell("reload", &[0], Seen::Primary),
        ],
        State::RunningStandby => vec![
            cell("monitor", &[0], Seen::Standby),
            cell("start", &[0], Seen::Standby),
            cell("promote", &[0], Seen::Primary),
            cell("demote", &[0], Seen::Standby),
            cell("stop", &[0], Seen::Stopped),
            cell("reload", &[0], Seen::Standby),
        ],
        State::StoppedPrimary | State::StoppedStandby => vec![
            cell("monitor", &[7], Seen::Stopped),
            cell("start", &[0], Seen::Standby),
            cell("demote", &[0], Seen::Standby),
            cell("stop", &[0], Seen::Stopped),
            cell("reload", &[0], Seen::Stopped),
        ],
        State::CrashedPrimary => vec![
            cell("monitor", &[9], Seen::Dead),
            cell("start", &[0], Seen::Standby).paf_wrong(4),
            cell("demote", &[0], Seen::Standby).paf_wrong(4),
            cell("stop", &[0], Seen::Dead).paf_wrong(4),
            cell("reload", &[0], Seen::Dead),
        ],
        State::CrashedStandby => vec![
            cell("monitor", &[1], Seen::Dead),
            cell("start", &[0], Seen::Standby).paf_wrong(4),
            cell("demote", &[0], Seen::Standby).paf_wrong(4),
            cell("stop", &[0], Seen::Dead).paf_wrong(4),
            cell("reload", &[0], Seen::Dead),
        ],
        State::Unborn => vec![
            cell("monitor", &[7], Seen::Unborn),
            cell("start", &[0], Seen::Standby),
            cell("demote", &[0], Seen::Standby),
            cell("stop", &[0], Seen::Unborn),
            cell("reload", &[0], Seen::Unborn),
        ],
        State::KilledInShutdown | State::KilledInRecovery => vec![
            cell("monitor", &[1, 9], Seen::Dead).within(5).paf_wrong(5),
            cell("start", &[0], Seen::Standby).within(5).paf_wrong(5),
            cell("demote", &[0], Seen::Standby).within(5).paf_wrong(5),
            cell("stop", &[0], Seen::Dead).within(5).paf_wrong(5),
            cell("reload", &[0], Seen::Dead),
        ],
        State::Frozen => vec![
            cell("monitor", &[1], Seen::Frozen).within(3).paf_wrong(6),
            cell("start", &[1], Seen::Frozen).within(3).paf_wrong(6),
            cell("promote", &[1], Seen::Frozen).within(3).paf_wrong(6),
            cell("demote", &[0], Seen::Standby).within(10).paf_wrong(6),
            // It is thawed, and stops in order.
            cell("stop", &[0], Seen::Stopped).within(10).paf_wrong(6),
            cell("reload", &[0], Seen::Frozen),
        ],
        State::Full => vec![
            cell("monitor", &[8], Seen::Primary).paf_wrong(13),
            cell("start", &[1], Seen::Primary),
            cell("promote", &[0], Seen::Primary).paf_wrong(13),
            cell("demote", &[0], Seen::Standby).paf_wrong(13),
            cell("stop", &[0], Seen::Stopped).paf_wrong(13),
            cell("reload", &[0], Seen::Primary),
        ],
    }
}
