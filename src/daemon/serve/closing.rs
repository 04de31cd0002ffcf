//! Answered connections that the clients have not closed yet; does not know the answers.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::half_close::{Answered, FIRST_CHECK_DELAY, SECOND_CHECK_DELAY};
use super::slots::Slot;

/// How late a check may be, so that one turn checks many connections.
const LATENESS: Duration = FIRST_CHECK_DELAY;

/// Looks at each answered connection twice; one that is still open then gets a separate task.
#[derive(Debug)]
pub(super) struct Closing {
    first: VecDeque<OpenConnection>,
    second: VecDeque<OpenConnection>,
    slow: TaskTracker,
}

/// An answered connection, which keeps its slot until it is closed.
#[derive(Debug)]
struct OpenConnection {
    client: Answered,
    slot: Slot,
    answered_at: Instant,
}

impl Closing {
    /// Creates an empty queue. `slow` tracks the connections that are still open after two checks.
    pub(super) fn new(slow: TaskTracker) -> Self {
        Self {
            first: VecDeque::new(),
            second: VecDeque::new(),
            slow,
        }
    }

    /// Adds a connection that was just answered.
    pub(super) fn push(&mut self, socket: OwnedFd, slot: Slot, answered_at: Instant) {
        self.first.push_back(OpenConnection {
            client: Answered::new(socket),
            slot,
            answered_at,
        });
    }

    /// Whether all have closed or been handed to a separate task.
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_empty() && self.second.is_empty()
    }

    /// The latest moment for the next check.
    pub(super) fn next_look(&self) -> Option<Instant> {
        let due = |queue: &VecDeque<OpenConnection>, delay| {
            Some(queue.front()?.answered_at + delay + LATENESS)
        };
        let first = due(&self.first, FIRST_CHECK_DELAY);
        let second = due(&self.second, SECOND_CHECK_DELAY);
        first.into_iter().chain(second).min()
    }

    /// Looks at the connections that are due, and closes those that the clients have closed.
    pub(super) fn close_ended(&mut self, now: Instant) {
        while let Some(open) = pop_due(&mut self.second, now, SECOND_CHECK_DELAY) {
            if let Some(OpenConnection { client, slot, .. }) = still_open(open) {
                self.slow.spawn(until_ended(client, slot));
            }
        }
        while let Some(open) = pop_due(&mut self.first, now, FIRST_CHECK_DELAY) {
            self.second.extend(still_open(open));
        }
    }
}

/// Waits until the client closes its answered connection, or until whoever needs the slot gets it. The slot is marked at
/// the call.
pub(super) fn until_ended(client: Answered, slot: Slot) -> impl Future<Output = ()> {
    let leave = CancellationToken::new();
    slot.mark_silent(&leave);
    async move {
        tokio::select! {
            () = client.discard_input() => {}
            () = leave.cancelled() => {}
        }
        drop(slot);
    }
}

fn pop_due(
    queue: &mut VecDeque<OpenConnection>,
    now: Instant,
    delay: Duration,
) -> Option<OpenConnection> {
    if queue.front()?.answered_at + delay <= now {
        queue.pop_front()
    } else {
        None
    }
}

fn still_open(mut open: OpenConnection) -> Option<OpenConnection> {
    (!open.client.is_done()).then_some(open)
}
