//! The system's monotonic clock, for all code with side effects: the only clock that measures a call of the resource
//! agent.

use std::thread;
use std::time::{Duration, Instant};

use crate::base::deadline::LONGEST;
use crate::base::{Clock, Deadline};

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "an agent's call has one thread, which has nothing else to do"
    )]
    fn pause(&mut self, time: Duration) {
        thread::sleep(time);
    }
}

/// Operations on deadlines that read the system's clock.
pub trait OnSystemClock: Copy {
    /// A deadline `time` from now, at most a year.
    #[must_use]
    fn after(time: Duration) -> Self;

    /// The time left.
    #[must_use]
    fn left(self) -> Duration;

    /// Whether no time is left.
    #[must_use]
    fn has_passed(self) -> bool {
        self.left().is_zero()
    }

    /// Waits for `time`, but not beyond the deadline.
    fn pause(self, time: Duration) {
        SystemClock.pause(time.min(self.left()));
    }

    /// The earlier of this deadline and one `time` from now.
    #[must_use]
    fn within(self, time: Duration) -> Self;

    /// A deadline that is `time` before this one.
    #[must_use]
    fn leaving(self, time: Duration) -> Self {
        Self::after(self.left().saturating_sub(time))
    }
}

impl OnSystemClock for Deadline {
    fn after(time: Duration) -> Self {
        let now = Instant::now();
        Self::at(now + time.min(LONGEST))
    }

    fn left(self) -> Duration {
        self.left_at(Instant::now())
    }

    fn within(self, time: Duration) -> Self {
        self.min(Self::after(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_deadline_is_not_after_the_original() {
        let whole = Deadline::after(Duration::from_secs(5));
        assert_eq!(whole.within(Duration::from_secs(60)), whole);
        assert!(whole.within(Duration::from_secs(1)).left() <= Duration::from_secs(1));
        assert!(whole.leaving(Duration::from_secs(4)).left() <= Duration::from_secs(1));
        assert!(whole.leaving(Duration::from_secs(60)).has_passed());
    }

    #[test]
    fn a_time_beyond_the_clocks_range_is_the_longest_deadline() {
        let deadline = Deadline::after(Duration::MAX);
        assert!(deadline.left() > LONGEST / 2);
        assert_eq!(deadline.within(Duration::MAX), deadline);
    }
}
