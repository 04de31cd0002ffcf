//! Until when an action has to have ended, so that it says itself what it waited for and is not killed in the
//! middle by Pacemaker. Knows no action.

use std::thread;
use std::time::{Duration, Instant};

/// A moment that no wait goes beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(Instant);

/// What is left of an operation's time for the way back to Pacemaker: a twentieth, and between these.
const MARGIN: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(5)];

impl Deadline {
    /// The deadline of an action that began just now and whose operation has so much time.
    #[must_use]
    pub fn of(timeout: Duration) -> Self {
        let [least, most] = MARGIN;
        let margin = (timeout / 20).clamp(least, most);
        Self::after(timeout.saturating_sub(margin))
    }

    /// The moment after so much time.
    #[must_use]
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// How much time is left.
    #[must_use]
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether there is none.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.left().is_zero()
    }

    /// Waits so long, and not beyond this moment.
    #[expect(
        clippy::disallowed_methods,
        reason = "an agent's call has one thread, which has nothing else to do"
    )]
    pub fn pause(self, time: Duration) {
        thread::sleep(time.min(self.left()));
    }

    /// This one, or an earlier one after so much time.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Self(self.0.min(Instant::now() + time))
    }

    /// The one at which so much time is left until this one.
    #[must_use]
    pub fn leaving(self, time: Duration) -> Self {
        Self::after(self.left().saturating_sub(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_ends_a_little_before_pacemaker_ends_it() {
        for (timeout, latest) in [(10, 9_500), (60, 57_000), (600, 595_000)] {
            let left = Deadline::of(Duration::from_secs(timeout)).left();
            let latest = Duration::from_millis(latest);
            assert!(left <= latest && left + Duration::from_secs(1) > latest);
        }
        assert!(Deadline::of(Duration::from_millis(1)).has_passed());
    }

    #[test]
    fn no_part_goes_beyond_the_whole() {
        let whole = Deadline::after(Duration::from_secs(5));
        assert_eq!(whole.within(Duration::from_secs(60)), whole);
        assert!(whole.within(Duration::from_secs(1)).left() <= Duration::from_secs(1));
        assert!(whole.leaving(Duration::from_secs(4)).left() <= Duration::from_secs(1));
        assert!(whole.leaving(Duration::from_secs(60)).has_passed());
    }
}
