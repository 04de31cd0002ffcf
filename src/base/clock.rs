//! The time that an action takes, whoever measures it. Knows no action.

use std::time::{Duration, Instant};

/// A clock that only goes forward, and that can be waited by.
pub trait Clock {
    /// The present moment.
    fn now(&self) -> Instant;

    /// Waits so long.
    fn pause(&mut self, time: Duration);
}
