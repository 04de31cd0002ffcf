//! One connection to the state port: asked on its behalf after it came, answered with one line,
//! ended. Nothing a client sends is looked at.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use super::accept::Accepted;
use super::half_close;
use crate::answer::line::line;
use crate::observe::Observer;
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
    /// Answers one connection in a task of its own.
    pub fn take(&self, connection: Accepted) {
        let observer = self.observer.clone();
        let manner = Arc::clone(&self.manner.borrow());
        self.under_way.spawn(exchange(connection, observer, manner));
    }
}

async fn exchange(connection: Accepted, observer: Observer, manner: Arc<Manner>) {
    let Accepted {
        socket,
        arrived,
        slot,
    } = connection;
    let seen = observer.ask(arrived, manner.max_age, manner.timeout).await;
    let answer = line(seen.verdict, &manner.words);
    // A client that is gone before its answer is no event: HAProxy's plain `check` does just that.
    if half_close::say(&socket, answer.as_bytes()).is_ok() {
        half_close::read_away(socket).await;
    }
    drop(slot);
}
