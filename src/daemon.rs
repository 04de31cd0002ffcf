//! The daemon: starts the listening sockets, the asker and the ports, and handles reload and stop signals.

mod admission;
pub mod maintenance;
pub mod observe;
pub mod peers;
pub mod quorum;
pub mod serve;
mod status;
pub mod systemd;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

use crate::answer::metrics::Metrics;
use crate::base::https;
use crate::config::{self, Settings};
use crate::daemon::observe::{Asker, ObservationSettings};
use crate::daemon::peers::credentials::PeerCredentials;
use crate::daemon::peers::listen::PeerAddress;
use crate::daemon::serve::exchange::StatePortOptions;
use crate::daemon::serve::sockets::{self, Listener, SocketError};
use crate::daemon::systemd::heartbeat::{Heartbeat, Heartbeats};
use crate::daemon::systemd::notify;
use crate::daemon::systemd::signals::{ServiceCommand, ServiceCommands};
use crate::postgres::conninfo::Target;
use serve::{AgentPort, HttpPort, Protocol, StatePort, agent_check, http};

use admission::AdmissionPorts;
pub use admission::{RefusedConnection, admit_one};

/// The settings together with the server named in them.
pub type Configured = Settings<Target>;

/// An error that prevents the daemon from starting.
#[derive(Debug, Error)]
pub enum DaemonError {
    /// A listening socket cannot be used or bound.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The signal handlers cannot be installed.
    #[error("cannot receive signals")]
    Signals(#[source] io::Error),
}

/// Runs the daemon until SIGTERM or SIGINT. `socket_names` is systemd's `LISTEN_FDNAMES`; `reload` reads the
/// configuration again and returns all problems found in it as one text.
pub async fn run(
    settings: Configured,
    socket_names: Option<&str>,
    reload: impl Fn() -> Result<Configured, String>,
) -> Result<(), DaemonError> {
    let mut orders = ServiceCommands::new().map_err(DaemonError::Signals)?;
    let listeners = sockets::listeners(socket_names, |protocol| match protocol {
        Protocol::State => &settings.listen.state,
        Protocol::Http => &settings.listen.http,
        Protocol::Agent => &settings.listen.agent,
    })?;
    let mut running = RunningDaemon::start(settings, listeners);
    notify::ready();
    while orders.next().await == ServiceCommand::Reload {
        running.reload(&reload);
    }
    running.stop().await;
    Ok(())
}

/// The running tasks and the channels that control them.
struct RunningDaemon {
    settings: Configured,
    observed: watch::Sender<ObservationSettings>,
    manner: watch::Sender<Arc<StatePortOptions>>,
    agent_manner: watch::Sender<Arc<agent_check::AgentCheckOptions>>,
    http_manner: watch::Sender<Arc<http::HttpPortOptions>>,
    note: watch::Sender<Option<String>>,
    accepting: CancellationToken,
    asking: CancellationToken,
    entrances: AdmissionPorts,
    exchanges: TaskTracker,
    telling: JoinHandle<()>,
}

impl RunningDaemon {
    fn start(settings: Configured, mut listeners: Vec<(Protocol, Listener)>) -> Self {
        let (observed, asked_on) = watch::channel(observation_settings(&settings));
        let (manner, answered_in) = watch::channel(Arc::new(manner(&settings)));
        let (agent_manner, agents) = watch::channel(Arc::new(of_agents(&settings)));
        let (http_manner, http_answered_in) = watch::channel(Arc::new(of_http(&settings)));
        let (note, noted) = watch::channel(None);
        let (accepting, asking) = (CancellationToken::new(), CancellationToken::new());
        let exchanges = TaskTracker::new();

        let mut entrances = AdmissionPorts::new(&settings.admission, &listeners);
        let metrics = Metrics::new(entrances.counts());
        let pulse = Heartbeat::default();
        let (asker, observer) = Asker::new(asked_on, pulse.clone(), Arc::clone(&metrics));
        tokio::spawn(asker.run(asking.clone()));
        let mut pulses = vec![pulse];

        for entrance in entrances.iter_mut() {
            let protocol = entrance.protocol;
            let meter = metrics.meter(protocol.name());
            tokio::spawn(entrance.gate.outcomes().tell_refusals(protocol.name()));
            let of_protocol = listeners.extract_if(.., |(spoken, _)| *spoken == protocol);
            for (_, listener) in of_protocol {
                let pulse = Heartbeat::default();
                pulses.push(pulse.clone());
                // Each batch holds at least one slot, so the queue can be full only after a reload has
                // added slots; accepting then waits for a moment.
                let (taken, batches) = mpsc::channel(entrance.gate.slots().room().total);
                let (observer, under_way) = (observer.clone(), exchanges.clone());
                match protocol {
                    Protocol::State => {
                        let port =
                            StatePort::new(observer, answered_in.clone(), under_way, meter.clone());
                        exchanges.spawn(port.serve(batches));
                    }
                    Protocol::Http => {
                        let manner = http_answered_in.clone();
                        let stop = accepting.clone();
                        let port =
                            HttpPort::new(observer, manner, under_way, stop, Arc::clone(&metrics));
                        exchanges.spawn(port.serve(batches));
                    }
                    Protocol::Agent => {
                        let port =
                            AgentPort::new(observer, agents.clone(), under_way, meter.clone());
                        exchanges.spawn(port.serve(batches));
                    }
                }
                let policies = entrance.policy(&settings.admission, &listener);
                tokio::spawn(serve::accept(
                    listener,
                    policies,
                    pulse,
                    accepting.clone(),
                    taken,
                ));
            }
        }
        let telling = tokio::spawn(status::tell(observer, noted));
        tokio::spawn(notify::feed_watchdog(Heartbeats::new(pulses)));
        info!("answering for {}", settings.postgres.target);
        Self {
            settings,
            observed,
            manner,
            agent_manner,
            http_manner,
            note,
            accepting,
            asking,
            entrances,
            exchanges,
            telling,
        }
    }

