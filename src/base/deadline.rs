//! The moment by which an action has to end, so that it reports itself what it was waiting for, and Pacemaker does not kill
//! it. Reads no clock: the current time is an argument.

use std::time::{Duration, Instant};

/// A moment that no wait exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

/// Part of an operation's timeout that is reserved for returning to Pacemaker: a twentieth, but at least and at most these.
const MARGIN: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(5)];

/// Longest time of an operation: a longer timeout is meant as no limit.
pub(super) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Deadline {
    /// A deadline at this moment.
    #[must_use]
    pub const fn at(moment: Instant) -> Self {
        Self(moment)
    }

    /// The deadline of an action that began at `began` and whose operation has this timeout.
    #[must_use]
    pub fn of_operation(began: Instant, timeout: Duration) -> Self {
        let [least, most] = MARGIN;
        let margin = (timeout / 20).clamp(least, most);
        let time = timeout.saturating_sub(margin).min(LONGEST);
        // If the clock cannot represent the moment, no time is left.
        Self(began.checked_add(time).unwrap_or(began))
    }

    /// The time left at `now`.
    #[must_use]
    pub fn left_at(self, now: Instant) -> Duration {
        self.0.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_a_margin_before_the_operations_timeout() {
        let began = Instant::now();
        for (timeout, left) in [(10, 9_500), (60, 57_000), (600, 595_000)] {
            let deadline = Deadline::of_operation(began, Duration::from_secs(timeout));
            assert_eq!(deadline.left_at(began), Duration::from_millis(left));
        }
        let year = Deadline::of_operation(began, Duration::MAX);
        assert_eq!(year.left_at(began), LONGEST);
        let at_once = Deadline::of_operation(began, Duration::from_millis(1));
        assert!(at_once.left_at(began).is_zero());
    }
}
