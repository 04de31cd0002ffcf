//! Decides when the next round begins: at once for a single check, and after a short pause while many arrive,
//! so that one question serves more of them. Does not know what is asked.

use std::time::{Duration, Instant};

use super::demand::ObservationDemand;
use super::kernel_timer::KernelTimer;

/// Least time between the beginnings of two rounds that serve several checks. A question costs the
/// server some 15 µs and the daemon the same, so that questions take a tenth of a core at most.
/// The pause is long enough for a dozen checks at the rate at which one core can make them, and too short
/// to matter to any check.
const SHORTEST_PAUSE: Duration = Duration::from_micros(500);

/// Greatest number of checks that arrive within [`SHORTEST_PAUSE`]. If more are expected, a longer pause
/// saves more time than it costs them.
const A_FEW: usize = 16;

/// Pause for each expected check if there are more than [`A_FEW`].
const PAUSE_PER_CHECK: Duration = Duration::from_micros(60);

/// Longest pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(2);

/// Remembers the rounds so far.
#[derive(Debug, Default)]
pub(super) struct RoundPace {
    last: Option<Round>,
    timer: Option<KernelTimer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Round {
    begun: Instant,
    served: usize,
    /// Expected number of checks: the most that a recent round served.
    expected: usize,
}

impl RoundPace {
    /// Waits until the next round may begin.
    pub(super) async fn wait(&mut self, demand: &ObservationDemand) {
        let Some((moment, expected)) = self.last.and_then(not_before) else {
            return;
        };
        if self.timer.is_none() {
            // Without a descriptor for the timer, rounds follow one another at once, which costs more
            // time and changes no answer.
            self.timer = KernelTimer::new().ok();
        }
        let Some(timer) = &self.timer else { return };
        // When all expected checks wait, the pause can end.
        let outcome = tokio::select! {
            outcome = timer.until(moment) => outcome,
            () = demand.reaches(expected) => Ok(()),
        };
        if outcome.is_err() {
            self.timer = None;
        }
    }

    /// Records a round that begins at `begun`, and how many checks it serves.
    pub(super) fn round(&mut self, begun: Instant, served: usize) {
        let before = self.last.map_or(0, |last| last.expected);
        self.last = Some(Round {
            begun,
            served,
            expected: expected(before, served),
        });
    }
}

/// The most that a recent round served: a peak decays by a sixteenth with every round that stays below it.
fn expected(before: usize, served: usize) -> usize {
    let fading = before.saturating_sub(before / 16).saturating_sub(1);
    served.max(fading)
}

/// The latest moment for the round after `last`, and the number of waiting checks with which it begins earlier;
/// `None` if it may begin at once.
fn not_before(last: Round) -> Option<(Instant, usize)> {
    (last.served > 1).then_some((last.begun + pause(last.expected), last.expected))
}

fn pause(expected: usize) -> Duration {
    if expected <= A_FEW {
        return SHORTEST_PAUSE;
    }
    let each = u32::try_from(expected).unwrap_or(u32::MAX);
    PAUSE_PER_CHECK.saturating_mul(each).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(served: usize) -> RoundPace {
        let mut pace = RoundPace::default();
        pace.round(Instant::now(), served);
        pace
    }

    #[test]
    fn a_single_check_is_not_delayed() {
        for served in [0, 1] {
            assert_eq!(not_before(after(served).last.unwrap()), None);
        }
    }

    #[test]
    fn after_a_round_of_several_the_next_waits_for_as_many_or_for_the_pause() {
        let last = after(12).last.unwrap();
        assert_eq!(not_before(last), Some((last.begun + SHORTEST_PAUSE, 12)));
    }

    #[test]
    fn the_pause_grows_with_the_expected_checks_up_to_a_limit() {
        assert_eq!(pause(2), SHORTEST_PAUSE);
        assert_eq!(pause(A_FEW), SHORTEST_PAUSE);
        assert_eq!(pause(20), PAUSE_PER_CHECK * 20);
        assert!(pause(A_FEW + 1) > SHORTEST_PAUSE);
        assert_eq!(pause(1000), LONGEST_PAUSE);
        assert_eq!(pause(usize::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn a_peak_is_forgotten_in_time() {
        let mut pace = after(256);
        for _ in 0..100 {
            pace.round(Instant::now(), 4);
        }
        assert_eq!(pace.last.unwrap().expected, 4);
    }

    #[tokio::test]
    async fn the_pause_ends_when_all_expected_checks_wait() {
        let demand = ObservationDemand::default();
        let mut pace = after(2);
        pace.last = pace.last.map(|last| Round {
            begun: last.begun + Duration::from_secs(3600),
            ..last
        });
        demand.want(2);
        let waited = tokio::time::timeout(Duration::from_secs(10), pace.wait(&demand)).await;
        assert!(waited.is_ok());
    }
}
