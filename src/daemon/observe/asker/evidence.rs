//! Gathers the evidence of one round, from the shared session and fresh connections. Judges nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Asker;
use crate::daemon::observe::fresh_connections::{self, ConnectionAttempt};
use crate::daemon::observe::settings::ObservationSettings;
use crate::daemon::observe::shared_session::SessionAnswer;
use crate::health::{ConnectionSlots, Depth, Evidence, Failure, FreshConnection, SessionEvidence};
use crate::postgres::Refusal;

/// Greatest age of a fresh connection's outcome that a round relies on, in addition to the timeout of a connection:
/// covers the pace of fresh connections and the ticks of an idle asker.
const ATTEMPT_AGE: Duration = Duration::from_millis(1500);

impl Asker {
    /// Gathers the evidence of this round; the second value is the failure in it, for the log.
    pub(super) async fn gather(
        &mut self,
        asked_at: Instant,
        settings: &ObservationSettings,
        depth: Depth,
    ) -> (Evidence, Option<Refusal>) {
        let deadline = asked_at + settings.timeout;
        if let Some(attempt) = self.fresh.finished() {
            self.evaluate(attempt).await;
        }
        if self.fresh.may_connect(asked_at) {
            self.connect(asked_at, settings);
        }
        let oldest = settings.timeout + ATTEMPT_AGE;
        let is_recent = self
            .fresh
            .newest()
            .is_some_and(|report| asked_at.saturating_duration_since(report.started) <= oldest);
        if !is_recent {
            self.wait_for_attempt(deadline).await;
        }
        let mut asked = self.shared.ask(asked_at, settings, depth).await;
        let ended = match &asked {
            SessionAnswer::Answered(_) => false,
            SessionAnswer::Failed(refusal) => refusal.failure != Failure::TimedOut,
            SessionAnswer::NoSession => true,
        };
        if ended {
            // A missing session does not prove that there is no server; the outcome of a fresh connection does.
            self.connect_for_a_session(settings);
            self.wait_for_attempt(deadline).await;
            asked = self.shared.ask(asked_at, settings, depth).await;
        }
        self.evidence(asked)
    }

    /// Opens a connection at once if the session was lost while the server accepts connections, but no more often than
    /// fresh connections are opened anyway: whatever ended the session may end the next ones as well.
    fn connect_for_a_session(&mut self, settings: &ObservationSettings) {
        let now = Instant::now();
        let paced = self
            .last_extra
            .is_none_or(|last| now.saturating_duration_since(last) >= fresh_connections::INTERVAL);
        if paced && !self.is_refused() && !self.fresh.is_connecting() {
            self.last_extra = Some(now);
            self.connect(now, settings);
        }
    }

    fn evidence(&self, asked: SessionAnswer) -> (Evidence, Option<Refusal>) {
        let report = self.fresh.newest();
        let fresh = match report.map(|report| &report.outcome) {
            Some(Ok(ConnectionSlots::Free)) => FreshConnection::Succeeded,
            Some(Ok(ConnectionSlots::Full)) => FreshConnection::ReservedOnly,
            Some(Err(refusal)) => FreshConnection::Failed(refusal.failure),
            // The deadline passed before any connection had an outcome.
            None => FreshConnection::Failed(Failure::TimedOut),
        };
        let failed = report.and_then(|report| report.outcome.as_ref().err());
        let (session, refusal) = match (asked, failed, self.shared.lost()) {
            (SessionAnswer::Answered(role), _, _) => {
                (SessionEvidence::Answered(role), failed.cloned())
            }
            (SessionAnswer::Failed(refusal), _, _) => {
                (SessionEvidence::Failed(refusal.failure), Some(refusal))
            }
            (SessionAnswer::NoSession, None, Some(lost)) => {
                (SessionEvidence::Failed(lost.failure), Some(lost.clone()))
            }
            (SessionAnswer::NoSession, _, _) => (SessionEvidence::None, failed.cloned()),
        };
        let postmaster = failed.and_then(|refusal| refusal.postmaster);
        (
            Evidence {
                session,
                fresh,
                past: self.shared.past(),
                postmaster,
            },
            refusal,
        )
    }

    pub(super) fn connect(&mut self, now: Instant, settings: &ObservationSettings) {
        self.fresh
            .connect(now, Arc::clone(&settings.target), settings.timeout);
    }

    fn is_refused(&self) -> bool {
        self.fresh
            .newest()
            .is_some_and(|report| report.outcome.is_err())
    }

    async fn wait_for_attempt(&mut self, deadline: Instant) {
        if let Some(attempt) = self.fresh.wait(deadline).await {
            self.evaluate(attempt).await;
        }
    }

    /// Evaluates the outcome of a fresh connection.
    pub(super) async fn evaluate(&mut self, attempt: ConnectionAttempt) {
        match attempt {
            Ok((session, new)) => {
                self.metrics.connected(Ok(new.slots));
                self.transactions = new.transactions;
                self.shared.adopt(session);
            }
            Err(refusal) => {
                self.metrics.connected(Err(refusal.failure));
                self.shared.refused(refusal.failure).await;
            }
        }
    }
}
