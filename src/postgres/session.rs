//! One session with a server: asks prepared questions and tells how the session ended; knows nothing
//! of when or why it is asked.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio::time;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Connection, Statement};

use super::classify::{self, Phase};
use super::postmaster::Postmaster;
use super::question::{self, Question};
use super::refusal::Refusal;
use crate::role::{Failure, Role, Room};

/// Longest wait for the driver to hand over the server's last words after the session closed; they
/// have arrived by then.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// An authenticated session. Dropping it says goodbye in the background.
#[derive(Debug)]
pub struct Session {
    client: Client,
    driver: JoinHandle<Option<tokio_postgres::Error>>,
    prepared: Option<Prepared>,
    postmaster: Option<Postmaster>,
}

/// Statements parsed once by the server, so that asking costs it no parser and no planner.
#[derive(Debug)]
struct Prepared {
    role: Statement,
    replication: Statement,
}

impl Session {
    /// Takes a connection whose login succeeded and lets its driver run.
    pub fn start<S, T>(client: Client, connection: Connection<S, T>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let driver = tokio::spawn(async move { connection.await.err() });
        Self {
            client,
            driver,
            prepared: None,
            postmaster: None,
        }
    }

    /// Answers count only while this process lives.
    #[must_use]
    pub fn watching(self, postmaster: Option<Postmaster>) -> Self {
        Self { postmaster, ..self }
    }

    /// Asks whether ordinary clients still find connection slots.
    pub async fn room(&mut self) -> Result<Room, Refusal> {
        let asked = self.client.query_one(question::ROOM, &[]).await;
        let slots: Result<Option<i64>, _> = asked.and_then(|row| row.try_get(0));
        match slots {
            Ok(Some(slots)) if slots <= 0 => Ok(Room::Full),
            Ok(Some(_) | None) => Ok(Room::Free),
            Err(error) => Err(self.ended(error).await),
        }
    }

    /// Makes this the session that is kept: harmless settings, prepared questions.
    pub async fn settle(&mut self, timeout: Duration) -> Result<(), Refusal> {
        match self.prepare(timeout).await {
            Ok(prepared) => {
                self.prepared = Some(prepared);
                Ok(())
            }
            Err(error) => Err(self.ended(error).await),
        }
    }

    /// Whether [`Self::settle`] has been done.
    pub fn is_settled(&self) -> bool {
        self.prepared.is_some()
    }

    async fn prepare(&self, timeout: Duration) -> Result<Prepared, tokio_postgres::Error> {
        self.client
            .batch_execute(&question::settings(timeout))
            .await?;
        Ok(Prepared {
            role: self.client.prepare(question::ROLE).await?,
            replication: self.client.prepare(question::REPLICATION).await?,
        })
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
            Err(error) => Err(self.ended(error).await),
        }
    }

    async fn ask_role(&self) -> Result<Role, tokio_postgres::Error> {
        let row = match &self.prepared {
            Some(prepared) => self.client.query_one(&prepared.role, &[]).await?,
            None => self.client.query_one(question::ROLE, &[]).await?,
        };
        question::role(&row)
    }

    async fn ask_replication(&self) -> Result<Role, tokio_postgres::Error> {
        let asked = match &self.prepared {
            Some(prepared) => self.client.query_one(&prepared.replication, &[]).await,
            None => self.client.query_one(question::REPLICATION, &[]).await,
        };
        match asked {
            Ok(row) => question::replication(&row),
            // Promoted between two functions of the question: the role alone is always askable.
            Err(error) if error.code() == Some(&SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE) => {
                self.ask_role().await
            }
            Err(error) => Err(error),
        }
    }

    /// How the server ended the session, learnt by one more question; none if it lives, or hesitates.
    /// The session is given up in any case.
    pub async fn last_words(mut self) -> Option<Failure> {
        match time::timeout(LAST_WORDS, self.ask(Question::Role)).await {
            Ok(Err(refusal)) => Some(refusal.failure),
            Ok(Ok(_)) | Err(_) => None,
        }
    }

    /// Why a question failed. Once the session is closed, the reason is what the server said last,
    /// which the driver read.
    async fn ended(&mut self, error: tokio_postgres::Error) -> Refusal {
        let last_words = if error.is_closed() {
            time::timeout(LAST_WORDS, &mut self.driver).await
        } else {
            return Refusal::of(classify::driver(&error, Phase::Question), &error);
        };
        match last_words {
            Ok(Ok(Some(said))) => Refusal::of(classify::driver(&said, Phase::Question), &said),
            Ok(Ok(None) | Err(_)) | Err(_) => Refusal::of(Failure::Lost, &error),
        }
    }
}