    /// Applies the new configuration if it is valid; otherwise keeps the old one.
    fn reload(&mut self, read: impl Fn() -> Result<Configured, String>) {
        notify::reloading();
        match read() {
            Ok(settings) => {
                self.replace(settings);
                self.note.send_replace(None);
                info!("configuration reloaded");
            }
            Err(problems) => {
                error!("the old configuration stays in force: {problems}");
                self.note
                    .send_replace(Some("bad configuration, the old one is in force".into()));
            }
        }
        notify::ready();
    }

    fn replace(&mut self, settings: Configured) {
        if settings.listen != self.settings.listen {
            warn!("changes of [listen] take effect at the next restart");
        }
        if settings.admission != self.settings.admission {
            self.entrances.replace(&settings.admission);
        }
        let renewed = observation_settings(&settings);
        self.observed.send_if_modified(|observed| {
            let changed = *observed != renewed;
            *observed = renewed;
            changed
        });
        self.manner.send_replace(Arc::new(manner(&settings)));
        self.agent_manner
            .send_replace(Arc::new(of_agents(&settings)));
        self.http_manner.send_replace(Arc::new(of_http(&settings)));
        self.settings = settings;
    }

    /// Stops accepting, waits at most `service.grace` until accepted connections are answered, then stops asking.
    /// Connections in the kernel's queue of a socket from systemd are answered by the next daemon.
    async fn stop(self) {
        // A status line with the server's role, sent later, would hide that the service is stopping.
        self.telling.abort();
        notify::stopping();
        self.accepting.cancel();
        self.exchanges.close();
        let grace = self.settings.service.grace;
        if time::timeout(grace, self.exchanges.wait()).await.is_err() {
            warn!(
                "{} connections were still open when service.grace ended",
                self.entrances.taken()
            );
        }
        self.asking.cancel();
        info!("stopped");
    }
}

/// The settings that govern how the server is asked and judged.
pub fn observation_settings(settings: &Configured) -> ObservationSettings {
    let port = settings.cluster.http_port;
    let node = |node: &config::ClusterNode| PeerAddress {
        name: node.name.clone(),
        address: SocketAddr::new(node.address, port),
    };
    ObservationSettings {
        target: Arc::new(settings.postgres.target.clone()),
        timeout: settings.postgres.timeout,
        policy: settings.policy,
        maintenance_file: settings.guard.maintenance_file.as_path().into(),
        quorum: settings.guard.quorum,
        quorum_file: settings.guard.quorum_file.as_path().into(),
        two_primaries: settings.guard.two_primaries,
        nodes: settings.cluster.nodes.iter().map(node).collect(),
        credentials: Arc::new(credentials(settings)),
    }
}

/// The secrets with which this daemon and the cluster's other daemons authenticate to each other.
pub fn credentials(settings: &Configured) -> PeerCredentials {
    PeerCredentials {
        token: settings.admission.token.clone(),
        keys: settings.cluster.keys.clone(),
        tls: settings.cluster.tls.clone(),
    }
}

fn manner(settings: &Configured) -> StatePortOptions {
    StatePortOptions {
        words: settings.answer.words.clone(),
        max_age: settings.answer.max_age,
        timeout: settings.postgres.timeout,
    }
}

fn of_agents(settings: &Configured) -> agent_check::AgentCheckOptions {
    agent_check::AgentCheckOptions {
        view: settings.view,
        conditions: settings.policy.conditions,
        max_age: settings.answer.max_age,
        timeout: settings.postgres.timeout,
    }
}

/// The TLS configuration of the HTTP port, if it is encrypted.
fn tls(settings: &Configured) -> Option<https::TlsServer> {
    let read = settings.https.as_ref()?.read.as_ref()?;
    Some(read.server.clone())
}

fn of_http(settings: &Configured) -> http::HttpPortOptions {
    http::HttpPortOptions {
        manners: settings.http,
        tls: tls(settings),
        metric_names: settings.metrics,
        token: settings.admission.token.clone(),
        keys: settings.cluster.keys.clone(),
        words: settings.answer.words.clone(),
        max_age: settings.answer.max_age,
        timeout: settings.postgres.timeout,
    }
}
