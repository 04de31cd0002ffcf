//! The interface of a clock, which the system's clock and the simulator implement.

use std::time::{Duration, Instant};

/// A monotonic clock with a way to wait.
pub trait Clock {
    /// The current time.
    fn now(&self) -> Instant;

    /// Waits for `time`.
    fn pause(&mut self, time: Duration);
}
