//! Whose turn it is among those for whom much has to be computed, so that they take no more than half of the time of the
//! thread on which everybody is answered. Knows not what is computed.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::time;

/// So much is computed before others have their time.
const AT_ONCE: Duration = Duration::from_millis(1);

/// The longest rest: what took longer had to wait for the processor itself.
const LONGEST_REST: Duration = Duration::from_millis(20);

/// One at a time, in the order in which they came.
#[derive(Clone, Debug)]
pub(super) struct Turns(Arc<Mutex<Duration>>);

impl Turns {
    /// Nothing was computed yet.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Duration::ZERO)))
    }

    /// Computes whenever there is something to compute and it is its turn. While it waits for something else, others have
    /// theirs.
    pub(super) async fn take<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        loop {
            let mut spent = self.0.lock().await;
            if *spent >= AT_ONCE {
                // The next one in turn rests in its place if it gives up meanwhile.
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

/// Ends when the task is polled again, for which the work has seen to it.
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

    /// Computes for so long, or longer where others have the processor; how long it took.
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
    async fn half_of_the_time_is_everybody_elses() {
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
    async fn who_waits_for_something_else_keeps_nobody_from_his_turn() {
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
    async fn who_gives_up_while_he_rests_leaves_the_turn_to_the_next() {
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
