//! Connections that were answered and get a moment to close; knows nothing of what they were told.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use tokio_util::task::TaskTracker;

use super::half_close::{self, FIRST_LOOK};
use super::slots::Slot;

/// Time between two looks at those who were answered: each is looked at once, five to ten
/// milliseconds after its answer, with whoever else is due.
const BETWEEN_LOOKS: Duration = FIRST_LOOK;

/// The answered, in the order of their answers.
#[derive(Debug)]
pub(super) struct Closing {
    answered: VecDeque<Answered>,
    slow: TaskTracker,
}

#[derive(Debug)]
struct Answered {
    socket: OwnedFd,
    slot: Slot,
    at: Instant,
}

impl Closing {
    /// Nobody yet. `slow` counts those who do not close by themselves.
    pub(super) fn new(slow: TaskTracker) -> Self {
        Self {
            answered: VecDeque::new(),
            slow,
        }
    }

    /// A connection that was answered at `at`; it keeps its slot until it is closed.
    pub(super) fn push(&mut self, socket: OwnedFd, slot: Slot, at: Instant) {
        self.answered.push_back(Answered { socket, slot, at });
    }

    /// Whether all have closed or turned out slow.
    pub(super) fn is_empty(&self) -> bool {
        self.answered.is_empty()
    }

    /// When to look next.
    pub(super) fn next_look(&self) -> Option<Instant> {
        let oldest = self.answered.front()?;
        Some(oldest.at + FIRST_LOOK + BETWEEN_LOOKS)
    }

    /// Closes upon those who have closed; who has not had time to is left for the next look, and a slow
    /// one is read from by a task of its own.
    pub(super) fn look(&mut self, now: Instant) {
        let due = self
            .answered
            .iter()
            .take_while(|one| one.at + FIRST_LOOK <= now);
        let due = due.count();
        for Answered { socket, slot, .. } in self.answered.drain(..due) {
            if let Some(slow) = half_close::look(socket) {
                self.slow.spawn(async move {
                    slow.read_away().await;
                    drop(slot);
                });
            }
        }
    }
}
