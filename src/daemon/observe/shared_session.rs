//! The session that is kept between rounds, and what is remembered of its answers: the next question, a standby's
//! figures, and how the last session ended. Does not open connections, and does not know which checks wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time;

use super::ObservationSettings;
use super::question_timer::QuestionTimer;
use crate::health::evidence::Replication;
use crate::health::{DelayClock, Depth, Details, Failure, Past, Policy, Role, Standby, State};
use crate::postgres::{Question, Refusal, Session};

/// Longest time for which a standby's figures are reused if no condition needs
/// them in every round.
const FIGURES_AGE: Duration = Duration::from_secs(1);

/// Longest time for which a standby's details are reused: its WAL receiver may have been restarted, with another
/// server or under another name. A primary's details do not change while its session exists.
const OWN_AGE: Duration = Duration::from_secs(1);

/// Time without details after they have cost a session: each attempt costs a new one.
const NO_DETAILS_AGE: Duration = Duration::from_secs(10);

/// At most one session, and what is remembered of its server.
#[derive(Debug, Default)]
pub(super) struct SharedSession {
    session: Option<Session>,
    timer: QuestionTimer,
    past: Past,
    lost: Option<Refusal>,
    expected: ExpectedAnswer,
    figures: Option<(Instant, Replication)>,
    clock: DelayClock,
    own: Option<SessionFacts>,
    /// When the details last cost the session, and why.
    no_details: Option<(Instant, Refusal)>,
}

/// The details that the server reported in this session.
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

/// The outcome of the shared session in a round.
pub(super) enum SessionAnswer {
    /// The server stated its role.
    Answered(Role),
    /// The session failed when it was asked, and was dropped.
    Failed(Refusal),
    /// There was no session to ask.
    NoSession,
}

impl SharedSession {
    /// What was known of the server when the last session ended.
    pub(super) fn past(&self) -> Past {
        self.past
    }

    /// The failure of the last session.
    pub(super) fn lost(&self) -> Option<&Refusal> {
        self.lost.as_ref()
    }

    /// Keeps the session of a fresh connection, unless there is one already.
    pub(super) fn adopt(&mut self, session: Session) {
        self.session.get_or_insert(session);
    }

    /// Takes note that a fresh connection was refused.
    pub(super) async fn refused(&mut self, failure: Failure) {
        if let Failure::CannotConnectNow(_) = failure {
            // A smart shutdown leaves this session open and waits for its end. In any other case the server
            // has ended it, and its last message tells a shutdown from a crash.
            self.own = None;
            if let Some(session) = self.session.take() {
                self.past = Past::Up(session.last_failure().await.unwrap_or(failure));
            }
        } else if matches!(failure, Failure::NoSocket | Failure::Refused) {
            self.past = Past::Absent;
        }
    }

    /// Asks the next question, within the timeout of a round that began at `asked_at`; a session that fails is dropped.
    pub(super) async fn ask(
        &mut self,
        asked_at: Instant,
        settings: &ObservationSettings,
        depth: Depth,
    ) -> SessionAnswer {
        let deadline = asked_at + settings.timeout;
        if let Err(refusal) = self.prepare(deadline).await {
            return self.drop_session(refusal);
        }
        let question = self.next_question(asked_at, &settings.policy, depth);
        let Some(session) = &mut self.session else {
            return SessionAnswer::NoSession;
        };
        let asked = self.timer.until(deadline, session.ask(question)).await;
        let role = match asked {
            Some(Ok(role)) => role,
            Some(Err(refusal)) => return self.drop_session(refusal),
            None => return self.drop_session(Refusal::timed_out("the question for its role")),
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

    /// The server's details for comparison with other nodes: reused if recent enough, otherwise asked again.
    pub(super) async fn own(
        &mut self,
        asked_at: Instant,
        settings: &ObservationSettings,
    ) -> Option<Arc<Details>> {
        let recent = |own: &&SessionFacts| match own.role {
            ExpectedAnswer::Primary => true,
            ExpectedAnswer::Standby => own.asked_at + OWN_AGE > asked_at,
            ExpectedAnswer::Anything => false,
        };
        let known = self.own.as_ref().filter(|own| own.role == self.expected);
        match known.filter(recent) {
            Some(own) => Some(Arc::clone(&own.details)),
            None => self.details(asked_at, settings).await,
        }
    }

    /// Asks for the details that documents show, within the timeout of the round; a session that fails is dropped. What
    /// only these details failed by is no failure of the server, and they are not asked again for [`NO_DETAILS_AGE`].
    pub(super) async fn details(
        &mut self,
        asked_at: Instant,
        settings: &ObservationSettings,
    ) -> Option<Arc<Details>> {
        let failed_lately = self
            .no_details
            .as_ref()
            .is_some_and(|(at, _)| *at + NO_DETAILS_AGE > asked_at);
        if failed_lately {
            return None;
        }
        let session = self.session.as_mut()?;
        let deadline = asked_at + settings.timeout;
        let asked = self.timer.until(deadline, session.details()).await;
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
        if tells_of_the_server(refusal.failure) {
            self.drop_session(refusal);
        } else {
            self.session = None;
            self.own = None;
            self.forget_figures();
            self.no_details = Some((asked_at, refusal));
        }
        None
    }

    /// Why the server's details were not read in the round that began at this moment, if that cost the session.
    pub(super) fn failed_details(&self, asked_at: Instant) -> Option<&Refusal> {
        let failed = self.no_details.as_ref();
        failed
            .filter(|(at, _)| *at == asked_at)
            .map(|(_, refusal)| refusal)
    }

    fn drop_session(&mut self, refusal: Refusal) -> SessionAnswer {
        self.session = None;
        self.own = None;
        self.past = Past::Up(refusal.failure);
        self.lost = Some(refusal.clone());
        self.forget_figures();
        SessionAnswer::Failed(refusal)
    }

    /// Applies its settings to a session that a fresh connection has just brought, and prepares its questions.
    async fn prepare(&mut self, deadline: Instant) -> Result<(), Refusal> {
        match &mut self.session {
            Some(session) if !session.is_prepared() => {
                time::timeout_at(deadline.into(), session.prepare_questions())
                    .await
                    .unwrap_or_else(|_| Err(Refusal::timed_out("the settings of its session")))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// How long known WAL has waited for its replay, if the server is a standby whose figures are known.
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

/// Whether a failure to read the details is one of the server or its connection, and not of these details alone: a view may
/// be slow or locked while the server's role is known at once.
fn tells_of_the_server(failure: Failure) -> bool {
    match failure {
        Failure::TimedOut | Failure::Setup | Failure::Rejected | Failure::Unexpected => false,
        Failure::NoSocket
        | Failure::Refused
        | Failure::Unreachable
        | Failure::NoHost
        | Failure::Denied
        | Failure::OtherServer
        | Failure::Full
        | Failure::Auth
        | Failure::NoDatabase
        | Failure::DatabaseClosed
        | Failure::MissingFile
        | Failure::CannotConnectNow(_)
        | Failure::AdminShutdown
        | Failure::CrashShutdown
        | Failure::Lost
        | Failure::Tls => true,
    }
}
