//! How long a client keeps a connection without a whole request; knows nothing of what a request is.
//!
//! One timer for a connection's whole life: one for each request, made and dropped, would cost a
//! balancer that stays connected more than its answers do.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time;

/// Whose turn it is, and since when if it is the client's.
#[derive(Debug)]
pub(super) struct Silence(Mutex<Turn>);

#[derive(Clone, Copy, Debug)]
enum Turn {
    /// The client has to send a request, or to read an answer.
    Clients(Instant),
    /// A request is being answered.
    Ours,
}

impl Silence {
    /// Of a client that has just come.
    pub(super) fn begun(now: Instant) -> Self {
        Self(Mutex::new(Turn::Clients(now)))
    }

    /// A request is there.
    pub(super) fn is_broken(&self) {
        *self.turn() = Turn::Ours;
    }

    /// It has its answer.
    pub(super) fn begins(&self, now: Instant) {
        *self.turn() = Turn::Clients(now);
    }

    /// Ends once it has lasted so long.
    pub(super) async fn lasts(&self, limit: Duration) {
        loop {
            let turn = *self.turn();
            let now = Instant::now();
            let end = match turn {
                Turn::Clients(since) => since + limit,
                // No silence that begins from now on is over any earlier.
                Turn::Ours => now + limit,
            };
            if end <= now {
                return;
            }
            time::sleep_until(end.into()).await;
        }
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        // Whoever held it has left a whole turn.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(60);

    #[tokio::test]
    async fn it_lasts_from_the_last_answer() {
        let last = Cell::new(Instant::now());
        let silence = Silence::begun(last.get());
        let talk = async {
            for _ in 0..4 {
                time::sleep(LIMIT / 2).await;
                silence.is_broken();
                last.set(Instant::now());
                silence.begins(last.get());
            }
            pending::<()>().await;
        };
        tokio::select! {
            () = silence.lasts(LIMIT) => assert!(last.get().elapsed() >= LIMIT),
            () = talk => {}
        }
    }

    #[tokio::test]
    async fn an_answer_that_takes_its_time_is_no_silence() {
        let silence = Silence::begun(Instant::now());
        silence.is_broken();
        let over = time::timeout(LIMIT * 4, silence.lasts(LIMIT)).await;
        assert!(over.is_err());
    }
}
