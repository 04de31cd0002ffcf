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
use crate::daemon::peers::polling::PeerAddress;
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
    let mut commands = ServiceCommands::new().map_err(DaemonError::Signals)?;
    let listeners = sockets::listeners(socket_names, |protocol| match protocol {
        Protocol::State => &settings.listen.state,
        Protocol::Http => &settings.listen.http,
        Protocol::Agent => &settings.listen.agent,
    })?;
    let mut running = RunningDaemon::start(settings, listeners);
    notify::ready();
    while commands.next().await == ServiceCommand::Reload {
        running.reload(&reload);
    }
    running.stop().await;
    Ok(())
}

/// The running tasks and the channels that control them.
struct RunningDaemon {
    settings: Configured,
    asker_settings: watch::Sender<ObservationSettings>,
    state_options: watch::Sender<Arc<StatePortOptions>>,
    agent_options: watch::Sender<Arc<agent_check::AgentCheckOptions>>,
    http_options: watch::Sender<Arc<http::HttpPortOptions>>,
    note: watch::Sender<Option<String>>,
    accepting: CancellationToken,
    asking: CancellationToken,
    ports: AdmissionPorts,
    exchanges: TaskTracker,
    status_task: JoinHandle<()>,
}

impl RunningDaemon {
    fn start(settings: Configured, mut listeners: Vec<(Protocol, Listener)>) -> Self {
        let (asker_settings, asker_settings_changes) =
            watch::channel(observation_settings(&settings));
        let (state_options, state_changes) = watch::channel(Arc::new(state_options(&settings)));
        let (agent_options, agent_changes) = watch::channel(Arc::new(agent_options(&settings)));
        let (http_options, http_changes) = watch::channel(Arc::new(http_options(&settings)));
        let (note, noted) = watch::channel(None);
        let (accepting, asking) = (CancellationToken::new(), CancellationToken::new());
        let exchanges = TaskTracker::new();

        let mut ports = AdmissionPorts::new(&settings.admission, &listeners);
        let metrics = Metrics::new(ports.counts());
        let heartbeat = Heartbeat::default();
        let (asker, observer) = Asker::new(
            asker_settings_changes,
            heartbeat.clone(),
            Arc::clone(&metrics),
        );
        tokio::spawn(asker.run(asking.clone()));
        let mut heartbeats = vec![heartbeat];

        for admission_port in ports.iter_mut() {
            let protocol = admission_port.protocol;
            let meter = metrics.meter(protocol.name());
            tokio::spawn(admission_port.gate.outcomes().log_refusals(protocol.name()));
            let of_protocol = listeners.extract_if(.., |(spoken, _)| *spoken == protocol);
            for (_, listener) in of_protocol {
                let heartbeat = Heartbeat::default();
                heartbeats.push(heartbeat.clone());
                // Each batch holds at least one slot, so the queue can be full only after a reload has
                // added slots; accepting then waits for a moment.
                let (taken, batches) = mpsc::channel(admission_port.gate.slots().capacity().total);
                let (observer, under_way) = (observer.clone(), exchanges.clone());
                match protocol {
                    Protocol::State => {
                        let port = StatePort::new(
                            observer,
                            state_changes.clone(),
                            under_way,
                            meter.clone(),
                        );
                        exchanges.spawn(port.serve(batches));
                    }
                    Protocol::Http => {
                        let options = http_changes.clone();
                        let stop = accepting.clone();
                        let port =
                            HttpPort::new(observer, options, under_way, stop, Arc::clone(&metrics));
                        exchanges.spawn(port.serve(batches));
                    }
                    Protocol::Agent => {
                        let port = AgentPort::new(
                            observer,
                            agent_changes.clone(),
                            under_way,
                            meter.clone(),
                        );
                        exchanges.spawn(port.serve(batches));
                    }
                }
                let policies = admission_port.policy(&settings.admission, &listener);
                tokio::spawn(serve::accept(
                    listener,
                    policies,
                    heartbeat,
                    accepting.clone(),
                    taken,
                ));
            }
        }
        let status_task = tokio::spawn(status::report(observer, noted));
        tokio::spawn(notify::feed_watchdog(Heartbeats::new(heartbeats)));
        info!("answering for {}", settings.postgres.target);
        Self {
            settings,
            asker_settings,
            state_options,
            agent_options,
            http_options,
            note,
            accepting,
            asking,
            ports,
            exchanges,
            status_task,
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
            self.ports.replace(&settings.admission);
        }
        let renewed = observation_settings(&settings);
        self.asker_settings.send_if_modified(|asker_settings| {
            let changed = *asker_settings != renewed;
            *asker_settings = renewed;
            changed
        });
        self.state_options
            .send_replace(Arc::new(state_options(&settings)));
        self.agent_options
            .send_replace(Arc::new(agent_options(&settings)));
        self.http_options
            .send_replace(Arc::new(http_options(&settings)));
        self.settings = settings;
    }

    /// Stops accepting, waits at most `service.grace` until accepted connections are answered, then stops asking.
    /// Connections in the kernel's queue of a socket from systemd are answered by the next daemon.
    async fn stop(self) {
        // A status line with the server's role, sent later, would hide that the service is stopping.
        self.status_task.abort();
        notify::stopping();
        self.accepting.cancel();
        self.exchanges.close();
        let grace = self.settings.service.grace;
        if time::timeout(grace, self.exchanges.wait()).await.is_err() {
            warn!(
                "{} connections were still open when service.grace ended",
                self.ports.taken()
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

fn state_options(settings: &Configured) -> StatePortOptions {
    StatePortOptions {
        words: settings.answer.words.clone(),
        max_age: settings.answer.max_age,
        timeout: settings.postgres.timeout,
    }
}

fn agent_options(settings: &Configured) -> agent_check::AgentCheckOptions {
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

fn http_options(settings: &Configured) -> http::HttpPortOptions {
    http::HttpPortOptions {
        http: settings.http,
        tls: tls(settings),
        metric_names: settings.metrics,
        token: settings.admission.token.clone(),
        keys: settings.cluster.keys.clone(),
        words: settings.answer.words.clone(),
        max_age: settings.answer.max_age,
        timeout: settings.postgres.timeout,
    }
}
