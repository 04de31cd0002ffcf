//! Counts the checks that wait for the next round, and wakes the asker; does not know what they are
//! answered.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::health::Depth;

/// The demand for another round, shared by the observers and the asker.
#[derive(Debug)]
pub(super) struct ObservationDemand {
    waiting: AtomicUsize,
    /// The asker is woken only by the check with which this many wait: a wake-up for each check would cost more than
    /// all else that is done for it.
    enough: AtomicUsize,
    figures: AtomicBool,
    sync: AtomicBool,
    details: AtomicBool,
    wake: Notify,
}

impl Default for ObservationDemand {
    fn default() -> Self {
        Self {
            waiting: AtomicUsize::new(0),
            enough: AtomicUsize::new(1),
            figures: AtomicBool::default(),
            sync: AtomicBool::default(),
            details: AtomicBool::default(),
            wake: Notify::default(),
        }
    }
}

impl ObservationDemand {
    /// Requests a round that begins after this call, for `checks` checks.
    pub(super) fn want(&self, checks: usize) {
        let before = self.waiting.fetch_add(checks, Ordering::SeqCst);
        let enough = self.enough.load(Ordering::SeqCst);
        if before < enough && enough <= before.saturating_add(checks) {
            self.wake.notify_one();
        }
    }

    /// Requests this depth for the next round; to be called before [`Self::want`].
    pub(super) fn deepen(&self, depth: Depth) {
        match depth {
            Depth::Verdict => {}
            Depth::Figures => self.figures.store(true, Ordering::Relaxed),
            Depth::Sync => self.sync.store(true, Ordering::Relaxed),
            Depth::Details => self.details.store(true, Ordering::Relaxed),
        }
    }

    /// Takes the depth for the round that begins now; to be called after [`Self::served`].
    pub(super) fn depth(&self) -> Depth {
        let taken = |wanted: &AtomicBool| wanted.swap(false, Ordering::Relaxed);
        // All flags are reset: the deepest round serves the others too.
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

    /// Waits until a round is requested.
    pub(super) async fn wanted(&self) {
        self.wake.notified().await;
    }

    /// Waits until `checks` checks wait; to be followed by [`Self::served`], after which a single check
    /// wakes the asker again.
    pub(super) async fn reaches(&self, checks: usize) {
        self.enough.store(checks, Ordering::SeqCst);
        while self.waiting.load(Ordering::SeqCst) < checks {
            self.wake.notified().await;
        }
    }

    /// Takes the number of checks that the round beginning now serves.
    pub(super) fn served(&self) -> usize {
        // In this order a check that arrives in between is served; in the other it would wake nobody.
        self.enough.store(1, Ordering::SeqCst);
        self.waiting.swap(0, Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn is_ready(wait: impl Future<Output = ()>) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        pin!(wait).poll(&mut context) == Poll::Ready(())
    }

    #[test]
    fn the_first_check_and_the_first_after_each_round_wake_the_asker() {
        let demand = ObservationDemand::default();
        for _ in 0..3 {
            assert!(!is_ready(demand.wanted()));
            demand.want(2);
            demand.want(1);
            assert!(is_ready(demand.wanted()));
            assert_eq!(demand.served(), 3);
        }
    }

    #[test]
    fn a_wait_for_several_checks_ends_with_the_last_of_them() {
        let demand = ObservationDemand::default();
        let mut several = pin!(demand.reaches(3));
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..2 {
            assert_eq!(several.as_mut().poll(&mut context), Poll::Pending);
            demand.want(1);
        }
        assert_eq!(several.as_mut().poll(&mut context), Poll::Pending);
        demand.want(2);
        assert_eq!(several.as_mut().poll(&mut context), Poll::Ready(()));
    }

    #[test]
    fn a_check_after_a_round_that_waited_for_more_in_vain_wakes_the_asker() {
        let demand = ObservationDemand::default();
        demand.want(1);
        assert!(is_ready(demand.wanted()));
        assert!(!is_ready(demand.reaches(9)));
        assert_eq!(demand.served(), 1);
        demand.want(1);
        assert!(is_ready(demand.wanted()));
    }
}
