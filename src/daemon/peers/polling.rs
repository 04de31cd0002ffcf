//! Asks the daemons of other nodes about their servers once a second, in a separate thread, so that no check waits for
//! their answers or for the parsing of them. Does not know how the reports are used.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{self, MissedTickBehavior};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::warn;

use super::credentials::PeerCredentials;
use super::error::{PeerError, PeerErrorKind};
use super::get::{self, PeerAnswer};
use super::peer_log::PeerLog;
use super::state_document;
use crate::health::{Contact, Heard, Peer, Reachability};

/// Time between the beginnings of two requests to one node.
const INTERVAL: Duration = Duration::from_secs(1);

/// Longest time that one request may take: a failed node does not answer at all.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Longest time that the first report of each node is waited for.
const FIRST_ROUND_TIMEOUT: Duration = Duration::from_millis(500);

/// Time after which a node whose address belonged to this host is asked again: the address may have moved.
const OWN_NODE_INTERVAL: Duration = Duration::from_secs(60);

/// The name of a node, and the address of its daemon's HTTP port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerAddress {
    /// Its name in `cluster.nodes`.
    pub name: String,
    /// Its address and `cluster.http_port`.
    pub address: SocketAddr,
}

/// Asks a list of nodes periodically, and keeps the newest report of each.
#[derive(Debug, Default)]
pub struct PeerWatch {
    polling: Option<PeerPolling>,
    /// Outlives the polling, which begins anew after a reload.
    log: Arc<PeerLog>,
}

#[derive(Debug)]
struct PeerPolling {
    nodes: Arc<[PeerAddress]>,
    credentials: Arc<PeerCredentials>,
    newest: watch::Receiver<NewestReports>,
    /// Stops the thread when dropped.
    _thread: DropGuard,
}

#[derive(Debug)]
struct NewestReports {
    /// In the order of the nodes.
    peers: Vec<Peer>,
    /// Number of nodes whose first request has not ended.
    unasked: usize,
}

impl PeerWatch {
    /// Asks exactly these nodes from now on, with these credentials.
    pub fn set_nodes(&mut self, nodes: &Arc<[PeerAddress]>, credentials: &Arc<PeerCredentials>) {
        let is_same =
            |asking: &PeerPolling| asking.nodes == *nodes && asking.credentials == *credentials;
        if nodes.is_empty() {
            self.polling = None;
        } else if !self.polling.as_ref().is_some_and(is_same) {
            let is_node = |name: &str| nodes.iter().any(|node| node.name == name);
            self.log.keep(is_node);
            let polling = PeerPolling::begin(nodes, credentials, &self.log);
            self.polling = Some(polling);
        }
    }

    /// Waits until each node has been asked once, at most 500 ms.
    pub fn first_round(&self) -> impl Future<Output = ()> + use<> {
        let newest = self.polling.as_ref().map(|asking| asking.newest.clone());
        async move {
            if let Some(mut newest) = newest {
                let asked = newest.wait_for(|newest| newest.unasked == 0);
                // The timeout only means that a node does not answer.
                drop(time::timeout(FIRST_ROUND_TIMEOUT, asked).await);
            }
        }
    }

    /// Returns what a document shows of each node.
    pub fn contacts(&self, moment: Instant) -> Vec<Contact> {
        self.polling.as_ref().map_or_else(Vec::new, |asking| {
            let proof = asking.credentials.proof();
            let newest = asking.newest.borrow();
            let peers = newest.peers.iter();
            peers.map(|peer| peer.contact(moment, proof)).collect()
        })
    }

    /// Applies `part` to the newest reports; it gets `None` if there are no nodes to ask.
    pub fn newest<T>(&self, part: impl FnOnce(Option<&[Peer]>) -> T) -> T {
        match &self.polling {
            Some(asking) => part(Some(&asking.newest.borrow().peers)),
            None => part(None),
        }
    }
}

/// Asks each node once, all at the same time.
pub async fn once(nodes: &Arc<[PeerAddress]>, credentials: &Arc<PeerCredentials>) -> Vec<Peer> {
    let mut watch = PeerWatch::default();
    watch.set_nodes(nodes, credentials);
    watch.first_round().await;
    watch.newest(|peers| peers.unwrap_or_default().to_vec())
}

