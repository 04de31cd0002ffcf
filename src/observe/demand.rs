//! Who wants to know: counts the checks that wait for the next round and wakes the asker; knows nothing of
//! what they get.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The wish for another round, shared by those who ask and the one who answers.
#[derive(Debug, Default)]
pub(super) struct Demand {
    waiting: AtomicUsize,
    wake: Notify,
}

impl Demand {
    /// Wants a round that begins after this call, for so many checks.
    pub(super) fn want(&self, checks: usize) {
        self.waiting.fetch_add(checks, Ordering::Relaxed);
        self.wake.notify_one();
    }

    /// Waits until somebody wants a round.
    pub(super) async fn wanted(&self) {
        self.wake.notified().await;
    }

    /// Waits until so many checks wait.
    pub(super) async fn reaches(&self, checks: usize) {
        while self.waiting.load(Ordering::Relaxed) < checks {
            self.wake.notified().await;
        }
    }

    /// How many checks the round serves that begins now.
    pub(super) fn served(&self) -> usize {
        self.waiting.swap(0, Ordering::Relaxed)
    }
}
