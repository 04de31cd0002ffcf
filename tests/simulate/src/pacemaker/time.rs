//! Time within a history. Knows no clock.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment: how long after the beginning of the history it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(pub Duration);

impl SimTime {
    /// The beginning.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// So many milliseconds after the beginning.
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }
}

impl Add<Duration> for SimTime {
    type Output = Self;

    fn add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(later))
    }
}

impl Sub for SimTime {
    type Output = Duration;

    /// How long after the other moment this one is; zero before it.
    fn sub(self, other: Self) -> Duration {
        self.0.saturating_sub(other.0)
    }
}
