//! Measures how long a client keeps a connection without completing a request; does not parse requests.
//!
//! There is one timer for the whole life of a connection: a new timer for each request would cost more than the
//! answers do for a load balancer that stays connected.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time;

/// Which side has to act on a connection, and since when if it is the client.
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
    /// The silence of a client that connected at `now`.
    pub(super) fn begun(now: Instant) -> Self {
        Self(Mutex::new(Turn::Clients(now)))
    }

    /// Ends the silence: a request has arrived.
    pub(super) fn end(&self) {
        *self.turn() = Turn::Ours;
    }

    /// Begins a silence: the request has been answered.
    pub(super) fn begin(&self, now: Instant) {
        *self.turn() = Turn::Clients(now);
    }

    /// Waits until the client has been silent for `limit`.
    pub(super) async fn wait(&self, limit: Duration) {
        loop {
            let turn = *self.turn();
            let now = Instant::now();
            let end = match turn {
                Turn::Clients(since) => since + limit,
                // A silence that begins from now on cannot reach the limit earlier.
                Turn::Ours => now + limit,
            };
            if end <= now {
                return;
            }
            time::sleep_until(end.into()).await;
        }
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        // The value is replaced as a whole, so it is valid even after a panic.
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
    async fn a_silence_is_measured_from_the_last_answer() {
        let last = Cell::new(Instant::now());
        let silence = Silence::begun(last.get());
        let talk = async {
            for _ in 0..4 {
                time::sleep(LIMIT / 2).await;
                silence.end();
                last.set(Instant::now());
                silence.begin(last.get());
            }
            pending::<()>().await;
        };
        tokio::select! {
            () = silence.wait(LIMIT) => assert!(last.get().elapsed() >= LIMIT),
            () = talk => {}
        }
    }

    #[tokio::test]
    async fn the_time_of_a_slow_answer_is_no_silence() {
        let silence = Silence::begun(Instant::now());
        silence.end();
        let over = time::timeout(LIMIT * 4, silence.wait(LIMIT)).await;
        assert!(over.is_err());
    }
}
