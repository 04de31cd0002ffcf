//! Polls until a deadline, for facts whose change nothing announces. Knows no fact.

use std::time::Duration;

use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;

/// The intervals of polling: shorter at first.
#[derive(Clone, Copy, Debug)]
pub(super) struct PollPace {
    next: Duration,
    longest: Duration,
}

impl PollPace {
    /// Polls at a constant interval.
    pub(super) fn every(pause: Duration) -> Self {
        Self::growing(pause, pause)
    }

    /// Polls at growing intervals.
    pub(super) fn growing(first: Duration, longest: Duration) -> Self {
        Self {
            next: first,
            longest,
        }
    }

    /// Waits, but not beyond the deadline. Returns `None` if the deadline has passed.
    pub(super) fn pause(&mut self, deadline: Deadline) -> Option<()> {
        if deadline.has_passed() {
            return None;
        }
        deadline.pause(self.next);
        self.next = self.next.saturating_mul(2).min(self.longest);
        Some(())
    }
}
