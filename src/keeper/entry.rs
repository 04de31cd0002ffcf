//! Spends a turn: waits for the end of the postmaster that is watched, and asks it whether it answers at all. Knows nobody else
//! who could say so, and not what follows.

use std::future::pending;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::hang::Entry;
use super::postmaster::WatchedPostmaster;
use crate::postgres::server_socket::{PendingAnswer, PostmasterSocket, SocketProblem};

/// How a turn has ended.
#[derive(Debug)]
pub(super) enum TurnEnd {
    /// The postmaster has ended.
    ServerEnded,
    /// The turn's time has passed.
    Passed(EntrySeen),
}

/// What was seen in a turn.
#[derive(Debug)]
pub(super) enum EntrySeen {
    /// Nothing: nobody was asked.
    NotAsked,
    /// This.
    Asked(Result<Entry, SocketProblem>),
}

/// Waits for a turn's time, or until the postmaster ends. Asks it meanwhile, if there is something to ask with.
pub(super) async fn turn(
    postmaster: Option<&WatchedPostmaster>,
    question: Option<&mut EntryQuestion>,
    period: Duration,
) -> TurnEnd {
    let over = sleep(period);
    let Some(postmaster) = postmaster else {
        over.await;
        return TurnEnd::Passed(EntrySeen::NotAsked);
    };
    let asking = async {
        let seen = match question {
            Some(question) => EntrySeen::Asked(question.ask(postmaster, period).await),
            None => EntrySeen::NotAsked,
        };
        over.await;
        seen
    };
    tokio::select! {
        biased;
        () = postmaster.end() => TurnEnd::ServerEnded,
        seen = asking => TurnEnd::Passed(seen),
    }
}

/// What is open between the keeper and one postmaster.
#[derive(Debug, Default)]
pub(super) struct EntryQuestion {
    /// Its socket, once it was seen to listen there.
    socket: Option<PostmasterSocket>,
    /// The connection that has waited longest for an answer, if none has come since. One of a server that is only slow is
    /// answered some time.
    oldest: Option<PendingAnswer>,
}

impl EntryQuestion {
    /// Asks over a new connection, and waits for an answer on it or on the oldest one.
    pub(super) async fn ask(
        &mut self,
        postmaster: &WatchedPostmaster,
        patience: Duration,
    ) -> Result<Entry, SocketProblem> {
        let new = self.connect(postmaster).await;
        let answer = async {
            tokio::select! {
                () = arrival(self.oldest.as_ref()) => {}
                () = arrival(new.as_ref().ok()) => {}
            }
        };
        if timeout(patience, answer).await.is_ok() {
            self.oldest = None;
            return Ok(Entry::Open);
        }
        match (&self.oldest, new) {
            (Some(_), _) => Ok(Entry::Shut),
            (None, Ok(new)) => {
                self.oldest = Some(new);
                Ok(Entry::Shut)
            }
            // The postmaster runs, and the socket is the one at which it listened.
            (None, Err(SocketProblem::Refused(_))) if self.socket.is_some() => Ok(Entry::Shut),
            // Clients that come faster than they are accepted have filled the queue: the server may be well.
            (None, Err(problem)) => Err(problem),
        }
    }

    async fn connect(
        &mut self,
        postmaster: &WatchedPostmaster,
    ) -> Result<PendingAnswer, SocketProblem> {
        if let Some(socket) = &self.socket {
            return socket.ask().await;
        }
        let socket = postmaster.socket()?;
        let asked = socket.ask().await?;
        self.socket = Some(socket);
        Ok(asked)
    }
}

/// Waits for the answer on a connection, without end if there is none.
async fn arrival(asked: Option<&PendingAnswer>) {
    match asked {
        Some(asked) => asked.arrival().await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests;
