//! Looking at a fact again and again until a deadline, for what nothing tells of its change. Knows no fact.

use std::time::Duration;

use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;

/// How soon one looks again: sooner at first.
#[derive(Clone, Copy, Debug)]
pub(super) struct PollPace {
    next: Duration,
    longest: Duration,
}

impl PollPace {
    /// Always after the same time.
    pub(super) fn every(pause: Duration) -> Self {
        Self::growing(pause, pause)
    }

    /// After that time first, then after longer and longer ones.
    pub(super) fn growing(first: Duration, longest: Duration) -> Self {
        Self {
            next: first,
            longest,
        }
    }

    /// Waits, but not beyond the deadline. None if that has passed.
    pub(super) fn pause(&mut self, deadline: Deadline) -> Option<()> {
        if deadline.has_passed() {
            return None;
        }
        deadline.pause(self.next);
        self.next = self.next.saturating_mul(2).min(self.longest);
        Some(())
    }
}
