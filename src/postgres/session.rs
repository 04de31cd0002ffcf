//! One session with a server: asks and tells how the session ended; knows nothing of when or why it
//! is asked.

use std::time::Duration;

use tokio::time;

use super::classify::{self, Phase};
use super::identity::ReportedIdentity;
use super::inspection::Inspection;
use super::postmaster::Postmaster;
use super::presets::{self, Presets};
use super::progress::{self, Progress, Replica};
use super::question::{self, NewSession, Question};
use super::refusal::Refusal;
use super::upstream::{self, Upstream};
use super::wire::{Messages, Request, Row, SqlState, WireError};
use crate::health::{Details, Failure, Lsn, Role};

/// Longest wait for what a server said before it let go; it has arrived by then.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// Names of the prepared statements.
const ROLE: &str = "role";
const REPLICATION: &str = "replication";

/// An authenticated session. Dropping it says goodbye.
///
/// A question that was given up, as by a timeout, leaves its answer on the way: the session is then
/// good for nothing but to be dropped.
#[derive(Debug)]
pub struct Session {
    messages: Messages,
    presets: Presets,
    prepared: Option<Prepared>,
    postmaster: Option<Postmaster>,
}

/// Statements parsed once by the server, so that asking costs it no parser and no planner.
#[derive(Debug)]
struct Prepared {
    role: Request,
    replication: Request,
}

impl Session {
    /// A session whose start-up has ended.
    pub(super) fn over(messages: Messages, presets: Presets) -> Self {
        Self {
            messages,
            presets,
            prepared: None,
            postmaster: None,
        }
    }

    /// Answers count only while this process lives.
    #[must_use]
    pub fn watching(mut self, postmaster: Option<Postmaster>) -> Self {
        self.postmaster = postmaster;
        self
    }

    /// Who listens at the other end, where that is known.
    pub fn postmaster(&self) -> Option<&Postmaster> {
        self.postmaster.as_ref()
    }

    /// Asks what a client that comes now finds, and who answers: before anything is set in this session.
    pub async fn entrance(&mut self) -> Result<(NewSession, ReportedIdentity), Refusal> {
        let asked = self.statement(question::ENTRANCE).await;
        let read = asked.and_then(|row| question::entrance(&row));
        read.map_err(|error| refused(&error))
    }

    /// Asks who answers.
    pub async fn identity(&mut self) -> Result<ReportedIdentity, Refusal> {
        let asked = self.statement(question::IDENTITY).await;
        let read = asked.and_then(|row| question::identity(&row));
        read.map_err(|error| refused(&error))
    }

    /// Makes this the session that is kept: it does not write, and its questions are prepared.
    pub async fn settle(&mut self) -> Result<(), Refusal> {
        let prepared = self.prepare().await;
        self.prepared = Some(prepared.map_err(|error| refused(&error))?);
        Ok(())
    }

    /// Whether [`Self::settle`] has been done.
    pub fn is_settled(&self) -> bool {
        self.prepared.is_some()
    }

    async fn prepare(&mut self) -> Result<Prepared, WireError> {
        let named = [(ROLE, question::ROLE), (REPLICATION, question::REPLICATION)];
        let settings = match self.presets {
            Presets::Taken => Some(presets::KEPT),
            Presets::Refused => None,
        };
        self.messages
            .ask(&Request::preparation(settings, &named)?, drop)
            .await?;
        Ok(Prepared {
            role: self.quickest().await?,
            replication: Request::prepared(REPLICATION)?,
        })
    }

    /// The function call that tells the role, or the statement where something between us and the
    /// server does not pass it on.
    async fn quickest(&mut self) -> Result<Request, WireError> {
        let oid = self.statement(question::ROLE_FUNCTION).await?.int8(0)?;
        let Some(oid) = oid.and_then(|oid| u32::try_from(oid).ok()) else {
            return Request::prepared(ROLE);
        };
        let call = Request::function(oid);
        match self.messages.ask_one(&call).await {
            Ok(_) => Ok(call),
            Err(WireError::Server(said)) if !said.ends_session() => Request::prepared(ROLE),
            Err(error) => Err(error),
        }
    }

