//! When the next round begins: at once for a check that comes alone; a breath later where many come,
//! so that one question serves more of them. Knows nothing of what is asked.

use std::time::{Duration, Instant};

use super::breath::Breath;

/// Least time between the beginnings of two rounds while several want to know: a question costs the
/// server some 20 µs and us the same, so that a flood of checks takes a tenth of a core at most.
/// Long enough for more than a dozen checks at the rate at which one core can make them; far below
/// what any check notices.
const BREATH: Duration = Duration::from_micros(500);

/// Remembers the last round.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<Round>,
    breath: Option<Breath>,
}

#[derive(Clone, Copy, Debug)]
struct Round {
    begun: Instant,
    served: usize,
}

impl Pace {
    /// Waits until the next round may begin.
    pub(super) async fn wait(&mut self) {
        let Some(moment) = self.last.and_then(not_before) else {
            return;
        };
        if self.breath.is_none() {
            // Without a descriptor for the timer rounds follow one another at once, which is dearer
            // and no less right.
            self.breath = Breath::new().ok();
        }
        if let Some(breath) = &self.breath
            && breath.until(moment).await.is_err()
        {
            self.breath = None;
        }
    }

    /// Notes a round that begins now and how many it serves.
    pub(super) fn round(&mut self, begun: Instant, served: usize) {
        self.last = Some(Round { begun, served });
    }
}

/// The earliest beginning of the round after `last`; none where it may begin at once.
fn not_before(last: Round) -> Option<Instant> {
    (last.served > 1).then_some(last.begun + BREATH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_comes_alone_waits_for_nobody() {
        let begun = Instant::now();
        assert_eq!(not_before(Round { begun, served: 1 }), None);
        assert_eq!(not_before(Round { begun, served: 0 }), None);
    }

    #[test]
    fn checks_that_come_together_share_a_breath() {
        let begun = Instant::now();
        assert_eq!(not_before(Round { begun, served: 2 }), Some(begun + BREATH));
    }
}
