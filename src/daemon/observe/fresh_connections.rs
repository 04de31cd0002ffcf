//! Opens fresh connections, which show whether a client could connect now: at most one at a time, and one a
//! second. Does not know the shared session.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time;

use crate::health::ConnectionSlots;
use crate::postgres::conninfo::Target;
use crate::postgres::{self, NewSession, Refusal, Session};

/// Least time between two connections for which the server starts a backend process.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// The outcome of a fresh connection: an authenticated session and what the server reported, or a refusal.
pub type ConnectionAttempt = Result<(Session, NewSession), Refusal>;

/// The newest finished connection.
#[derive(Clone, Debug)]
pub struct LatestAttempt {
    /// When the connection was begun.
    pub started: Instant,
    /// Whether it succeeded, and if so whether slots were free.
    pub outcome: Result<ConnectionSlots, Refusal>,
}

/// Opens fresh connections and remembers the newest outcome.
#[derive(Debug, Default)]
pub struct FreshConnections {
    under_way: Option<PendingAttempt>,
    newest: Option<LatestAttempt>,
}

#[derive(Debug)]
struct PendingAttempt {
    started: Instant,
    outcome: oneshot::Receiver<ConnectionAttempt>,
    task: AbortHandle,
}

impl Drop for PendingAttempt {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FreshConnections {
    /// The newest finished connection.
    pub fn newest(&self) -> Option<&LatestAttempt> {
        self.newest.as_ref()
    }

    /// Whether a connection is under way.
    pub fn is_connecting(&self) -> bool {
        self.under_way.is_some()
    }

    /// Whether a connection may be begun at `now`: none is under way, and the last one was begun at least
    /// [`INTERVAL`] ago or cost the server no backend.
    pub fn may_connect(&self, now: Instant) -> bool {
        self.under_way.is_none()
            && self.newest.as_ref().is_none_or(|last| {
                let costly = match &last.outcome {
                    Ok(_) => true,
                    Err(refusal) => refusal.failure.cost_a_backend(),
                };
                !costly || now.saturating_duration_since(last.started) >= INTERVAL
            })
    }

    /// Begins a connection; [`Self::finished`] or [`Self::wait`] returns its outcome.
    pub fn connect(&mut self, now: Instant, target: Arc<Target>, timeout: Duration) {
        let (sender, receiver) = oneshot::channel();
        let task = tokio::spawn(async move {
            let outcome = postgres::connect(&target, timeout).await;
            // If the receiver is gone, dropping the outcome closes the connection.
            drop(sender.send(outcome));
        });
        self.under_way = Some(PendingAttempt {
            started: now,
            outcome: receiver,
            task: task.abort_handle(),
        });
    }

    /// Takes the outcome of the connection under way, if it has finished.
    pub fn finished(&mut self) -> Option<ConnectionAttempt> {
        match self.under_way.as_mut()?.outcome.try_recv() {
            Ok(outcome) => Some(self.remember(outcome)),
            Err(oneshot::error::TryRecvError::Empty) => None,
            Err(oneshot::error::TryRecvError::Closed) => Some(self.remember(Err(abandoned()))),
        }
    }

    /// Waits until the connection under way has finished, or until the deadline.
    pub async fn wait(&mut self, deadline: Instant) -> Option<ConnectionAttempt> {
        let pending = &mut self.under_way.as_mut()?.outcome;
        match time::timeout_at(deadline.into(), pending).await {
            Ok(outcome) => Some(self.remember(outcome.unwrap_or_else(|_| Err(abandoned())))),
            Err(_) => None,
        }
    }

    fn remember(&mut self, outcome: ConnectionAttempt) -> ConnectionAttempt {
        if let Some(pending) = self.under_way.take() {
            let slots = match &outcome {
                Ok((_, new)) => Ok(new.slots),
                Err(refusal) => Err(refusal.clone()),
            };
            self.newest = Some(LatestAttempt {
                started: pending.started,
                outcome: slots,
            });
        }
        outcome
    }
}

/// The outcome if the connecting task ended without one.
fn abandoned() -> Refusal {
    Refusal::timed_out("a connection that was given up")
}
