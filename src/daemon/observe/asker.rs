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
use super::question_timer::QuestionTimer;
use super::settings::ObservationSettings;
use super::shared_session::{SessionAnswer, SharedSession};
use super::{Observation, Observer};
use crate::answer::metrics::Metrics;
use crate::daemon::maintenance;
use crate::daemon::peers::polling;
use crate::daemon::quorum;
use crate::daemon::systemd::Heartbeat;
use crate::health::{
    ConnectionSlots, Contact, Depth, Details, Evidence, Failure, FreshConnection, JudgedState,
    Judgement, PastRounds, Peer, RoundFacts, SessionEvidence, State, Transactions, TwoPrimaries,
};
use crate::postgres::Refusal;
use crate::postgres::conninfo::Target;

/// Interval at which an idle asker checks whether a fresh connection is due, and beats for the watchdog.
const TICK: Duration = Duration::from_millis(250);

/// Time after a check in which fresh connections are still opened, so that load balancers that check every few
/// seconds find a recent outcome.
const CONNECT_AFTER_CHECK: Duration = Duration::from_secs(10);

/// Greatest age of a fresh connection's outcome that a round relies on, in addition to the timeout of a connection:
/// covers the pace of fresh connections and the ticks of an idle asker.
const ATTEMPT_AGE: Duration = Duration::from_millis(1500);

