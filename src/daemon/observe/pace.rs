//! When the next round begins: at once for a check that comes alone; a breath later where many come,
//! so that one question serves more of them. Knows nothing of what is asked.

use std::time::{Duration, Instant};

use super::demand::ObservationDemand;
use super::kernel_timer::KernelTimer;

/// Least time between the beginnings of two rounds while several want to know: a question costs the
/// server some 15 µs and us the same, so that questions take a tenth of a core at most.
/// Long enough for a dozen checks at the rate at which one core can make them; far below what any
/// check notices.
const BREATH: Duration = Duration::from_micros(500);

/// As many as come within one breath at the most. Where more are expected there are more than can be
/// waited for, and what is saved by waiting longer is theirs.
const A_FEW: usize = 16;

/// Time for each that is expected where they are many.
const FOR_EACH: Duration = Duration::from_micros(60);

/// Longest breath.
const LONGEST: Duration = Duration::from_millis(2);

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
    /// As many as there seem to be: the most served of late.
    expected: usize,
}

impl RoundPace {
    /// Waits until the next round may begin.
    pub(super) async fn wait(&mut self, demand: &ObservationDemand) {
        let Some((moment, expected)) = self.last.and_then(not_before) else {
            return;
        };
        if self.timer.is_none() {
            // Without a descriptor for the timer rounds follow one another at once, which is dearer
            // and no less right.
            self.timer = KernelTimer::new().ok();
        }
        let Some(timer) = &self.timer else { return };
        // When all who are expected wait, nobody is left to wait for.
        let outcome = tokio::select! {
            outcome = timer.until(moment) => outcome,
            () = demand.reaches(expected) => Ok(()),
        };
        if outcome.is_err() {
            self.timer = None;
        }
    }

    /// Notes a round that begins now and how many it serves.
    pub(super) fn round(&mut self, begun: Instant, served: usize) {
        let before = self.last.map_or(0, |last| last.expected);
        self.last = Some(Round {
            begun,
            served,
            expected: expected(before, served),
        });
    }
}

/// The most served of late: a peak is forgotten by a sixteenth with every round that stays below it.
fn expected(before: usize, served: usize) -> usize {
    let fading = before.saturating_sub(before / 16).saturating_sub(1);
    served.max(fading)
}

/// The latest moment for the round after `last`, and how many waiting let it begin earlier; none where
/// it may begin at once.
fn not_before(last: Round) -> Option<(Instant, usize)> {
    (last.served > 1).then_some((last.begun + timer(last.expected), last.expected))
}

fn timer(expected: usize) -> Duration {
    if expected <= A_FEW {
        return BREATH;
    }
    let each = u32::try_from(expected).unwrap_or(u32::MAX);
    FOR_EACH.saturating_mul(each).min(LONGEST)
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
    fn a_check_that_comes_alone_waits_for_nobody() {
        for served in [0, 1] {
            assert_eq!(not_before(after(served).last.unwrap()), None);
        }
    }

    #[test]
    fn checks_that_come_together_share_a_breath_or_are_all_there() {
        let last = after(12).last.unwrap();
        assert_eq!(not_before(last), Some((last.begun + BREATH, 12)));
    }

    #[test]
    fn the_more_are_expected_the_longer_the_breath_up_to_a_limit() {
        assert_eq!(timer(2), BREATH);
        assert_eq!(timer(A_FEW), BREATH);
        assert_eq!(timer(20), FOR_EACH * 20);
        assert!(timer(A_FEW + 1) > BREATH);
        assert_eq!(timer(1000), LONGEST);
        assert_eq!(timer(usize::MAX), LONGEST);
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
    async fn nobody_is_waited_for_when_all_are_there() {
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
