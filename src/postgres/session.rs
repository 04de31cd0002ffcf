//! One session with a server: asks questions and reports how the session ended; knows nothing of when or why
//! a question is asked.

use std::time::Duration;

use tokio::time;

use super::classify::{self, Phase};
use super::identity::ReportedIdentity;
use super::inspection::{self, Inspection};
use super::postmaster::Postmaster;
use super::presets::{self, Presets};
use super::progress::{self, Progress, Replica};
use super::queries::{self, NewSession, Question};
use super::refusal::Refusal;
use super::slot_name::SlotName;
use super::slot_rows::{ReplicationSlot, SlotServer};
use super::slots;
use super::source::{self, SourceAnswer};
use super::upstream::{self, Upstream};
use super::wal::Segment;
use super::wire::{Messages, Request, Row, SqlState, WireError};
use crate::health::{Details, Failure, Lsn, Role};

/// Longest wait for the last message of a server that ended the session; it has usually arrived already.
const LAST_MESSAGE_TIMEOUT: Duration = Duration::from_millis(100);

/// The names of the prepared statements.
const ROLE: &str = "role";
const REPLICATION: &str = "replication";

/// An authenticated session. Dropping it sends `Terminate`.
///
/// After a question that was given up, as by a timeout, its answer is still on the way: the session can then
/// only be dropped.
#[derive(Debug)]
pub struct Session {
    messages: Messages,
    presets: Presets,
    prepared: Option<Prepared>,
    postmaster: Option<Postmaster>,
}

/// Requests prepared once, so that a question costs the server no parser and no planner.
#[derive(Debug)]
struct Prepared {
    role: Request,
    replication: Request,
}

impl Session {
    /// Makes a session of a connection whose start-up has ended.
    pub(super) fn over(messages: Messages, presets: Presets) -> Self {
        Self {
            messages,
            presets,
            prepared: None,
            postmaster: None,
        }
    }

    /// Makes answers count only while this process runs.
    #[must_use]
    pub fn watching(mut self, postmaster: Option<Postmaster>) -> Self {
        self.postmaster = postmaster;
        self
    }

    /// Returns the process that listens at the other end, if it is known.
    pub fn postmaster(&self) -> Option<&Postmaster> {
        self.postmaster.as_ref()
    }

    /// Asks what a client that connects now finds, and which server answers: before anything is set in this session.
    pub async fn new_session(&mut self) -> Result<(NewSession, ReportedIdentity), Refusal> {
        let asked = self.statement(queries::NEW_SESSION).await;
        let read = asked.and_then(|row| queries::new_session(&row));
        read.map_err(|error| refused(&error))
    }

    /// Asks which server answers.
    pub async fn identity(&mut self) -> Result<ReportedIdentity, Refusal> {
        let asked = self.statement(queries::IDENTITY).await;
        let read = asked.and_then(|row| queries::identity(&row));
        read.map_err(|error| refused(&error))
    }

    /// Makes this the shared session: it does not write, and its questions are prepared.
    pub async fn prepare_questions(&mut self) -> Result<(), Refusal> {
        let prepared = self.prepare().await;
        self.prepared = Some(prepared.map_err(|error| refused(&error))?);
        Ok(())
    }

    /// Whether [`Self::prepare_questions`] has succeeded.
    pub fn is_prepared(&self) -> bool {
        self.prepared.is_some()
    }

    async fn prepare(&mut self) -> Result<Prepared, WireError> {
        let named = [(ROLE, queries::ROLE), (REPLICATION, queries::REPLICATION)];
        let settings = match self.presets {
            Presets::Taken => Some(presets::KEPT),
            Presets::Refused => None,
        };
        self.messages
            .ask(&Request::preparation(settings, &named)?, drop)
            .await?;
        Ok(Prepared {
            role: self.role_request().await?,
            replication: Request::prepared(REPLICATION)?,
        })
    }

    /// Returns the function call that asks for the role, or the statement if a pooler does not pass a function call
    /// on.
    async fn role_request(&mut self) -> Result<Request, WireError> {
        let oid = self.statement(queries::ROLE_FUNCTION).await?.int8(0)?;
        let Some(oid) = oid.and_then(|oid| u32::try_from(oid).ok()) else {
            return Request::prepared(ROLE);
        };
        let call = Request::function(oid);
        match self.messages.ask_one(&call).await {
            Ok(_) => Ok(call),
            Err(WireError::Server(response)) if !response.ends_session() => Request::prepared(ROLE),
            Err(error) => Err(error),
        }
    }

    /// Asks one question and returns the role that the server states.
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

