//! The accept loop: a slot, then a connection; no error ends it, since a port that stopped
//! accepting would take every healthy server out of the balancers.

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

use super::gate::{Gate, Pass};
use super::greeting::{Greeting, PendingConnection, Stage};
use super::refuse::{RefusalMethod, RefusedConnections};
use super::slots::{Slot, UnassignedSlot};
use super::sockets::Listener;
use crate::admit::net::canonical;
use crate::admit::{AccessList, Client, Token};
use crate::daemon::systemd::Heartbeat;

/// How often an idle loop proves that it is alive.
const TICK: Duration = Duration::from_millis(250);

/// Pause when the system has no descriptor or memory left; trying on would only burn the processor.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

/// Least time between two log lines about failing accepts: untrusted clients can cause them.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

/// Connections taken in one turn, before those taken get their turn to be answered.
const BATCH: usize = 64;

/// An accepted connection with its slot.
#[derive(Debug)]
pub struct Accepted {
    /// Non-blocking, close-on-exec.
    pub socket: OwnedFd,
    /// When it was taken.
    pub arrived: Instant,
    /// What the client has sent beyond its PROXY header and token, as far as it was read with them.
    pub early: Vec<u8>,
    /// Freed with the connection.
    pub slot: Slot,
    /// By which its further requests are admitted, where it may make several.
    pub pass: Pass,
}

/// What connections to one listening socket meet.
#[derive(Clone, Debug)]
pub struct SocketPolicy {
    /// Who is answered.
    pub gate: Gate,
    /// Peers that must send a PROXY header first.
    pub header_peers: AccessList,
    /// What every client must say first.
    pub token: Option<Arc<Token>>,
    /// How the others are ended.
    pub refuse: RefusalMethod,
}

/// Accepts on one socket until told to stop, and hands over what came together. Each connection meets the
/// newest door.
pub async fn accept(
    listener: Listener,
    mut policies: watch::Receiver<SocketPolicy>,
    pulse: Heartbeat,
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
            // Nobody has to leave his place before somebody else has come.
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
            _ = tick.tick() => acceptor.refused.look(Instant::now()),
        }
        pulse.beat();
    }
}

/// Admits a connection that someone else has accepted, as inetd does. Counts in `policy` how it ended.
pub async fn admit(socket: OwnedFd, peer: IpAddr, policy: SocketPolicy) -> Option<Accepted> {
    let place = policy.gate.slots().free_now()?;
    let (batches, mut admitted) = mpsc::channel(1);
    // Only a greeting keeps the sender then, so that the channel ends with it.
    let at_once = Acceptor::new(policy, batches).meet(socket, peer, place);
    match at_once {
        Some(accepted) => Some(accepted),
        None => admitted.recv().await?.pop(),
    }
}

/// What came in one turn.
struct Batch {
    /// Those to be answered.
    accepted: Vec<Accepted>,
    /// How many came, refused ones too.
    size: usize,
    /// An error that is not a peer's doing.
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
                manner: policy.refuse,
                batches,
            },
            gate: policy.gate,
            header_peers: policy.header_peers,
        }
    }

    /// Accepts what waits, as far as there are places.
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
                    let accepted = self.meet(socket, peer_address(peer), free);
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

    /// The connection, if it can be answered as it is.
    fn meet(&mut self, socket: OwnedFd, peer: IpAddr, place: UnassignedSlot) -> Option<Accepted> {
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
                let guest = PendingConnection {
                    socket,
                    peer,
                    stage,
                };
                tokio::spawn(self.greeting.clone().receive(guest));
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

/// The peer's address; one that the system does not tell is nobody's.
pub fn peer_address(peer: Option<SocketAddrAny>) -> IpAddr {
    let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok());
    peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| canonical(peer.ip()))
}

/// Errors of the connection that would have been accepted, which `accept(2)` says to treat like no
/// connection.
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

/// Says that accepting fails, once a minute at most.
#[derive(Debug, Default)]
struct Complaints {
    last: Option<Instant>,
}

impl Complaints {
    fn about(&mut self, errno: Errno, now: Instant) {
        if self
            .last
            .is_none_or(|last| now.saturating_duration_since(last) >= COMPLAIN_EVERY)
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
