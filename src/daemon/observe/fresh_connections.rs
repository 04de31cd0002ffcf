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
pub const PACE: Duration = Duration::from_secs(1);

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
    knocking: Option<Knock>,
    newest: Option<LatestAttempt>,
}

#[derive(Debug)]
struct Knock {
    started: Instant,
    met: oneshot::Receiver<ConnectionAttempt>,
    task: AbortHandle,
}

impl Drop for Knock {
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
    pub fn is_knocking(&self) -> bool {
        self.knocking.is_some()
    }

    /// Whether a connection may be begun at `now`: none is under way, and the last one was begun at least
    /// [`PACE`] ago or cost the server no backend.
    pub fn may_knock(&self, now: Instant) -> bool {
        self.knocking.is_none()
            && self.newest.as_ref().is_none_or(|last| {
                let costly = match &last.outcome {
                    Ok(_) => true,
                    Err(refusal) => refusal.failure.cost_a_backend(),
                };
                !costly || now.saturating_duration_since(last.started) >= PACE
            })
    }

    /// Begins a connection; [`Self::look`] or [`Self::wait`] returns its outcome.
    pub fn knock(&mut self, now: Instant, target: Arc<Target>, timeout: Duration) {
        let (sender, met) = oneshot::channel();
        let task = tokio::spawn(async move {
            let outcome = postgres::connect(&target, timeout).await;
            // If the receiver is gone, dropping the outcome closes the connection.
            drop(sender.send(outcome));
        });
        self.knocking = Some(Knock {
            started: now,
            met,
            task: task.abort_handle(),
        });
    }

    /// Takes the outcome of the connection under way, if it has finished.
    pub fn look(&mut self) -> Option<ConnectionAttempt> {
        match self.knocking.as_mut()?.met.try_recv() {
            Ok(met) => Some(self.finished(met)),
            Err(oneshot::error::TryRecvError::Empty) => None,
            Err(oneshot::error::TryRecvError::Closed) => Some(self.finished(Err(lost()))),
        }
    }

    /// Waits until the connection under way has finished, or until the deadline.
    pub async fn wait(&mut self, deadline: Instant) -> Option<ConnectionAttempt> {
        let met = &mut self.knocking.as_mut()?.met;
        match time::timeout_at(deadline.into(), met).await {
            Ok(met) => Some(self.finished(met.unwrap_or_else(|_| Err(lost())))),
            Err(_) => None,
        }
    }

    fn finished(&mut self, met: ConnectionAttempt) -> ConnectionAttempt {
        if let Some(knock) = self.knocking.take() {
            let outcome = match &met {
                Ok((_, entrance)) => Ok(entrance.room),
                Err(refusal) => Err(refusal.clone()),
            };
            self.newest = Some(LatestAttempt {
                started: knock.started,
                outcome,
            });
        }
        met
    }
}

/// The outcome if the connecting task ended without one.
fn lost() -> Refusal {
    Refusal::timed_out("a connection that was given up")
}
