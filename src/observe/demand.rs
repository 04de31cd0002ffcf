//! Who wants to know: counts the checks that wait for the next round and wakes the asker; knows nothing of
//! what they get.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

/// How much of a server somebody wants to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// The verdict, under the operator's conditions.
    #[default]
    Verdict,
    /// A standby's figures as well, also where no condition needs them.
    Figures,
    /// Whether its primary waits for it as well.
    Sync,
    /// Everything that documents show.
    Details,
}

/// The wish for another round, shared by those who ask and the one who answers.
#[derive(Debug, Default)]
pub(super) struct Demand {
    waiting: AtomicUsize,
    figures: AtomicBool,
    sync: AtomicBool,
    details: AtomicBool,
    wake: Notify,
}

impl Demand {
    /// Wants a round that begins after this call, for so many checks.
    pub(super) fn want(&self, checks: usize) {
        self.waiting.fetch_add(checks, Ordering::Relaxed);
        self.wake.notify_one();
    }

    /// Wants the next round to go this deep; to be said before [`Self::want`].
    pub(super) fn deepen(&self, depth: Depth) {
        match depth {
            Depth::Verdict => {}
            Depth::Figures => self.figures.store(true, Ordering::Relaxed),
            Depth::Sync => self.sync.store(true, Ordering::Relaxed),
            Depth::Details => self.details.store(true, Ordering::Relaxed),
        }
    }

    /// How deep the round goes that begins now; to be asked after [`Self::served`].
    pub(super) fn depth(&self) -> Depth {
        let taken = |wish: &AtomicBool| wish.swap(false, Ordering::Relaxed);
        // All are taken: the deepest is good for the others.
        match (
            taken(&self.details),
            taken(&self.sync),
            taken(&self.figures),
        ) {
            (true, _, _) => Depth::Details,
            (false, true, _) => Depth::Sync,
            (false, false, true) => Depth::Figures,
            (false, false, false) => Depth::Verdict,
        }
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
