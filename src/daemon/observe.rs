//! Asks the server and keeps the newest observation: waiting checks share one question, and each is
//! answered from a question sent after it arrived. Does not know protocols or clients.
//!
//! - `settings`: what an operator has set of it.
//! - [`asker`]: the one task that asks the server; owns the shared session.
//! - `demand`, `pace`, `kernel_timer`: counts the checks that wait for the next round, and decides when it begins.
//! - `shared_session`, `question_timer`: the session that is kept between rounds, and deadlines for its questions.
//! - [`fresh_connections`]: opens a new connection once a second.
//! - `journal`: writes one log line per change, never one per check.
//! - [`once`](mod@once): makes one observation without a daemon.
//! - [`Observer`]: the handle with which other rooms request observations.

pub mod asker;
mod demand;
pub mod fresh_connections;
mod journal;
mod kernel_timer;
pub mod once;
mod pace;
mod question_timer;
mod settings;
mod shared_session;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{SetOnce, watch};

use crate::base::units::Bytes;
use crate::health::{
    Contact, Depth, Details, DownReason, Maintenance, Quorum, Rival, State, SyncState,
    Transactions, Verdict,
};

pub use asker::Asker;
use demand::ObservationDemand;
pub use once::once;
use question_timer::QuestionTimer;
pub use settings::ObservationSettings;

/// Time beyond `postgres.timeout` after which a check is answered without an observation. A check may have to wait
/// for the round under way before its own begins.
const SLACK: Duration = Duration::from_millis(100);

/// The result of one round: what was found of the server, and the verdict.
#[derive(Clone, Debug)]
pub struct Observation {
    /// When the question was sent; the observation holds for no later moment.
    pub asked_at: Instant,
    /// The state of the server.
    pub state: State,
    /// How long known WAL has waited for its replay; only for a standby whose figures are known.
    pub delay: Option<Duration>,
    /// Whether transactions are read-only by default, if that is known.
    pub transactions: Option<Transactions>,
    /// The order of maintenance in force.
    pub ordered: Option<Maintenance>,
    /// The node's quorum, if `guard.quorum` requires it.
    pub quorum: Option<Quorum>,
    /// Another primary with the same system identifier, if one is known.
    pub rival: Option<Rival>,
    /// Whether the primary waits for this standby at commit, if that was asked and is known.
    pub sync: Option<SyncState>,
    /// Whether the other nodes' daemons can be reached; empty unless the depth is [`Depth::Details`].
    pub contacts: Vec<Contact>,
    /// How much was asked.
    pub depth: Depth,
    /// Further facts for documents, if they were asked for and the server answered.
    pub details: Option<Arc<Details>>,
    /// The verdict that is answered.
    pub verdict: Verdict,
}

impl Observation {
    /// Creates an observation of a server that is down for `reason`.
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

    /// Whether another round at this depth could not find out more.
    fn is_as_deep_as(&self, depth: Depth) -> bool {
        match (&self.state, depth) {
            (State::Down(_), _)
            | (State::Primary(_), Depth::Verdict | Depth::Figures | Depth::Sync) => true,
            (State::Standby(_, _), _) | (State::Primary(_), Depth::Details) => self.depth >= depth,
        }
    }

    /// The number of bytes of WAL that a standby knows of and has not replayed, if its figures are known.
    pub fn lag(&self) -> Option<Bytes> {
        match &self.state {
            State::Standby(_, standby) => standby.replication.as_ref()?.lag(),
            State::Primary(_) | State::Down(_) => None,
        }
    }
}

/// A request for an observation, on behalf of one check or of several that arrived together.
#[derive(Clone, Copy, Debug)]
pub struct ObservationRequest {
    /// When the last of these checks arrived.
    pub arrived: Instant,
    /// How long before their arrival the question may have been sent (`answer.max_age`).
    pub max_age: Duration,
    /// How long they wait for the observation (`postgres.timeout`).
    pub timeout: Duration,
}

impl ObservationRequest {
    /// Whether the answer to a question sent at `asked_at` is recent enough.
    pub fn is_met_by(&self, asked_at: Instant) -> bool {
        asked_at + self.max_age >= self.arrived
    }

    /// The moment at which to answer `down timeout` if there is no observation.
    pub fn deadline(&self) -> Instant {
        self.arrived + self.timeout + SLACK
    }
}

/// A handle with which one request after another is made; cheap to clone.
#[derive(Clone, Debug)]
pub struct Observer {
    newest: watch::Receiver<Option<Observation>>,
    demand: Arc<ObservationDemand>,
    timer: QuestionTimer,
    prepared: Arc<SetOnce<()>>,
}

impl Observer {
    /// Waits until a role may be answered: if `guard.two_primaries` compares the server with those of other nodes,
    /// until these have been asked once. Requests from the other nodes' daemons must not wait for this, or two daemons
    /// that start at the same time would wait for each other.
    pub async fn prepared(&self) {
        self.prepared.wait().await;
    }

    /// Requests a question that is sent after this call, on behalf of `checks` checks.
    pub fn want(&self, checks: usize) {
        self.demand.want(checks);
    }

    /// Applies `part` to the newest observation, if there is one; [`Self::changed`] waits for a newer one.
    pub fn newest<T>(&mut self, part: impl FnOnce(&Observation) -> T) -> Option<T> {
        self.newest.borrow_and_update().as_ref().map(part)
    }

    /// Returns an observation that meets the request, or `down timeout` if there is none before its deadline.
    pub async fn ask(&mut self, wanted: ObservationRequest) -> Observation {
        let met = |seen: &Option<Observation>| {
            let seen = seen.as_ref();
            seen.is_some_and(|seen| wanted.is_met_by(seen.asked_at))
        };
        if !met(&self.newest.borrow_and_update()) {
            self.want(1);
        }
        let down = |reason| Observation::down(wanted.arrived, reason);
        let Self { newest, timer, .. } = self;
        match timer.until(wanted.deadline(), newest.wait_for(met)).await {
            Some(Ok(seen)) => seen.clone().unwrap_or(down(DownReason::Internal)),
            Some(Err(_)) => down(DownReason::Internal),
            None => down(DownReason::Timeout),
        }
    }

    /// Like [`Self::ask`], but for an observation of at least this depth.
    pub async fn ask_for(&mut self, depth: Depth, wanted: ObservationRequest) -> Observation {
        let met = |seen: &Observation| wanted.is_met_by(seen.asked_at) && seen.is_as_deep_as(depth);
        let Self {
            newest,
            demand,
            timer,
            ..
        } = self;
        let answer = async {
            loop {
                let seen = newest.borrow_and_update().clone();
                if let Some(seen) = seen.filter(met) {
                    return Some(seen);
                }
                // Repeated after a round that was already under way, or that another request began.
                demand.deepen(depth);
                demand.want(1);
                newest.changed().await.ok()?;
            }
        };
        let answered = timer.until(wanted.deadline(), answer).await;
        let down = |reason| Observation::down(wanted.arrived, reason);
        match answered {
            Some(Some(seen)) => seen,
            Some(None) => down(DownReason::Internal),
            None => down(DownReason::Timeout),
        }
    }

    /// Waits for the next observation; false if there will be none.
    pub async fn changed(&mut self) -> bool {
        self.newest.changed().await.is_ok()
    }
}