    /// Puts one question and returns the role the server states.
    pub async fn ask(&mut self, question: Question) -> Result<Role, Refusal> {
        let asked = match question {
            Question::Role => self.ask_role().await,
            Question::Replication => self.ask_replication().await,
        };
        match asked {
            Ok(_) if self.postmaster.as_ref().is_some_and(Postmaster::has_ended) => {
                Err(Refusal::orphaned())
            }
            Ok(role) => Ok(role),
            Err(error) => Err(refused(&error)),
        }
    }

    /// Asks for what only documents show. None where the server refuses that and nothing more: a
    /// promotion between two of its parts, or a function that this role may not call.
    pub async fn details(&mut self) -> Result<Option<Details>, Refusal> {
        let asked = self.statement(question::DETAILS).await;
        match asked.and_then(|row| question::details(&row)) {
            Ok(details) => Ok(Some(details)),
            Err(WireError::Server(said)) if !said.ends_session() => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    async fn ask_role(&mut self) -> Result<Role, WireError> {
        let row = match &self.prepared {
            Some(prepared) => self.messages.ask_one(&prepared.role).await?,
            None => self.statement(question::ROLE).await?,
        };
        question::role(&row)
    }

    async fn ask_replication(&mut self) -> Result<Role, WireError> {
        let asked = match &self.prepared {
            Some(prepared) => self.messages.ask_one(&prepared.replication).await,
            None => self.statement(question::REPLICATION).await,
        };
        match asked {
            Ok(row) => question::replication(&row),
            // Promoted between two functions of the question: the role alone is always askable.
            Err(WireError::Server(error))
                if error.code == Some(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE) =>
            {
                self.ask_role().await
            }
            Err(error) => Err(error),
        }
    }

    async fn statement(&mut self, sql: &str) -> Result<Row, WireError> {
        self.messages.ask_one(&Request::statement(sql)?).await
    }

    /// Asks for rows of one text that is never NULL.
    pub async fn inspect(&mut self, inspection: Inspection) -> Result<Vec<String>, Refusal> {
        let asked = self.texts(inspection.sql()).await;
        asked.map_err(|error| refused(&error))
    }

    /// Asks how far the server is.
    pub async fn progress(&mut self) -> Result<Progress, Refusal> {
        let asked = self.statement(progress::PROGRESS).await;
        let read = asked.and_then(|row| progress::progress(&row));
        read.map_err(|error| refused(&error))
    }

    /// Asks a primary for the end of what it has flushed, and who replicates from it.
    pub async fn replicas(&mut self) -> Result<(Lsn, Vec<Replica>), Refusal> {
        let mut rows = Vec::new();
        let asked = async {
            let request = Request::statement(progress::REPLICAS)?;
            self.messages.ask(&request, |row| rows.push(row)).await?;
            progress::replicas(&rows)
        };
        asked.await.map_err(|error| refused(&error))
    }

    /// Has a primary commit a transaction and write it to its own disk, whatever it waits for otherwise.
    pub async fn commit(&mut self) -> Result<(), Refusal> {
        let asked = self.statement(progress::COMMIT).await;
        asked.map(drop).map_err(|error| refused(&error))
    }

    /// Asks a server over a replication connection what it is to a standby.
    pub async fn upstream(&mut self) -> Result<Upstream, Refusal> {
        let asked = upstream::ask(&mut self.messages).await;
        asked.map_err(|error| refused(&error))
    }

    async fn texts(&mut self, sql: &str) -> Result<Vec<String>, WireError> {
        let mut texts = Vec::new();
        let request = Request::statement(sql)?;
        let read = |row: Row| texts.push(row.text(0).map(|text| text.map(str::to_owned)));
        self.messages.ask(&request, read).await?;
        let texts = texts.into_iter();
        texts.map(|text| Row::known(text?)).collect()
    }

    /// How the server ended the session, learnt by one more question; none if it lives, or hesitates.
    /// The session is given up in any case.
    pub async fn last_words(mut self) -> Option<Failure> {
        match time::timeout(LAST_WORDS, self.ask(Question::Role)).await {
            Ok(Err(refusal)) => Some(refusal.failure),
            Ok(Ok(_)) | Err(_) => None,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.messages.terminate();
    }
}

fn refused(error: &WireError) -> Refusal {
    Refusal::of(classify::wire(error, Phase::Question), error)
}
