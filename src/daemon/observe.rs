//! The newest observation and who may use it: checks that wait share one question, and each is
//! answered from a question put after it came. Knows nothing of protocols or clients.
//!
//! - [`asker`]: the one task that asks; owns the kept session.
//! - `demand`, `pace`, `kernel_timer`: who waits for the next round, and when it begins.
//! - `shared_session`, `patience`: the kept session and what its answers teach, each in its time.
//! - [`fresh_connections`]: the second clock, fresh connections.
//! - `journal`: one log line per change, never one per check.
//! - [`once`](mod@once): the same without a daemon.
//! - [`Observer`]: what everybody else holds.

pub mod asker;
mod demand;
pub mod fresh_connections;
mod journal;
mod kernel_timer;
pub mod once;
mod pace;
mod patience;
mod shared_session;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{SetOnce, watch};

use crate::base::units::Bytes;
use crate::health::{
    Contact, Details, DownReason, Maintenance, Quorum, Rival, State, SyncState, Transactions,
    Verdict,
};

pub use asker::{Asker, Terms};
pub use demand::Depth;
use demand::ObservationDemand;
pub use once::once;
use patience::Patience;

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
    /// What transactions are where nobody says otherwise, where that is known.
    pub transactions: Option<Transactions>,
    /// What an administrator has ordered.
    pub ordered: Option<Maintenance>,
    /// What is known of the node's quorum, where a guard needs it.
    pub quorum: Option<Quorum>,
    /// Another primary of the same system, where one is known.
    pub rival: Option<Rival>,
    /// Whether a primary waits for this standby, where that was asked and is known.
    pub sync: Option<SyncState>,
    /// Whether the other nodes' daemons are reached, where documents show it.
    pub contacts: Vec<Contact>,
    /// How much was asked.
    pub depth: Depth,
    /// What documents show beside, where it was asked and told.
    pub details: Option<Arc<Details>>,
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
            transactions: None,
            ordered: None,
            quorum: None,
            rival: None,
            sync: None,
            contacts: Vec::new(),
            depth: Depth::Verdict,
            details: None,
            verdict: Verdict::Down(reason),
        }
    }

    /// Whether nothing more is to be learnt for this depth.
    fn is_as_deep_as(&self, depth: Depth) -> bool {
        match (&self.state, depth) {
            (State::Down(_), _)
            | (State::Primary(_), Depth::Verdict | Depth::Figures | Depth::Sync) => true,
            (State::Standby(_, _), _) | (State::Primary(_), Depth::Details) => self.depth >= depth,
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

/// What a check wants to know, or several that came together.
#[derive(Clone, Copy, Debug)]
pub struct ObservationRequest {
    /// When the last of them came.
    pub arrived: Instant,
    /// How long before they came the question may have been put (`answer.max_age`).
    pub max_age: Duration,
    /// How long they wait for it (`postgres.timeout`).
    pub timeout: Duration,
}

impl ObservationRequest {
    /// Whether the answer to a question put at `asked_at` is recent enough.
    pub fn is_met_by(&self, asked_at: Instant) -> bool {
        asked_at + self.max_age >= self.arrived
    }

    /// When to answer `down timeout` without an observation.
    pub fn deadline(&self) -> Instant {
        self.arrived + self.timeout + SLACK
    }
}

/// A handle on the observations, for one wish after another; cheap to clone.
#[derive(Clone, Debug)]
pub struct Observer {
    newest: watch::Receiver<Option<Observation>>,
    demand: Arc<ObservationDemand>,
    patience: Patience,
    prepared: Arc<SetOnce<()>>,
}

impl Observer {
    /// Waits until a role may be told: where a guard compares the server with those of other nodes, until
    /// these have been asked. What they ask in turn must not wait for this, or two that begin together
    /// would wait for each other.
    pub async fn prepared(&self) {
        self.prepared.wait().await;
    }

    /// Wants a question that is put after this call, on behalf of so many checks.
    pub fn want(&self, checks: usize) {
        self.demand.want(checks);
    }

    /// What `part` takes of the newest observation, if there is one; [`Self::changed`] waits for a newer.
    pub fn newest<T>(&mut self, part: impl FnOnce(&Observation) -> T) -> Option<T> {
        self.newest.borrow_and_update().as_ref().map(part)
    }

    /// The answer to one wish. Without an observation in time it is `down timeout`.
    pub async fn ask(&mut self, wanted: ObservationRequest) -> Observation {
        let met = |seen: &Option<Observation>| {
            let seen = seen.as_ref();
            seen.is_some_and(|seen| wanted.is_met_by(seen.asked_at))
        };
        if !met(&self.newest.borrow_and_update()) {
            self.want(1);
        }
        let down = |reason| Observation::down(wanted.arrived, reason);
        let Self {
            newest, patience, ..
        } = self;
        match patience
            .until(wanted.deadline(), newest.wait_for(met))
            .await
        {
            Some(Ok(seen)) => seen.clone().unwrap_or(down(DownReason::Internal)),
            Some(Err(_)) => down(DownReason::Internal),
            None => down(DownReason::Timeout),
        }
    }

    /// The answer to one wish that goes this deep.
    pub async fn ask_for(&mut self, depth: Depth, wanted: ObservationRequest) -> Observation {
        let met = |seen: &Observation| wanted.is_met_by(seen.asked_at) && seen.is_as_deep_as(depth);
        let Self {
            newest,
            demand,
            patience,
            ..
        } = self;
        let answer = async {
            loop {
                let seen = newest.borrow_and_update().clone();
                if let Some(seen) = seen.filter(met) {
                    return Some(seen);
                }
                // Said again after a round that was under way, or that somebody else's wish began.
                demand.deepen(depth);
                demand.want(1);
                newest.changed().await.ok()?;
            }
        };
        let answered = patience.until(wanted.deadline(), answer).await;
        let down = |reason| Observation::down(wanted.arrived, reason);
        match answered {
            Some(Some(seen)) => seen,
            Some(None) => down(DownReason::Internal),
            None => down(DownReason::Timeout),
        }
    }

    /// Waits for the next observation.
    pub async fn changed(&mut self) -> bool {
        self.newest.changed().await.is_ok()
    }
}
