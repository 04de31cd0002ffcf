//! The accept loop: takes a slot, then a connection. No error ends the loop, because a port that stopped
//! accepting would take every healthy server out of the load balancers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{SocketAddrAny, SocketFlags, acceptfrom_with};
use tokio::io::unix::AsyncFdReadyGuard;
use tokio::sync::{mpsc, watch};
use tokio::time::{self, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::accepted::Accepted;
use super::gate::Gate;
use super::greeting::{Greeting, PendingConnection, Stage};
use super::refuse::{RefusalMethod, RefusedConnections};
use super::slots::UnassignedSlot;
use super::sockets::Listener;
use crate::admit::net::canonical;
use crate::admit::{AccessList, Client, Token};
use crate::daemon::systemd::Heartbeat;

/// Interval at which an idle loop beats for the watchdog.
const TICK: Duration = Duration::from_millis(250);

/// Pause after the system had no descriptor or memory left; immediate retries would only use processor time.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

/// Least time between two log lines about failed accepts: untrusted clients can cause them.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// Most connections accepted in one turn, before other tasks run and answer them.
const BATCH: usize = 64;

/// How connections to one listening socket are admitted.
#[derive(Clone, Debug)]
pub struct SocketPolicy {
    /// Decides which connections are answered.
    pub gate: Gate,
    /// Peers that must send a PROXY header first.
    pub header_peers: AccessList,
    /// The token that every client must send first, if one is required.
    pub token: Option<Arc<Token>>,
    /// How refused connections are closed.
    pub refuse: RefusalMethod,
}

/// Accepts on one socket until `stop` is cancelled, and sends connections that arrived together as one batch. The
/// newest policy applies to each connection.
pub async fn accept(
    listener: Listener,
    mut policies: watch::Receiver<SocketPolicy>,
    heartbeat: Heartbeat,
    stop: CancellationToken,
    batches: mpsc::Sender<Vec<Accepted>>,
) {
    let mut tick = time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut complaints = Complaints::default();
    let mut stopped = pin!(stop.cancelled());
    let mut acceptor = Acceptor::new(policies.borrow_and_update().clone(), batches.clone());
    loop {
        let next = async {
            // No silent connection is dismissed from its slot before another connection has arrived.
            let ready = listener.readable().await.ok()?;
            Some((acceptor.gate.slots().free().await?, ready))
        };
        tokio::select! {
            biased;
            () = &mut stopped => return,
            Ok(()) = policies.changed() => {
                acceptor = Acceptor::new(policies.borrow_and_update().clone(), batches.clone());
            }
            Some((place, mut ready)) = next => {
                let Batch { accepted, size, failure } = acceptor.take_batch(&mut ready, place);
                if !accepted.is_empty() && batches.send(accepted).await.is_err() {
                    return;
                }
                if let Some(errno) = failure {
                    complaints.about(errno, Instant::now());
                    time::sleep(EXHAUSTED_PAUSE).await;
                }
                if size >= BATCH {
                    tokio::task::yield_now().await;
                }
            }
            _ = tick.tick() => acceptor.refused.reset_expired(Instant::now()),
        }
        heartbeat.beat();
    }
}

/// Admits a connection that another process has accepted, as inetd does. The gate of `policy` counts the outcome.
pub async fn admit(socket: OwnedFd, peer: IpAddr, policy: SocketPolicy) -> Option<Accepted> {
    let place = policy.gate.slots().free_now()?;
    let (batches, mut admitted) = mpsc::channel(1);
    // Only the task of a greeting keeps a sender then, so the channel ends with that task.
    let at_once = Acceptor::new(policy, batches).judge(socket, peer, place);
    match at_once {
        Some(accepted) => Some(accepted),
        None => admitted.recv().await?.pop(),
    }
}

/// The connections of one turn.
struct Batch {
    /// Connections to be answered.
    accepted: Vec<Accepted>,
    /// Number of connections that arrived, including refused ones.
    size: usize,
    /// An error that no peer has caused.
    failure: Option<Errno>,
}

/// Decides on each connection as soon as it is accepted.
struct Acceptor {
    gate: Gate,
    header_peers: AccessList,
    greeting: Greeting,
    refused: RefusedConnections,
}

impl Acceptor {
    fn new(policy: SocketPolicy, batches: mpsc::Sender<Vec<Accepted>>) -> Self {
        Self {
            refused: RefusedConnections::new(
                policy.refuse,
                policy.gate.slots().untrusted_capacity(),
            ),
            greeting: Greeting {
                gate: policy.gate.clone(),
                token: policy.token,
                method: policy.refuse,
                batches,
            },
            gate: policy.gate,
            header_peers: policy.header_peers,
        }
    }

    /// Accepts waiting connections while there are free slots.
    fn take_batch(
        &mut self,
        ready: &mut AsyncFdReadyGuard<'_, TcpListener>,
        first: UnassignedSlot,
    ) -> Batch {
        let mut batch = Batch {
            accepted: Vec::new(),
            size: 0,
            failure: None,
        };
        let mut place = Some(first);
        while let Some(free) = place {
            match acceptfrom_with(
                ready.get_inner(),
                SocketFlags::NONBLOCK | SocketFlags::CLOEXEC,
            ) {
                Ok((socket, peer)) => {
                    let accepted = self.judge(socket, peer_address(peer), free);
                    batch.accepted.extend(accepted);
                }
                Err(Errno::AGAIN) => {
                    ready.clear_ready();
                    break;
                }
                Err(errno) if is_peers_doing(errno) => {}
                Err(errno) => {
                    batch.failure = Some(errno);
                    break;
                }
            }
            batch.size = batch.size.saturating_add(1);
            let slots = self.gate.slots();
            place = (batch.size < BATCH).then(|| slots.free_now()).flatten();
        }
        batch
    }

    /// Judges a connection; returns it if it can be answered at once, without a header or token.
    fn judge(&mut self, socket: OwnedFd, peer: IpAddr, place: UnassignedSlot) -> Option<Accepted> {
        let arrived = Instant::now();
        let outcome = if self.header_peers.contains(peer) {
            self.gate.listen_to(peer, place).map(Stage::Header)
        } else {
            let admitted = self.gate.judge(peer, place, arrived);
            admitted.map(|(slot, reason)| Stage::Token(slot, reason))
        };
        match outcome {
            Ok(Stage::Token(slot, reason)) if self.greeting.token.is_none() => {
                self.gate.count(reason, peer);
                Some(Accepted {
                    socket,
                    arrived,
                    early: Vec::new(),
                    slot,
                    pass: self.gate.pass(peer),
                })
            }
            Ok(stage) => {
                let pending = PendingConnection {
                    socket,
                    peer,
                    stage,
                };
                tokio::spawn(self.greeting.clone().receive(pending));
                None
            }
            Err(reason) => {
                self.gate.count(reason, peer);
                let slots = self.gate.slots();
                self.refused.end(socket, arrived, || {
                    let place = slots.free_now()?;
                    slots.for_untrusted(place, Client::of(peer)).ok()
                });
                None
            }
        }
    }
}

/// The peer's address; `0.0.0.0` if the system does not report one.
pub fn peer_address(peer: Option<SocketAddrAny>) -> IpAddr {
    let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok());
    peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| canonical(peer.ip()))
}

/// Errors that concern the pending connection, which `accept(2)` recommends to treat as if there were
/// none.
fn is_peers_doing(errno: Errno) -> bool {
    [
        Errno::INTR,
        Errno::CONNABORTED,
        Errno::CONNRESET,
        Errno::PROTO,
        Errno::PERM,
        Errno::NETDOWN,
        Errno::NOPROTOOPT,
        Errno::HOSTDOWN,
        Errno::NONET,
        Errno::HOSTUNREACH,
        Errno::OPNOTSUPP,
        Errno::NETUNREACH,
        Errno::TIMEDOUT,
    ]
    .contains(&errno)
}

/// Logs that accepting fails, at most once a minute.
#[derive(Debug, Default)]
struct Complaints {
    last: Option<Instant>,
}

impl Complaints {
    fn about(&mut self, errno: Errno, now: Instant) {
        if self
            .last
            .is_none_or(|last| now.saturating_duration_since(last) >= LOG_INTERVAL)
        {
            self.last = Some(now);
            warn!(
                "cannot accept connections for now: {}; raise LimitNOFILE= or lower \
                 admission.max_connections if this is about descriptors",
                std::io::Error::from(errno)
            );
        }
    }
}
