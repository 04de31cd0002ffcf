//! The one task that asks the server: gathers the evidence of a round from the shared session and fresh
//! connections, has it judged, and publishes the observation. Does not know which checks requested it.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{SetOnce, watch};
use tokio::time::{self, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::demand::ObservationDemand;
use super::fresh_connections::{self, ConnectionAttempt, FreshConnections};
use super::journal::ObservationLog;
use super::pace::RoundPace;
use super::patience::Patience;
use super::shared_session::{SessionAnswer, SharedSession};
use super::terms::Terms;
use super::{Observation, Observer};
use crate::answer::metrics::Metrics;
use crate::daemon::maintenance;
use crate::daemon::peers::listen;
use crate::daemon::quorum;
use crate::daemon::systemd::Heartbeat;
use crate::health::{
    ConnectionSlots, Contact, Depth, Details, Evidence, Failure, FreshConnection, JudgedState,
    Judgement, PastRounds, Peer, RoundFacts, SessionEvidence, State, Transactions, TwoPrimaries,
};
use crate::postgres::Refusal;
use crate::postgres::conninfo::Target;

/// Interval at which an idle asker looks after fresh connections and beats for the watchdog.
const TICK: Duration = Duration::from_millis(250);

/// Time after a check for which fresh connections are still opened, so that load balancers that check every few
/// seconds find a recent outcome.
const KEEP_KNOCKING: Duration = Duration::from_secs(10);

/// Greatest age of a fresh connection's outcome that a round relies on, in addition to the timeout of a connection:
/// covers the pace of fresh connections and the ticks of an idle asker.
const DOOR_AGE: Duration = Duration::from_millis(1500);

/// Owns the shared session and everything that is remembered of the server.
#[derive(Debug)]
pub struct Asker {
    terms: watch::Receiver<Terms>,
    newest: watch::Sender<Option<Observation>>,
    demand: Arc<ObservationDemand>,
    pace: RoundPace,
    pulse: Heartbeat,
    shared: SharedSession,
    past: PastRounds,
    maintenance: maintenance::MaintenanceWatch,
    quorum: quorum::QuorumWatch,
    peers: listen::PeerWatch,
    prepared: Arc<SetOnce<()>>,
    fresh: FreshConnections,
    /// Whether transactions are read-only by default, as the last successful fresh connection found.
    transactions: Option<Transactions>,
    last_extra: Option<Instant>,
    last_wanted: Option<Instant>,
    asking: Arc<Target>,
    journal: ObservationLog,
    metrics: Arc<Metrics>,
}

impl Asker {
    /// Creates an asker that has asked nothing yet, and the handle for requesting observations.
    pub fn new(
        terms: watch::Receiver<Terms>,
        pulse: Heartbeat,
        metrics: Arc<Metrics>,
    ) -> (Self, Observer) {
        let (sender, receiver) = watch::channel(None);
        let demand = Arc::new(ObservationDemand::default());
        let asking = Arc::clone(&terms.borrow().target);
        let observer = Observer {
            newest: receiver,
            demand: Arc::clone(&demand),
            patience: Patience::default(),
            prepared: Arc::default(),
        };
        let asker = Self {
            terms,
            newest: sender,
            demand,
            pace: RoundPace::default(),
            pulse,
            shared: SharedSession::default(),
            past: PastRounds::default(),
            maintenance: maintenance::MaintenanceWatch::default(),
            quorum: quorum::QuorumWatch::default(),
            peers: listen::PeerWatch::default(),
            prepared: Arc::clone(&observer.prepared),
            fresh: FreshConnections::default(),
            transactions: None,
            last_extra: None,
            last_wanted: None,
            asking,
            journal: ObservationLog::default(),
            metrics,
        };
        (asker, observer)
    }

    /// Runs a round whenever checks request one, until `stop` is cancelled.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut tick = time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let demand = Arc::clone(&self.demand);
        self.prepare();
        let mut stopped = pin!(stop.cancelled());
        loop {
            tokio::select! {
                biased;
                () = &mut stopped => return,
                () = demand.wanted() => self.round().await,
                _ = tick.tick() => self.idle(Instant::now()).await,
            }
            self.pulse.beat();
        }
    }

    /// Delays the first answers until the other nodes have been asked once, so that an old primary that comes back does
    /// not answer `production` before it could learn of the new one.
    fn prepare(&mut self) {
        let prepared = Arc::clone(&self.prepared);
        let heard = match self.renewed_terms().two_primaries {
            TwoPrimaries::Yield => Some(self.peers.first_round()),
            TwoPrimaries::Report => None,
        };
        tokio::spawn(async move {
            if let Some(heard) = heard {
                heard.await;
            }
            // It cannot have been set before: this is the only place that does.
            prepared.set(()).ok();
        });
    }

    /// The terms in force. If the connection settings have changed, forgets what was learnt from another server, or
    /// with another role's privileges.
    fn renewed_terms(&mut self) -> Terms {
        let terms = self.terms.borrow().clone();
        self.peers.tend(&terms.nodes, &terms.credentials);
        if self.asking != terms.target {
            self.asking = Arc::clone(&terms.target);
            self.forget_server();
            self.past = PastRounds::default();
        }
        terms
    }

    fn forget_server(&mut self) {
        self.shared = SharedSession::default();
        self.fresh = FreshConnections::default();
        self.transactions = None;
    }

    /// Between checks: closes the session to a server that shuts down, and keeps the outcome of fresh connections
    /// recent. Without checks, closes the session as well: a smart shutdown would wait for a session while no fresh
    /// connection detects the shutdown, and the next round needs a fresh connection anyway.
    async fn idle(&mut self, now: Instant) {
        let terms = self.renewed_terms();
        if let Some(met) = self.fresh.look() {
            self.met(met).await;
        }
        let asked_lately = self
            .last_wanted
            .is_some_and(|at| now.saturating_duration_since(at) < KEEP_KNOCKING);
        if !asked_lately {
            self.forget_server();
        } else if self.fresh.may_knock(now) {
            self.knock(now, &terms);
        }
    }

    /// Runs one round, for all checks that arrived before it.
    async fn round(&mut self) {
        self.pace.wait(&self.demand).await;
        let asked_at = Instant::now();
        let served = self.demand.served();
        if served == 0 {
            // These checks woke the asker while the last round waited for more, and that round served them.
            return;
        }
        let depth = self.demand.depth();
        self.pace.round(asked_at, served);
        self.last_wanted = Some(asked_at);
        let terms = self.renewed_terms();
        let (evidence, refusal) = self.gather(asked_at, &terms, depth).await;
        self.metrics.asked(asked_at.elapsed(), served);
        let judged = JudgedState::of(asked_at, &evidence);
        let details = match depth {
            Depth::Verdict | Depth::Figures | Depth::Sync => None,
            Depth::Details => self.shared.details(asked_at, &terms).await,
        };
        let delay = self.shared.delay(judged.state());
        let ordered = self.maintenance.ordered(asked_at, &terms.maintenance_file);
        let quorum = self
            .quorum
            .quorum(asked_at, terms.quorum, &terms.quorum_file);
        let own = self.own(asked_at, &terms, judged.state(), depth).await;
        let Self {
            peers,
            past,
            transactions,
            ..
        } = self;
        let judged = peers.newest(|peers| {
            let facts = RoundFacts {
                delay,
                transactions: *transactions,
                ordered,
                quorum,
                own: own.as_deref(),
                peers,
            };
            past.judge(judged, &facts, &terms.policy, terms.two_primaries)
        });
        let Judgement {
            state,
            transactions,
            rival,
            sync,
            verdict,
        } = judged;
        self.journal
            .verdict(verdict, &state, refusal.as_ref(), &terms.target);
        self.journal.rival(rival.as_ref(), &terms.target);
        self.journal
            .transactions(&state, transactions, &terms.target);
        self.newest.send_replace(Some(Observation {
            asked_at,
            state,
            delay,
            transactions,
            ordered,
            quorum,
            rival,
            sync,
            contacts: self.contacts(depth),
            depth,
            details,
            verdict,
        }));
    }

    /// Returns what the server reports of itself, if it is to be compared with the reports of the other nodes' daemons.
    async fn own(
        &mut self,
        asked_at: Instant,
        terms: &Terms,
        state: &State,
        depth: Depth,
    ) -> Option<Arc<Details>> {
        if terms.nodes.is_empty() {
            return None;
        }
        match (state, depth) {
            (State::Primary(_), _) | (State::Standby(_, _), Depth::Sync | Depth::Details) => {
                self.shared.own(asked_at, terms).await
            }
            (State::Standby(_, _), Depth::Verdict | Depth::Figures) | (State::Down(_), _) => None,
        }
    }

    /// Whether the other nodes' daemons can be reached, for a document.
    fn contacts(&self, depth: Depth) -> Vec<Contact> {
        match depth {
            Depth::Verdict | Depth::Figures | Depth::Sync => Vec::new(),
            Depth::Details => {
                let contacts = |peers: Option<&[Peer]>| {
                    let peers = peers.unwrap_or_default().iter();
                    peers.map(Peer::contact).collect()
                };
                self.peers.newest(contacts)
            }
        }
    }

    /// Gathers the evidence of this round; the second value is the failure in it, for the log.
    async fn gather(
        &mut self,
        asked_at: Instant,
        terms: &Terms,
        depth: Depth,
    ) -> (Evidence, Option<Refusal>) {
        let deadline = asked_at + terms.timeout;
        if let Some(met) = self.fresh.look() {
            self.met(met).await;
        }
        if self.fresh.may_knock(asked_at) {
            self.knock(asked_at, terms);
        }
        let oldest = terms.timeout + DOOR_AGE;
        let door_known = self
            .fresh
            .newest()
            .is_some_and(|report| asked_at.saturating_duration_since(report.started) <= oldest);
        if !door_known {
            self.wait_for_door(deadline).await;
        }
        let mut asked = self.shared.ask(asked_at, terms, depth).await;
        let ended = match &asked {
            SessionAnswer::Answered(_) => false,
            SessionAnswer::Failed(refusal) => refusal.failure != Failure::TimedOut,
            SessionAnswer::NoSession => true,
        };
        if ended {
            // A missing session does not prove that there is no server; the outcome of a fresh connection does.
            self.knock_for_a_session(terms);
            self.wait_for_door(deadline).await;
            asked = self.shared.ask(asked_at, terms, depth).await;
        }
        self.evidence(asked)
    }

    /// Opens a connection at once if the session was lost while the server accepts connections, but no more often than
    /// fresh connections are opened anyway: whatever ended the session may end the next ones as well.
    fn knock_for_a_session(&mut self, terms: &Terms) {
        let now = Instant::now();
        let paced = self
            .last_extra
            .is_none_or(|last| now.saturating_duration_since(last) >= fresh_connections::PACE);
        if paced && !self.door_is_shut() && !self.fresh.is_knocking() {
            self.last_extra = Some(now);
            self.knock(now, terms);
        }
    }

    fn evidence(&self, asked: SessionAnswer) -> (Evidence, Option<Refusal>) {
        let report = self.fresh.newest();
        let fresh = match report.map(|report| &report.outcome) {
            Some(Ok(ConnectionSlots::Free)) => FreshConnection::Open,
            Some(Ok(ConnectionSlots::Full)) => FreshConnection::ReservedOnly,
            Some(Err(refusal)) => FreshConnection::Shut(refusal.failure),
            // The deadline passed before any connection had an outcome.
            None => FreshConnection::Shut(Failure::TimedOut),
        };
        let shut = report.and_then(|report| report.outcome.as_ref().err());
        let (session, refusal) = match (asked, shut, self.shared.lost()) {
            (SessionAnswer::Answered(role), _, _) => {
                (SessionEvidence::Answered(role), shut.cloned())
            }
            (SessionAnswer::Failed(refusal), _, _) => {
                (SessionEvidence::Failed(refusal.failure), Some(refusal))
            }
            (SessionAnswer::NoSession, None, Some(lost)) => {
                (SessionEvidence::Failed(lost.failure), Some(lost.clone()))
            }
            (SessionAnswer::NoSession, _, _) => (SessionEvidence::None, shut.cloned()),
        };
        let postmaster = shut.and_then(|refusal| refusal.postmaster);
        (
            Evidence {
                session,
                fresh,
                past: self.shared.past(),
                postmaster,
            },
            refusal,
        )
    }

    fn knock(&mut self, now: Instant, terms: &Terms) {
        self.fresh
            .knock(now, Arc::clone(&terms.target), terms.timeout);
    }

    fn door_is_shut(&self) -> bool {
        self.fresh
            .newest()
            .is_some_and(|report| report.outcome.is_err())
    }

    async fn wait_for_door(&mut self, deadline: Instant) {
        if let Some(met) = self.fresh.wait(deadline).await {
            self.met(met).await;
        }
    }

    /// Evaluates the outcome of a fresh connection.
    async fn met(&mut self, met: ConnectionAttempt) {
        match met {
            Ok((session, entrance)) => {
                self.metrics.connected(Ok(entrance.room));
                self.transactions = entrance.transactions;
                self.shared.adopt(session);
            }
            Err(refusal) => {
                self.metrics.connected(Err(refusal.failure));
                self.shared.refused(refusal.failure).await;
            }
        }
    }
}
