//! The second clock: fresh connections, which tell whether a client could get in now. At most one at
//! a time and one a second; knows nothing of the kept session.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time;

use crate::health::ConnectionSlots;
use crate::postgres::conninfo::Target;
use crate::postgres::{self, NewSession, Refusal, Session};

/// Least time between two connections that cost the server a backend.
pub const PACE: Duration = Duration::from_secs(1);

/// What a fresh connection brought: itself, authenticated, and what others find.
pub type ConnectionAttempt = Result<(Session, NewSession), Refusal>;

/// What the newest finished connection met.
#[derive(Clone, Debug)]
pub struct LatestAttempt {
    /// When it was begun.
    pub started: Instant,
    /// Whether it got in.
    pub outcome: Result<ConnectionSlots, Refusal>,
}

/// Knocks at the server's door.
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
    /// What the newest finished connection met.
    pub fn newest(&self) -> Option<&LatestAttempt> {
        self.newest.as_ref()
    }

    /// Whether a connection is being tried.
    pub fn is_knocking(&self) -> bool {
        self.knocking.is_some()
    }

    /// Whether a new connection may be tried at `now`: none is under way, and the last one was long
    /// enough ago or found nobody whose work it would be.
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

    /// Begins a connection; its outcome comes by [`Self::look`] or [`Self::wait`].
    pub fn knock(&mut self, now: Instant, target: Arc<Target>, timeout: Duration) {
        let (sender, met) = oneshot::channel();
        let task = tokio::spawn(async move {
            let outcome = postgres::connect(&target, timeout).await;
            // Nobody waits any more: the connection is closed with the outcome.
            drop(sender.send(outcome));
        });
        self.knocking = Some(Knock {
            started: now,
            met,
            task: task.abort_handle(),
        });
    }

    /// Takes the outcome of a connection that has just finished, if one has.
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

/// The task that connects ended without an outcome.
fn lost() -> Refusal {
    Refusal::timed_out("a connection that was given up")
}
