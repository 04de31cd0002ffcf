//! Verdicts on a standby whose lag varies around a limit: it is `lagging` at once, and `standby` again only when it has
//! met stricter limits for a while, so that its answer does not change each time. Reads no clock.

use std::time::{Duration, Instant};

use super::reason::LagReason;
use super::state::State;
use super::verdict::{Policy, Verdict, judge};

/// Remembers whether a standby lagged, and since when it has met the limits again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LagHysteresis(PastLag);

#[derive(Clone, Copy, Debug, Default)]
enum PastLag {
    /// It has not lagged, or has met the limits again for long enough.
    #[default]
    Good,
    /// It lagged, and has met the limits for entering in every observation since that moment, if any.
    Lagged { good_since: Option<Instant> },
}

impl LagHysteresis {
    /// Judges a state that was asked for at `asked_at` as [`judge`] does, but lets a standby that lagged wait.
    ///
    /// A server that lagged and was then down has to meet the limits from the start; a primary forgets its lag.
    pub(super) fn judge(
        &mut self,
        asked_at: Instant,
        state: &State,
        delay: Option<Duration>,
        policy: &Policy,
    ) -> Verdict {
        let verdict = judge(state, delay, policy);
        match (verdict, self.0) {
            (Verdict::Production, _) => self.0 = PastLag::Good,
            (Verdict::Lagging(_), _) | (Verdict::Down(_), PastLag::Lagged { good_since: _ }) => {
                self.0 = PastLag::Lagged { good_since: None };
            }
            (Verdict::Down(_) | Verdict::Standby, PastLag::Good) => {}
            (Verdict::Standby, PastLag::Lagged { good_since }) => {
                let stricter = judge(state, delay, &policy.to_enter());
                return self.enter(asked_at, stricter, good_since, policy.conditions.hold);
            }
        }
        verdict
    }

    fn enter(
        &mut self,
        asked_at: Instant,
        stricter: Verdict,
        good_since: Option<Instant>,
        hold: Duration,
    ) -> Verdict {
        if stricter != Verdict::Standby {
            self.0 = PastLag::Lagged { good_since: None };
            return stricter;
        }
        let since = good_since.unwrap_or(asked_at);
        if asked_at.saturating_duration_since(since) >= hold {
            self.0 = PastLag::Good;
            return Verdict::Standby;
        }
        self.0 = PastLag::Lagged {
            good_since: Some(since),
        };
        Verdict::Lagging(LagReason::Settling)
    }
}

#[cfg(test)]
mod tests;
