//! Looking at a fact again and again until a deadline, for what nothing tells of its change. Knows no fact.

use std::time::Duration;

use crate::recipes::Deadline;

/// How soon one looks again: sooner at first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    next: Duration,
    longest: Duration,
}

impl Pace {
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
        let left = deadline.left();
        if left.is_zero() {
            return None;
        }
        sleep(self.next.min(left));
        self.next = self.next.saturating_mul(2).min(self.longest);
        Some(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "an action does one thing after the other: there is nothing that this could hold up"
)]
fn sleep(pause: Duration) {
    std::thread::sleep(pause);
}