    /// Asks for what only documents show. Returns `None` if the server refuses this statement and the session goes on:
    /// after a promotion between two of its parts, or for a function that this role may not call.
    pub async fn details(&mut self) -> Result<Option<Details>, Refusal> {
        let asked = self.statement(queries::DETAILS).await;
        match asked.and_then(|row| queries::details(&row)) {
            Ok(details) => Ok(Some(details)),
            Err(WireError::Server(response)) if !response.ends_session() => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    async fn ask_role(&mut self) -> Result<Role, WireError> {
        let row = match &self.prepared {
            Some(prepared) => self.messages.ask_one(&prepared.role).await?,
            None => self.statement(queries::ROLE).await?,
        };
        queries::role(&row)
    }

    async fn ask_replication(&mut self) -> Result<Role, WireError> {
        let asked = match &self.prepared {
            Some(prepared) => self.messages.ask_one(&prepared.replication).await,
            None => self.statement(queries::REPLICATION).await,
        };
        match asked {
            Ok(row) => queries::replication(&row),
            // The server was promoted between two functions of the question: the role alone can always be asked.
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

    /// Asks for the rows of an inspection, each one text that is never NULL.
    pub async fn inspect(&mut self, inspection: Inspection) -> Result<Vec<String>, Refusal> {
        let asked = self.texts(inspection.sql()).await;
        asked.map_err(|error| refused(&error))
    }

    /// Asks how far the server's WAL reaches.
    pub async fn progress(&mut self) -> Result<Progress, Refusal> {
        let asked = self.statement(progress::PROGRESS).await;
        let read = asked.and_then(|row| progress::progress(&row));
        read.map_err(|error| refused(&error))
    }

    /// Asks a primary for the end of its flushed WAL, and for its replicas.
    pub async fn replicas(&mut self) -> Result<(Lsn, Vec<Replica>), Refusal> {
        let asked = self.rows(progress::REPLICAS, progress::MOST).await;
        let read = asked.and_then(|rows| progress::replicas(&rows));
        read.map_err(|error| refused(&error))
    }

    /// Asks for the server's replication slots, with what is needed to judge them.
    pub async fn slots(&mut self) -> Result<(SlotServer, Vec<ReplicationSlot>), Refusal> {
        let asked = self.rows(slots::SLOTS, slots::MOST).await;
        let read = asked.and_then(|rows| slots::slots(&rows));
        read.map_err(|error| refused(&error))
    }

    /// Makes a physical slot that reserves WAL; returns whether there was none of this name.
    pub async fn create_slot(&mut self, slot: &SlotName) -> Result<bool, Refusal> {
        self.has_changed(&slots::create(slot)).await
    }

    /// Advances a physical slot; returns whether it was idle and behind.
    pub async fn advance_slot(&mut self, slot: &SlotName, to: Lsn) -> Result<bool, Refusal> {
        self.has_changed(&slots::advance(slot, to)).await
    }

    /// Drops a physical slot; returns whether it was there and idle.
    pub async fn drop_slot(&mut self, slot: &SlotName) -> Result<bool, Refusal> {
        self.has_changed(&slots::drop(slot)).await
    }

    async fn has_changed(&mut self, sql: &str) -> Result<bool, Refusal> {
        let asked = self.rows(sql, slots::MOST).await;
        let changed = asked.map(|rows| !rows.is_empty());
        changed.map_err(|error| refused(&error))
    }

    async fn rows(&mut self, sql: &str, most: usize) -> Result<Vec<Row>, WireError> {
        let mut rows = Vec::new();
        let request = Request::statement(sql)?.answered_within(most);
        self.messages.ask(&request, |row| rows.push(row)).await?;
        Ok(rows)
    }

    /// Has a primary commit a transaction and flush it to its own disk, without waiting for a standby.
    pub async fn commit(&mut self) -> Result<(), Refusal> {
        let asked = self.statement(progress::COMMIT).await;
        asked.map(drop).map_err(|error| refused(&error))
    }

    /// Has the server write a checkpoint, and waits for it.
    pub async fn checkpoint(&mut self) -> Result<(), Refusal> {
        let asked = self.rows(progress::CHECKPOINT, progress::MOST).await;
        asked.map(drop).map_err(|error| refused(&error))
    }

    /// Asks a server over a replication connection whether it is a primary.
    pub async fn upstream(&mut self) -> Result<Upstream, Refusal> {
        let asked = upstream::ask(&mut self.messages).await;
        asked.map_err(|error| refused(&error))
    }

    /// Asks a server over a replication connection what one has to know that is to follow it.
    pub async fn source(&mut self) -> Result<SourceAnswer, Refusal> {
        let asked = source::ask(&mut self.messages).await;
        asked.map_err(|error| refused(&error))
    }

    /// Asks a primary for bytes of a segment in its `pg_wal`, in hexadecimal digits; none if it has no such segment.
    pub async fn wal(
        &mut self,
        segment: Segment,
        offset: u64,
        length: u64,
    ) -> Result<String, Refusal> {
        let sql = format!(
            "SELECT COALESCE(pg_catalog.encode(pg_catalog.pg_read_binary_file(
                        'pg_wal/{segment}', {offset}, {length}, true), 'hex'), '')"
        );
        let asked = self.texts(&sql).await;
        asked
            .map(|texts| texts.concat())
            .map_err(|error| refused(&error))
    }

    async fn texts(&mut self, sql: &str) -> Result<Vec<String>, WireError> {
        let rows = self.rows(sql, inspection::MOST).await?;
        let texts = rows.iter().map(|row| Row::known(row.text(0)?));
        texts.map(|text| text.map(str::to_owned)).collect()
    }

    /// Returns how the server ended the session, found by one more question; `None` if the session lives, or no answer
    /// comes in time. The session is given up in any case.
    pub async fn last_failure(mut self) -> Option<Failure> {
        match time::timeout(LAST_MESSAGE_TIMEOUT, self.ask(Question::Role)).await {
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