/// Owns the shared session and everything that is remembered of the server.
#[derive(Debug)]
pub struct Asker {
    settings: watch::Receiver<ObservationSettings>,
    newest: watch::Sender<Option<Observation>>,
    demand: Arc<ObservationDemand>,
    pace: RoundPace,
    heartbeat: Heartbeat,
    shared: SharedSession,
    past: PastRounds,
    maintenance: maintenance::MaintenanceWatch,
    quorum: quorum::QuorumWatch,
    peers: polling::PeerWatch,
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
        settings: watch::Receiver<ObservationSettings>,
        heartbeat: Heartbeat,
        metrics: Arc<Metrics>,
    ) -> (Self, Observer) {
        let (sender, receiver) = watch::channel(None);
        let demand = Arc::new(ObservationDemand::default());
        let asking = Arc::clone(&settings.borrow().target);
        let observer = Observer {
            newest: receiver,
            demand: Arc::clone(&demand),
            timer: QuestionTimer::default(),
            prepared: Arc::default(),
        };
        let asker = Self {
            settings,
            newest: sender,
            demand,
            pace: RoundPace::default(),
            heartbeat,
            shared: SharedSession::default(),
            past: PastRounds::default(),
            maintenance: maintenance::MaintenanceWatch::default(),
            quorum: quorum::QuorumWatch::default(),
            peers: polling::PeerWatch::default(),
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
            self.heartbeat.beat();
        }
    }

    /// Delays the first answers until the other nodes have been asked once, so that an old primary that comes back does
    /// not answer `production` before it could learn of the new one.
    fn prepare(&mut self) {
        let prepared = Arc::clone(&self.prepared);
        let heard = match self.renewed_settings().two_primaries {
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

    /// The settings in force. If the connection settings have changed, forgets what was learnt from another server, or
    /// with another role's privileges.
    fn renewed_settings(&mut self) -> ObservationSettings {
        let settings = self.settings.borrow().clone();
        self.peers.set_nodes(&settings.nodes, &settings.credentials);
        if self.asking != settings.target {
            self.asking = Arc::clone(&settings.target);
            self.forget_server();
            self.past = PastRounds::default();
        }
        settings
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
        let settings = self.renewed_settings();
        if let Some(attempt) = self.fresh.finished() {
            self.evaluate(attempt).await;
        }
        let asked_lately = self
            .last_wanted
            .is_some_and(|at| now.saturating_duration_since(at) < CONNECT_AFTER_CHECK);
        if !asked_lately {
            self.forget_server();
        } else if self.fresh.may_connect(now) {
            self.connect(now, &settings);
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
        let settings = self.renewed_settings();
        let (evidence, refusal) = self.gather(asked_at, &settings, depth).await;
        self.metrics.asked(asked_at.elapsed(), served);
        let judged = JudgedState::of(asked_at, &evidence);
        let details = match depth {
            Depth::Verdict | Depth::Figures | Depth::Sync => None,
            Depth::Details => self.shared.details(asked_at, &settings).await,
        };
        let delay = self.shared.delay(judged.state());
        let ordered = self
            .maintenance
            .ordered(asked_at, &settings.maintenance_file);
        let quorum = self
            .quorum
            .quorum(asked_at, settings.quorum, &settings.quorum_file);
        let own = self.own(asked_at, &settings, judged.state(), depth).await;
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
            past.judge(judged, &facts, &settings.policy, settings.two_primaries)
        });
        let Judgement {
            state,
            transactions,
            rival,
            sync,
            verdict,
        } = judged;
        self.journal
            .verdict(verdict, &state, refusal.as_ref(), &settings.target);
        self.journal.rival(rival.as_ref(), &settings.target);
        self.journal
            .transactions(&state, transactions, &settings.target);
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
        settings: &ObservationSettings,
        state: &State,
        depth: Depth,
    ) -> Option<Arc<Details>> {
        if settings.nodes.is_empty() {
            return None;
        }
        match (state, depth) {
            (State::Primary(_), _) | (State::Standby(_, _), Depth::Sync | Depth::Details) => {
                self.shared.own(asked_at, settings).await
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
        settings: &ObservationSettings,
        depth: Depth,
    ) -> (Evidence, Option<Refusal>) {
        let deadline = asked_at + settings.timeout;
        if let Some(attempt) = self.fresh.finished() {
            self.evaluate(attempt).await;
        }
        if self.fresh.may_connect(asked_at) {
            self.connect(asked_at, settings);
        }
        let oldest = settings.timeout + ATTEMPT_AGE;
        let is_recent = self
            .fresh
            .newest()
            .is_some_and(|report| asked_at.saturating_duration_since(report.started) <= oldest);
        if !is_recent {
            self.wait_for_attempt(deadline).await;
        }
        let mut asked = self.shared.ask(asked_at, settings, depth).await;
        let ended = match &asked {
            SessionAnswer::Answered(_) => false,
            SessionAnswer::Failed(refusal) => refusal.failure != Failure::TimedOut,
            SessionAnswer::NoSession => true,
        };
        if ended {
            // A missing session does not prove that there is no server; the outcome of a fresh connection does.
            self.connect_for_a_session(settings);
            self.wait_for_attempt(deadline).await;
            asked = self.shared.ask(asked_at, settings, depth).await;
        }
        self.evidence(asked)
    }

    /// Opens a connection at once if the session was lost while the server accepts connections, but no more often than
    /// fresh connections are opened anyway: whatever ended the session may end the next ones as well.
    fn connect_for_a_session(&mut self, settings: &ObservationSettings) {
        let now = Instant::now();
        let paced = self
            .last_extra
            .is_none_or(|last| now.saturating_duration_since(last) >= fresh_connections::INTERVAL);
        if paced && !self.is_refused() && !self.fresh.is_connecting() {
            self.last_extra = Some(now);
            self.connect(now, settings);
        }
    }

    fn evidence(&self, asked: SessionAnswer) -> (Evidence, Option<Refusal>) {
        let report = self.fresh.newest();
        let fresh = match report.map(|report| &report.outcome) {
            Some(Ok(ConnectionSlots::Free)) => FreshConnection::Succeeded,
            Some(Ok(ConnectionSlots::Full)) => FreshConnection::ReservedOnly,
            Some(Err(refusal)) => FreshConnection::Failed(refusal.failure),
            // The deadline passed before any connection had an outcome.
            None => FreshConnection::Failed(Failure::TimedOut),
        };
        let failed = report.and_then(|report| report.outcome.as_ref().err());
        let (session, refusal) = match (asked, failed, self.shared.lost()) {
            (SessionAnswer::Answered(role), _, _) => {
                (SessionEvidence::Answered(role), failed.cloned())
            }
            (SessionAnswer::Failed(refusal), _, _) => {
                (SessionEvidence::Failed(refusal.failure), Some(refusal))
            }
            (SessionAnswer::NoSession, None, Some(lost)) => {
                (SessionEvidence::Failed(lost.failure), Some(lost.clone()))
            }
            (SessionAnswer::NoSession, _, _) => (SessionEvidence::None, failed.cloned()),
        };
        let postmaster = failed.and_then(|refusal| refusal.postmaster);
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

    fn connect(&mut self, now: Instant, settings: &ObservationSettings) {
        self.fresh
            .connect(now, Arc::clone(&settings.target), settings.timeout);
    }

    fn is_refused(&self) -> bool {
        self.fresh
            .newest()
            .is_some_and(|report| report.outcome.is_err())
    }

    async fn wait_for_attempt(&mut self, deadline: Instant) {
        if let Some(attempt) = self.fresh.wait(deadline).await {
            self.evaluate(attempt).await;
        }
    }

    /// Evaluates the outcome of a fresh connection.
    async fn evaluate(&mut self, attempt: ConnectionAttempt) {
        match attempt {
            Ok((session, new)) => {
                self.metrics.connected(Ok(new.slots));
                self.transactions = new.transactions;
                self.shared.adopt(session);
            }
            Err(refusal) => {
                self.metrics.connected(Err(refusal.failure));
                self.shared.refused(refusal.failure).await;
            }
        }
    }
}
