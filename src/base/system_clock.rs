//! The system's monotonic clock, for everything that touches the world: the one clock that an agent's call is
//! measured by. Knows no action.

use std::thread;
use std::time::{Duration, Instant};

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

/// Deadlines by the system's clock.
pub trait OnSystemClock: Copy {
    /// The moment after so much time.
    #[must_use]
    fn after(time: Duration) -> Self;

    /// How much time is left.
    #[must_use]
    fn left(self) -> Duration;

    /// Whether there is none.
    #[must_use]
    fn has_passed(self) -> bool {
        self.left().is_zero()
    }

    /// Waits so long, and not beyond this moment.
    fn pause(self, time: Duration) {
        SystemClock.pause(time.min(self.left()));
    }

    /// This one, or an earlier one after so much time.
    #[must_use]
    fn within(self, time: Duration) -> Self;

    /// The one at which so much time is left until this one.
    #[must_use]
    fn leaving(self, time: Duration) -> Self {
        Self::after(self.left().saturating_sub(time))
    }
}

impl OnSystemClock for Deadline {
    fn after(time: Duration) -> Self {
        Self::at(Instant::now() + time)
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
    fn no_part_goes_beyond_the_whole() {
        let whole = Deadline::after(Duration::from_secs(5));
        assert_eq!(whole.within(Duration::from_secs(60)), whole);
        assert!(whole.within(Duration::from_secs(1)).left() <= Duration::from_secs(1));
        assert!(whole.leaving(Duration::from_secs(4)).left() <= Duration::from_secs(1));
        assert!(whole.leaving(Duration::from_secs(60)).has_passed());
    }
}
