//! The accept loop: a slot first, then a connection; no error ends it, since a port that stopped
//! accepting would take every healthy server out of the balancers.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{SocketFlags, accept_with};
use tokio::io::unix::AsyncFdReadyGuard;
use tokio::sync::mpsc;
use tokio::time::{self, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::slots::{Slot, Slots};
use super::sockets::Listener;
use crate::service::Pulse;

/// How often an idle loop proves that it is alive.
const TICK: Duration = Duration::from_millis(250);

/// Pause when the system has no descriptor or memory left; trying on would only burn the processor.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

/// Least time between two log lines about failing accepts: strangers can cause them.
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
    /// Freed with the connection.
    pub slot: Slot,
}

/// Accepts on one socket until told to stop, and hands over what came together.
pub async fn accept(
    listener: Listener,
    slots: Slots,
    pulse: Pulse,
    stop: CancellationToken,
    parties: mpsc::Sender<Vec<Accepted>>,
) {
    let mut tick = time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut complaints = Complaints::default();
    let mut stopped = pin!(stop.cancelled());
    loop {
        let next = async {
            let slot = slots.free().await?;
            Some((slot, listener.readable().await.ok()?))
        };
        tokio::select! {
            biased;
            () = &mut stopped => return,
            Some((slot, mut ready)) = next => {
                let (party, failure) = take_batch(&mut ready, slot, &slots);
                let full = party.len() >= BATCH;
                if !party.is_empty() && parties.send(party).await.is_err() {
                    return;
                }
                if let Some(errno) = failure {
                    complaints.about(errno, Instant::now());
                    time::sleep(EXHAUSTED_PAUSE).await;
                }
                if full {
                    tokio::task::yield_now().await;
                }
            }
            _ = tick.tick() => {}
        }
        pulse.beat();
    }
}

/// Accepts what waits, as far as there are slots; the second value is an error that is not a peer's
/// doing.
fn take_batch(
    ready: &mut AsyncFdReadyGuard<'_, TcpListener>,
    first: Slot,
    slots: &Slots,
) -> (Vec<Accepted>, Option<Errno>) {
    let mut party = Vec::new();
    let mut slot = Some(first);
    while let Some(free) = slot {
        match accept_with(
            ready.get_inner(),
            SocketFlags::NONBLOCK | SocketFlags::CLOEXEC,
        ) {
            Ok(socket) => party.push(Accepted {
                socket,
                arrived: Instant::now(),
                slot: free,
            }),
            Err(Errno::AGAIN) => {
                ready.clear_ready();
                break;
            }
            Err(errno) if is_peers_doing(errno) => {}
            Err(errno) => return (party, Some(errno)),
        }
        slot = (party.len() < BATCH).then(|| slots.free_now()).flatten();
    }
    (party, None)
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
