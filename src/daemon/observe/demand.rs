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
#[derive(Debug)]
pub(super) struct ObservationDemand {
    waiting: AtomicUsize,
    /// The one who answers is woken by the check with which so many wait, and by no other: being woken
    /// by each costs more than all else that a wish does.
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
    /// Wants a round that begins after this call, for so many checks.
    pub(super) fn want(&self, checks: usize) {
        let before = self.waiting.fetch_add(checks, Ordering::SeqCst);
        let enough = self.enough.load(Ordering::SeqCst);
        if before < enough && enough <= before.saturating_add(checks) {
            self.wake.notify_one();
        }
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
        let taken = |wanted: &AtomicBool| wanted.swap(false, Ordering::Relaxed);
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

    /// Waits until so many checks wait; to be followed by [`Self::served`], which has the next be heard
    /// again.
    pub(super) async fn reaches(&self, checks: usize) {
        self.enough.store(checks, Ordering::SeqCst);
        while self.waiting.load(Ordering::SeqCst) < checks {
            self.wake.notified().await;
        }
    }

    /// How many checks the round serves that begins now.
    pub(super) fn served(&self) -> usize {
        // In this order: a check that comes in between is served, where it would be unheard in the other.
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
    fn the_first_check_is_heard_and_so_is_the_first_after_a_round() {
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
    fn who_waits_for_several_is_woken_by_the_last_of_them() {
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
    fn a_check_after_a_round_that_waited_for_more_in_vain_is_heard() {
        let demand = ObservationDemand::default();
        demand.want(1);
        assert!(is_ready(demand.wanted()));
        assert!(!is_ready(demand.reaches(9)));
        assert_eq!(demand.served(), 1);
        demand.want(1);
        assert!(is_ready(demand.wanted()));
    }
}
