//! Connections to the state port: asked on their behalf after they came, answered with one line,
//! ended. Nothing a client sends is looked at.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time;
use tokio_util::task::TaskTracker;

use super::accept::Accepted;
use super::half_close;
use crate::answer::line::line;
use crate::observe::{Observer, Wish};
use crate::role::Words;

/// How to answer; a reload replaces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manner {
    /// The words for the roles.
    pub words: Words,
    /// `answer.max_age`.
    pub max_age: Duration,
    /// `postgres.timeout`.
    pub timeout: Duration,
}

/// Answers connections to the state port.
#[derive(Clone, Debug)]
pub struct StatePort {
    /// Whom to ask.
    pub observer: Observer,
    /// How to answer.
    pub manner: watch::Receiver<Arc<Manner>>,
    /// Counts the exchanges under way, for a stop that drains.
    pub under_way: TaskTracker,
}

impl StatePort {
    /// Answers connections that were accepted together, in a task of their own.
    pub fn take(&self, party: Vec<Accepted>) {
        let port = self.clone();
        self.under_way
            .spawn(async move { port.answer(party).await });
    }

    /// They came before one question, so one answer serves them all, and one timer; at a thousand
    /// checks at once that is a tenth of the work of a task for each.
    async fn answer(self, party: Vec<Accepted>) {
        let manner = Arc::clone(&self.manner.borrow());
        let Some(latest) = party.iter().map(|connection| connection.arrived).max() else {
            return;
        };
        let asking = self.observer.ask(Wish {
            arrived: latest,
            checks: party.len(),
            max_age: manner.max_age,
            timeout: manner.timeout,
        });
        let answer = line(asking.await.verdict, &manner.words);
        let said = party
            .into_iter()
            .filter_map(|Accepted { socket, slot, .. }| {
                // A client that is gone before its answer is no event: HAProxy's plain `check` does that.
                half_close::say(&socket, answer.as_bytes()).ok()?;
                Some((socket, slot))
            });
        let said: Vec<_> = said.collect();
        time::sleep(half_close::FIRST_LOOK).await;
        for (socket, slot) in said {
            if let Some(slow) = half_close::look(socket) {
                self.under_way.spawn(async move {
                    slow.read_away().await;
                    drop(slot);
                });
            }
        }
    }
}
