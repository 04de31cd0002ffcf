//! The clocks of a host, which need not go as time does. Knows nothing of who looks at them.

use std::time::Duration;

/// A clock that goes right, in thousandths.
const RIGHT: u32 = 1000;
/// What its wall clock shows at the beginning.
const BEGINNING: Duration = Duration::from_secs(1_800_000_000);

/// A host's clocks: one that counts from some beginning on, and one on the wall.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// How fast both go, in thousandths.
    rate: u32,
    /// Since when, and what the first one showed then.
    since: Duration,
    shown: Duration,
    /// How many seconds somebody has set the one on the wall forward, or back.
    set: i64,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            rate: RIGHT,
            since: Duration::ZERO,
            shown: Duration::ZERO,
            set: 0,
        }
    }

    /// What it shows.
    pub(crate) fn shows(&self, now: Duration) -> Duration {
        let counted = now.saturating_sub(self.since);
        if self.rate == RIGHT {
            return self.shown + counted;
        }
        self.shown + counted * self.rate / RIGHT
    }

    /// What the one on the wall shows.
    pub(crate) fn wall(&self, now: Duration) -> Duration {
        let seconds = Duration::from_secs(self.set.unsigned_abs());
        let shown = BEGINNING + self.shows(now);
        if self.set < 0 {
            shown.saturating_sub(seconds)
        } else {
            shown + seconds
        }
    }

    /// How long it takes until it has counted so much, and no less: whoever waits for a moment would wait for ever.
    pub(crate) fn lasts(&self, counted: Duration) -> Duration {
        let rate = u128::from(self.rate);
        let nanoseconds = (counted.as_nanos() * u128::from(RIGHT)).div_ceil(rate);
        Duration::from_nanos(nanoseconds as u64)
    }

    /// It goes so fast from now on, in thousandths.
    pub(crate) fn go(&mut self, now: Duration, rate: u32) {
        self.shown = self.shows(now);
        self.since = now;
        self.rate = rate;
    }

    /// It goes right from now on, and shows what it shows.
    pub(crate) fn go_right(&mut self, now: Duration) {
        self.go(now, RIGHT);
    }

    /// Somebody sets the one on the wall.
    pub(crate) fn set(&mut self, seconds: i64) {
        self.set = seconds;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_slow_clock_counts_less_and_never_goes_back() {
        let mut clock = Clock::new();
        clock.go(10 * SECOND, 900);
        assert_eq!(clock.shows(10 * SECOND), 10 * SECOND);
        assert_eq!(clock.shows(20 * SECOND), 19 * SECOND);
        assert_eq!(clock.lasts(9 * SECOND), 10 * SECOND);
        clock.go_right(20 * SECOND);
        assert_eq!(clock.shows(30 * SECOND), 29 * SECOND);
    }

    #[test]
    fn a_fast_clock_has_counted_everything_when_the_wait_for_it_is_over() {
        let mut clock = Clock::new();
        clock.go(SECOND, 1_078);
        for nanoseconds in [1, 2, 77, 50_000_001] {
            let counted = Duration::from_nanos(nanoseconds);
            let before = clock.shows(3 * SECOND);
            assert!(clock.shows(3 * SECOND + clock.lasts(counted)) >= before + counted);
        }
    }

    #[test]
    fn the_wall_clock_can_be_set_back_and_the_other_one_not() {
        let mut clock = Clock::new();
        let before = clock.wall(5 * SECOND);
        clock.set(-60);
        assert_eq!(clock.wall(5 * SECOND) + 60 * SECOND, before);
        assert_eq!(clock.shows(5 * SECOND), 5 * SECOND);
    }
}
