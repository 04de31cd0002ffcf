//! The newest observation and who may use it: checks that wait share one question, and each is
//! answered from a question put after it came. Knows nothing of protocols or clients.
//!
//! - [`asker`]: the one task that asks; owns the kept session.
//! - `demand`, `pace`, `breath`: who waits for the next round, and when it begins.
//! - `kept`: the kept session and what its answers teach.
//! - [`door`]: the second clock, fresh connections.
//! - `journal`: one log line per change, never one per check.
//! - [`once`](mod@once): the same without a daemon.
//! - [`Observer`]: what everybody else holds.

pub mod asker;
mod breath;
mod demand;
pub mod door;
mod journal;
mod kept;
pub mod once;
mod pace;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time;

use crate::role::{DownReason, State, Verdict};
use crate::units::Bytes;

pub use asker::{Asker, Terms};
use demand::Demand;
pub use once::once;

/// A check may wait for the round under way and for its own; this is what both may take beyond
/// `postgres.timeout` before the check is answered without them.
const SLACK: Duration = Duration::from_millis(100);

/// What one round of asking found, judged.
#[derive(Clone, Debug)]
pub struct Observation {
    /// When the question was put: it says nothing of any later moment.
    pub asked_at: Instant,
    /// What the instance is.
    pub state: State,
    /// How long known WAL has waited for its replay, on a standby that was asked.
    pub delay: Option<Duration>,
    /// What is answered of it.
    pub verdict: Verdict,
}

impl Observation {
    /// An observation that found no usable server.
    pub fn down(asked_at: Instant, reason: DownReason) -> Self {
        Self {
            asked_at,
            state: State::Down(reason),
            delay: None,
            verdict: Verdict::Down(reason),
        }
    }

    /// Bytes a standby knows of and has not replayed, where it was asked.
    pub fn lag(&self) -> Option<Bytes> {
        match &self.state {
            State::Standby(_, standby) => standby.replication.as_ref()?.lag(),
            State::Primary(_) | State::Down(_) => None,
        }
    }
}

/// Checks that want to know together.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// When the last of them came.
    pub arrived: Instant,
    /// How many they are.
    pub checks: usize,
    /// How long before they came the question may have been put (`answer.max_age`).
    pub max_age: Duration,
    /// How long they wait for it (`postgres.timeout`).
    pub timeout: Duration,
}

/// A handle on the observations; cheap to clone.
#[derive(Clone, Debug)]
pub struct Observer {
    newest: watch::Receiver<Option<Observation>>,
    demand: Arc<Demand>,
}

impl Observer {
    /// The answer for checks that came: from a question put no earlier than `max_age` before the last
    /// of them. Without one in time it is `down timeout`.
    pub async fn ask(&self, wish: Wish) -> Observation {
        let mut newest = self.newest.clone();
        let fresh = |seen: &Option<Observation>| {
            let seen = seen.as_ref();
            seen.is_some_and(|seen| seen.asked_at + wish.max_age >= wish.arrived)
        };
        if !fresh(&newest.borrow_and_update()) {
            self.demand.want(wish.checks);
        }
        let down = |reason| Observation::down(wish.arrived, reason);
        let deadline = time::Instant::from_std(wish.arrived + wish.timeout + SLACK);
        match time::timeout_at(deadline, newest.wait_for(fresh)).await {
            Ok(Ok(seen)) => seen.clone().unwrap_or(down(DownReason::Internal)),
            Ok(Err(_)) => down(DownReason::Internal),
            Err(_) => down(DownReason::Timeout),
        }
    }

    /// Waits for the next observation.
    pub async fn changed(&mut self) -> bool {
        self.newest.changed().await.is_ok()
    }
}
