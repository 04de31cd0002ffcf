//! Until when an action has to have ended, so that it says itself what it waited for and is not killed in the
//! middle by Pacemaker. Knows no action and no clock: the present moment is handed in.

use std::time::{Duration, Instant};

/// A moment that no wait goes beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

/// What is left of an operation's time for the way back to Pacemaker: a twentieth, and between these.
const MARGIN: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(5)];

/// Longest that an operation may take: whoever has written more meant no limit.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Deadline {
    /// That moment.
    #[must_use]
    pub const fn at(moment: Instant) -> Self {
        Self(moment)
    }

    /// The deadline of an action that began at a moment and whose operation has so much time.
    #[must_use]
    pub fn of_operation(began: Instant, timeout: Duration) -> Self {
        let [least, most] = MARGIN;
        let margin = (timeout / 20).clamp(least, most);
        let time = timeout.saturating_sub(margin).min(LONGEST);
        // A clock that cannot tell a year from now tells no deadline either: there is no time then.
        Self(began.checked_add(time).unwrap_or(began))
    }

    /// How much time is left then.
    #[must_use]
    pub fn left_at(self, now: Instant) -> Duration {
        self.0.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_ends_a_little_before_pacemaker_ends_it() {
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
