//! The kept session and what its answers teach: the next question, a standby's figures, and how the
//! server was when it last let go. Knows nothing of fresh connections or of who wants to know.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time;

use super::Terms;
use super::demand::Depth;
use super::patience::Patience;
use crate::health::evidence::Replication;
use crate::health::{DelayClock, Details, Failure, Past, Policy, Role, Standby, State};
use crate::postgres::{Question, Refusal, Session};

/// Longest time a standby's figures are shown without being asked again where no condition needs
/// them in every round.
const FIGURES_AGE: Duration = Duration::from_secs(1);

/// Longest time after which a standby is asked again what it tells of itself: its receiver may have begun
/// anew, from another server or under another name. A primary stays what it is while its session lives.
const OWN_AGE: Duration = Duration::from_secs(1);

/// One session at most, and what is remembered of its server.
#[derive(Debug, Default)]
pub(super) struct SharedSession {
    session: Option<Session>,
    patience: Patience,
    past: Past,
    lost: Option<Refusal>,
    expected: ExpectedAnswer,
    figures: Option<(Instant, Replication)>,
    clock: DelayClock,
    own: Option<SessionFacts>,
}

/// What the server told of itself in this session.
#[derive(Debug)]
struct SessionFacts {
    asked_at: Instant,
    role: ExpectedAnswer,
    details: Arc<Details>,
}

/// The role of the last answer, which chooses the next question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum ExpectedAnswer {
    #[default]
    Anything,
    Primary,
    Standby,
}

/// How far the kept session got in a round.
pub(super) enum SessionAnswer {
    /// The server stated its role.
    Answered(Role),
    /// It was asked and failed, and is gone.
    Failed(Refusal),
    /// There was nobody to ask.
    NoSession,
}

impl SharedSession {
    /// What was known of the server before it stopped answering.
    pub(super) fn past(&self) -> Past {
        self.past
    }

    /// How the last session failed.
    pub(super) fn lost(&self) -> Option<&Refusal> {
        self.lost.as_ref()
    }

    /// Keeps a session that a fresh connection brought, unless there is one.
    pub(super) fn adopt(&mut self, session: Session) {
        self.session.get_or_insert(session);
    }

    /// Hears that a fresh connection was refused.
    pub(super) async fn refused(&mut self, failure: Failure) {
        if let Failure::CannotConnectNow(_) = failure {
            // A smart shutdown lets our session live and waits for its end; in any other the server
            // has ended it, and how tells a shutdown from a crash.
            self.own = None;
            if let Some(session) = self.session.take() {
                self.past = Past::Up(session.last_words().await.unwrap_or(failure));
            }
        } else if matches!(failure, Failure::NoSocket | Failure::Refused) {
            self.past = Past::Absent;
        }
    }

    /// Asks within the time of a round that began at `asked_at`; a session that fails is dropped.
    pub(super) async fn ask(
        &mut self,
        asked_at: Instant,
        terms: &Terms,
        depth: Depth,
    ) -> SessionAnswer {
        let deadline = asked_at + terms.timeout;
        if let Err(refusal) = self.settle(deadline).await {
            return self.lose(refusal);
        }
        let question = self.next_question(asked_at, &terms.policy, depth);
        let Some(session) = &mut self.session else {
            return SessionAnswer::NoSession;
        };
        let asked = self.patience.until(deadline, session.ask(question)).await;
        let role = match asked {
            Some(Ok(role)) => role,
            Some(Err(refusal)) => return self.lose(refusal),
            None => return self.lose(Refusal::timed_out("the question for its role")),
        };
        SessionAnswer::Answered(match role {
            Role::Primary => {
                self.forget_figures();
                self.expected = ExpectedAnswer::Primary;
                Role::Primary
            }
            Role::Standby(Standby { replication }) => {
                self.expected = ExpectedAnswer::Standby;
                if let Some(figures) = replication {
                    self.figures = Some((asked_at, figures));
                }
                Role::Standby(Standby {
                    replication: self.figures.map(|(_, figures)| figures),
                })
            }
        })
    }

    fn next_question(&self, asked_at: Instant, policy: &Policy, depth: Depth) -> Question {
        let recent = self
            .figures
            .is_some_and(|(at, _)| at + FIGURES_AGE > asked_at);
        match self.expected {
            ExpectedAnswer::Primary => Question::Role,
            ExpectedAnswer::Standby
                if recent && !policy.conditions.any() && depth == Depth::Verdict =>
            {
                Question::Role
            }
            ExpectedAnswer::Standby | ExpectedAnswer::Anything => Question::Replication,
        }
    }

    /// What the server tells of itself, to be held against what others tell: as it told it once, or anew.
    pub(super) async fn own(&mut self, asked_at: Instant, terms: &Terms) -> Option<Arc<Details>> {
        let recent = |own: &&SessionFacts| match own.role {
            ExpectedAnswer::Primary => true,
            ExpectedAnswer::Standby => own.asked_at + OWN_AGE > asked_at,
            ExpectedAnswer::Anything => false,
        };
        let known = self.own.as_ref().filter(|own| own.role == self.expected);
        match known.filter(recent) {
            Some(own) => Some(Arc::clone(&own.details)),
            None => self.details(asked_at, terms).await,
        }
    }

    /// What documents show, within the time of the round; a session that fails is dropped.
    pub(super) async fn details(
        &mut self,
        asked_at: Instant,
        terms: &Terms,
    ) -> Option<Arc<Details>> {
        let session = self.session.as_mut()?;
        let deadline = asked_at + terms.timeout;
        let asked = self.patience.until(deadline, session.details()).await;
        let refusal = match asked {
            Some(Ok(details)) => {
                let details = details.map(Arc::new);
                self.own = details.clone().map(|details| SessionFacts {
                    asked_at,
                    role: self.expected,
                    details,
                });
                return details;
            }
            Some(Err(refusal)) => refusal,
            None => Refusal::timed_out("the question for details"),
        };
        self.lose(refusal);
        None
    }

    fn lose(&mut self, refusal: Refusal) -> SessionAnswer {
        self.session = None;
        self.own = None;
        self.past = Past::Up(refusal.failure);
        self.lost = Some(refusal.clone());
        self.forget_figures();
        SessionAnswer::Failed(refusal)
    }

    /// Makes a session that was just taken from the door harmless and quick.
    async fn settle(&mut self, deadline: Instant) -> Result<(), Refusal> {
        match &mut self.session {
            Some(session) if !session.is_settled() => {
                time::timeout_at(deadline.into(), session.settle())
                    .await
                    .unwrap_or_else(|_| Err(Refusal::timed_out("the settings of its session")))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// How long known WAL has waited for its replay, where a standby was asked.
    pub(super) fn delay(&mut self, state: &State) -> Option<Duration> {
        match (state, self.figures) {
            (State::Standby(_, _), Some((at, figures))) => self.clock.delay(at, &figures),
            (State::Standby(_, _), None) | (State::Primary(_) | State::Down(_), _) => None,
        }
    }

    fn forget_figures(&mut self) {
        self.clock = DelayClock::default();
        self.figures = None;
        self.expected = ExpectedAnswer::Anything;
    }
}