impl PeerPolling {
    fn begin(
        nodes: &Arc<[PeerAddress]>,
        credentials: &Arc<PeerCredentials>,
        log: &Arc<PeerLog>,
    ) -> Self {
        let unheard = |node: &PeerAddress| Peer {
            node: node.name.clone(),
            heard: None,
            reach: Reachability::Unasked,
        };
        let (sender, newest) = watch::channel(NewestReports {
            peers: nodes.iter().map(unheard).collect(),
            unasked: nodes.len(),
        });
        let stop = CancellationToken::new();
        let begun = ask_in_a_thread(
            Arc::clone(nodes),
            Arc::clone(credentials),
            Arc::clone(log),
            sender,
            stop.clone(),
        );
        if let Err(error) = begun {
            warn!("cannot ask the daemons of other nodes: {error}");
        }
        Self {
            nodes: Arc::clone(nodes),
            credentials: Arc::clone(credentials),
            newest,
            _thread: stop.drop_guard(),
        }
    }
}

/// Starts a thread that asks each node until `stop` is cancelled.
fn ask_in_a_thread(
    nodes: Arc<[PeerAddress]>,
    credentials: Arc<PeerCredentials>,
    log: Arc<PeerLog>,
    newest: watch::Sender<NewestReports>,
    stop: CancellationToken,
) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let ask_all = async move {
        let newest = Arc::new(newest);
        let mut tasks = JoinSet::new();
        for (index, node) in nodes.iter().enumerate() {
            let (credentials, newest) = (Arc::clone(&credentials), Arc::clone(&newest));
            let log = Arc::clone(&log);
            tasks.spawn(ask_on(node.clone(), index, credentials, log, newest));
        }
        stop.cancelled().await;
    };
    let thread = thread::Builder::new().name("peers".into());
    thread.spawn(move || runtime.block_on(ask_all))?;
    Ok(())
}

async fn ask_on(
    node: PeerAddress,
    index: usize,
    credentials: Arc<PeerCredentials>,
    log: Arc<PeerLog>,
    newest: Arc<watch::Sender<NewestReports>>,
) {
    let mut ticks = time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut unasked = 1;
    loop {
        ticks.tick().await;
        let answer = ask(node.address, &credentials).await;
        let heard = match &answer {
            Ok(PeerReport::Of(heard)) => Some(heard.clone()),
            Ok(PeerReport::Own | PeerReport::OfNoServer) | Err(_) => None,
        };
        let reach = match &answer {
            Ok(PeerReport::Of(_) | PeerReport::OfNoServer) => Reachability::Answers,
            Ok(PeerReport::Own) => Reachability::Own,
            Err(_) => Reachability::Silent,
        };
        newest.send_modify(|newest| {
            newest.unasked = newest.unasked.saturating_sub(unasked);
            let Some(peer) = newest.peers.get_mut(index) else {
                return;
            };
            peer.reach = reach;
            // Without an answer the last report stays, and becomes too old by itself.
            if let Some(heard) = heard {
                peer.heard = Some(heard);
            }
        });
        unasked = 0;
        let own = matches!(answer, Ok(PeerReport::Own));
        log.note(&node.name, answer.err().as_ref(), Instant::now());
        if own {
            time::sleep(OWN_NODE_INTERVAL).await;
        }
    }
}

/// The report of a node's daemon.
enum PeerReport {
    Of(Heard),
    /// The daemon answered, but its server does not run, or the document lacks facts.
    OfNoServer,
    /// The node is this one.
    Own,
}

async fn ask(address: SocketAddr, credentials: &PeerCredentials) -> Result<PeerReport, PeerError> {
    let asked = Instant::now();
    let silent = |_| {
        let what = format!("no answer within {} s", TIMEOUT.as_secs());
        PeerError::new(PeerErrorKind::Late, address, what)
    };
    let answer = time::timeout(TIMEOUT, get::state(address, credentials)).await;
    let body = match answer.map_err(silent)?? {
        PeerAnswer::State(body) => body,
        PeerAnswer::Own => return Ok(PeerReport::Own),
    };
    let report = state_document::read(&body)
        .map_err(|wrong| PeerError::new(PeerErrorKind::Document, address, wrong))?;
    let heard = report.and_then(|report| {
        Some(Heard {
            at: asked.checked_sub(report.age)?,
            server: report.server,
        })
    });
    Ok(heard.map_or(PeerReport::OfNoServer, PeerReport::Of))
}

#[cfg(test)]
mod tests;
