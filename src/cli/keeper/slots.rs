//! Composes the keeping of replication slots with Pacemaker, which knows the name of this node, and with the daemon of this
//! host, which asks those of the other nodes.

use std::cell::OnceCell;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{io, thread};

use tokio::net::TcpStream;
use tokio::{runtime, time};

use super::daemon_user;
use crate::agent::pacemaker::Pacemaker;
use crate::answer::document::{LsnText, PeerRow, PeerServerRow, PeerSlotRow, StateDocument, Word};
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::cli::check::daemon_of;
use crate::config::SlotMode;
use crate::daemon::peers::credentials::PeerCredentials;
use crate::daemon::peers::get;
use crate::daemon::{self, Configured};
use crate::health::{PeerServer, PeerSlot, ServerIdentity};
use crate::postgres::chain;
use crate::slots::cluster::{SlotCluster, SlotReport};
use crate::slots::keep::{SlotHost, SlotKeeper, SlotSources, keep};
use crate::slots::names::{SlotNamesError, slots_of};

/// Time for the request to the daemon, in addition to its question to PostgreSQL.
const SLACK: Duration = Duration::from_millis(500);

/// Longest wait for Pacemaker.
const TO_ANSWER: Duration = Duration::from_secs(5);

/// Largest document that is read.
const LARGEST: usize = 1 << 20;

/// The slots that are to be kept, and where facts about them come from.
pub(super) struct KeptSlots {
    host: SlotHost,
    sources: HostSources,
}

struct HostSources {
    sbin: PathBuf,
    environment: Vec<(std::ffi::OsString, std::ffi::OsString)>,
    /// The name of this node: it is the same for as long as Pacemaker runs.
    own: OnceCell<String>,
    daemon: Option<SocketAddr>,
    /// As whom the daemon runs.
    daemon_user: String,
    credentials: PeerCredentials,
    limit: Duration,
}

impl KeptSlots {
    /// Returns what is to be kept by the settings; none if that is off.
    pub(super) fn of(
        settings: &Configured,
        config: Option<&Path>,
        sbin: &Path,
        environment: Vec<(std::ffi::OsString, std::ffi::OsString)>,
    ) -> Result<Option<Self>, SlotNamesError> {
        match settings.slots.mode {
            SlotMode::Off => return Ok(None),
            SlotMode::Nodes => {}
        }
        let nodes = settings.cluster.nodes.iter();
        let nodes = nodes.map(|node| node.name.as_str());
        let slots = &settings.slots;
        let mut target = settings.postgres.target.clone();
        if target.user != slots.role {
            target.user.clone_from(&slots.role);
            // It is that of the other role.
            target.password = None;
        }
        let daemon = daemon_of(settings, config);
        Ok(Some(Self {
            host: SlotHost {
                target,
                policy: slots.policy.clone(),
                cluster: SlotCluster {
                    nodes: slots_of(&slots.policy.prefix, nodes)?,
                    also: slots.also.clone(),
                },
            },
            sources: HostSources {
                sbin: sbin.to_owned(),
                environment,
                own: OnceCell::new(),
                daemon: daemon.as_ref().map(|(address, _)| *address),
                daemon_user: slots.daemon_user.clone(),
                credentials: PeerCredentials {
                    keys: None,
                    tls: daemon.and_then(|(_, tls)| tls),
                    ..daemon::credentials(settings)
                },
                limit: settings.postgres.timeout.saturating_add(SLACK),
            },
        }))
    }

    /// Keeps them in a thread of their own, so that a slow server holds up nothing else of the keeper.
    pub(super) fn keep_in_a_thread(self) -> io::Result<()> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = thread::Builder::new().name("slots".into());
        thread.spawn(move || runtime.block_on(keep(&self.host, &self.sources)))?;
        Ok(())
    }

    /// Returns what would be done now, a step in each line.
    pub(super) async fn dry_run(&self) -> String {
        let mut keeper = SlotKeeper::new(&self.host, std::time::Instant::now());
        let lines = match keeper.look(&self.sources).await {
            Ok(steps) => steps.iter().map(ToString::to_string).collect(),
            Err(trouble) => vec![format!("nothing: {trouble}")],
        };
        let lines = lines.iter().flat_map(|line| ["  ", line, "\n"]);
        ["Replication slots:\n"].into_iter().chain(lines).collect()
    }
}

impl SlotSources for HostSources {
    fn own(&self) -> Result<String, String> {
        if let Some(own) = self.own.get() {
            return Ok(own.clone());
        }
        let pacemaker = Pacemaker::new(&self.sbin, self.environment.iter().cloned());
        let node = pacemaker.local_node(Deadline::after(TO_ANSWER));
        let node = node.map_err(|error| chain(&error))?;
        Ok(self.own.get_or_init(|| node.to_string()).clone())
    }

    async fn reports(&self) -> Result<Vec<SlotReport>, String> {
        let address = self
            .daemon
            .ok_or("listen.http names no address of this host's daemon")?;
        let asked = async {
            let stream = TcpStream::connect(address)
                .await
                .map_err(|error| error.to_string())?;
            let checked = daemon_user::check(&stream, &self.daemon_user).await;
            checked.map_err(|error| chain(&error))?;
            let document = get::document(stream, address, LARGEST, &self.credentials).await;
            let document = document.map_err(|error| chain(&error))?;
            StateDocument::read(&document).map_err(|error| error.to_string())
        };
        let document = match time::timeout(self.limit, asked).await {
            Ok(document) => document,
            Err(_) => Err("no answer in time".into()),
        };
        let document = document.map_err(|why| format!("the daemon at {address}: {why}"))?;
        let peers = document.peers.unwrap_or_default();
        Ok(peers.into_iter().map(report).collect())
    }
}

fn report(row: PeerRow) -> SlotReport {
    SlotReport {
        node: row.node,
        server: row.server.and_then(server),
    }
}

fn server(row: PeerServerRow) -> Option<PeerServer> {
    let slot = |slot: PeerSlotRow| {
        let LsnText(restart) = slot.restart_lsn?;
        Some(PeerSlot {
            name: slot.slot_name?,
            restart,
        })
    };
    let slots = row.slots.unwrap_or_default();
    Some(PeerServer {
        instance: ServerIdentity {
            system: row.system_identifier?,
            started: String::new(),
        },
        claim: row.role.as_ref().and_then(Word::known)?,
        timeline: row.timeline?,
        senders: Vec::new(),
        end: row.end_lsn.map(|LsnText(end)| end),
        slots: slots.into_iter().filter_map(slot).collect(),
    })
}
