//! Schedules expensive computations one at a time, so that together they take at most half of the time of the
//! thread that answers all clients. Does not know what is computed.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::time;

/// Computing time after which a rest is due.
const AT_ONCE: Duration = Duration::from_millis(1);

/// Longest rest: a computation that took longer was itself waiting for the processor.
const LONGEST_REST: Duration = Duration::from_millis(20);

/// Runs one computation at a time, in the order of arrival; holds the computing time since the last rest.
#[derive(Clone, Debug)]
pub(super) struct Turns(Arc<Mutex<Duration>>);

impl Turns {
    /// Creates a scheduler without computing time spent.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Duration::ZERO)))
    }

    /// Polls `work` to its end, each time when it is its turn. While it waits for something else, other computations have
    /// their turn.
    pub(super) async fn take<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        loop {
            let mut spent = self.0.lock().await;
            if *spent >= AT_ONCE {
                // If this future is dropped during the rest, the next one in turn rests instead.
                time::sleep((*spent).min(LONGEST_REST)).await;
                *spent = Duration::ZERO;
            }
            let begun = Instant::now();
            let polled = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
            *spent = spent.saturating_add(begun.elapsed());
            drop(spent);
            match polled {
                Poll::Ready(output) => return output,
                Poll::Pending => awake().await,
            }
        }
    }
}

/// Ends when the task is polled again; `work` has registered the waker for that.
async fn awake() {
    let mut is_again = false;
    poll_fn(|_| {
        if is_again {
            return Poll::Ready(());
        }
        is_again = true;
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::hint::spin_loop;

    use tokio::task::JoinSet;

    use super::*;

    /// Computes for `length`, or longer if other threads have the processor; returns the time it took.
    fn compute(length: Duration) -> impl Future<Output = Duration> {
        poll_fn(move |_| {
            let begun = Instant::now();
            while begun.elapsed() < length {
                spin_loop();
            }
            Poll::Ready(begun.elapsed())
        })
    }

    #[tokio::test]
    async fn computations_leave_half_of_the_time_to_others() {
        let turns = Turns::new();
        let begun = Instant::now();
        let mut all = JoinSet::new();
        for _ in 0..12 {
            let turns = turns.clone();
            all.spawn(async move { turns.take(compute(AT_ONCE)).await });
        }
        let computed = all.join_all().await;
        let elapsed = begun.elapsed();
        let rests: Vec<_> = computed
            .iter()
            .map(|long| *long.min(&LONGEST_REST))
            .collect();
        // The last one need not rest.
        let last = rests.iter().max().copied().unwrap_or_default();
        let all: Duration = computed.iter().chain(&rests).sum();
        assert!(elapsed + last >= all);
    }

    #[tokio::test]
    async fn work_that_waits_for_something_else_does_not_block_other_turns() {
        let turns = Turns::new();
        let waits = tokio::spawn({
            let turns = turns.clone();
            async move { turns.take(pending::<()>()).await }
        });
        tokio::task::yield_now().await;
        for _ in 0..3 {
            turns.take(compute(AT_ONCE)).await;
        }
        waits.abort();
        turns.take(compute(AT_ONCE)).await;
    }

    #[tokio::test]
    async fn work_goes_on_when_it_is_woken() {
        let turns = Turns::new();
        let (there, comes) = tokio::sync::oneshot::channel();
        let waits = tokio::spawn({
            let turns = turns.clone();
            async move { turns.take(comes).await }
        });
        tokio::task::yield_now().await;
        turns.take(compute(AT_ONCE)).await;
        there.send(7).unwrap();
        assert_eq!(waits.await.unwrap(), Ok(7));
    }

    #[tokio::test]
    async fn work_that_is_dropped_during_its_rest_leaves_the_turn_to_the_next() {
        let turns = Turns::new();
        turns.take(compute(AT_ONCE)).await;
        let rests = tokio::spawn({
            let turns = turns.clone();
            async move { turns.take(pending::<()>()).await }
        });
        tokio::task::yield_now().await;
        rests.abort();
        turns.take(compute(AT_ONCE)).await;
    }
}
