//! The one task that asks the server: has the evidence of a round gathered and judged, and publishes the observation. Does
//! not know which checks requested it.
//!
//! - [`evidence`]: gathers the evidence.

mod evidence;

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{SetOnce, watch};
use tokio::time::{self, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::demand::ObservationDemand;
use super::fresh_connections::FreshConnections;
use super::journal::ObservationLog;
use super::pace::RoundPace;
use super::question_timer::QuestionTimer;
use super::settings::ObservationSettings;
use super::shared_session::SharedSession;
use super::{Observation, Observer};
use crate::answer::metrics::Metrics;
use crate::daemon::maintenance;
use crate::daemon::peers::polling;
use crate::daemon::quorum;
use crate::daemon::systemd::Heartbeat;
use crate::health::{
    Contact, Depth, Details, JudgedState, Judgement, PastRounds, RoundFacts, State, Transactions,
    TwoPrimaries,
};
use crate::postgres::conninfo::Target;

/// Interval at which an idle asker checks whether a fresh connection is due, and beats for the watchdog.
const TICK: Duration = Duration::from_millis(250);

/// Time after a check in which fresh connections are still opened, so that load balancers that check every few
/// seconds find a recent outcome.
const CONNECT_AFTER_CHECK: Duration = Duration::from_secs(10);

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
        if let Some(refusal) = self.shared.failed_details(asked_at) {
            // A document must not cost the next check its answer.
            self.last_extra = None;
            self.journal.details(refusal, &settings.target);
        }
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
            Depth::Details => self.peers.contacts(Instant::now()),
        }
    }
}
