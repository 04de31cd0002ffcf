//! Connections to the state port: asked on their behalf after they came, answered with one line,
//! ended. Nothing a client sends is looked at.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio::time;
use tokio_util::task::TaskTracker;

use super::accept::Accepted;
use super::closing::Closing;
use super::half_close;
use crate::answer::line::line;
use crate::answer::metrics::Meter;
use crate::daemon::observe::{ObservationRequest, Observer};
use crate::health::{DownReason, Verdict, Words};

/// How to answer; a reload replaces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePortOptions {
    /// The words for the roles.
    pub words: Words,
    /// `answer.max_age`.
    pub max_age: Duration,
    /// `postgres.timeout`.
    pub timeout: Duration,
}

/// Answers connections to the state port.
///
/// One task serves them all, since a task and a timer for each cost more than the answer: those who
/// wait stand in a queue in the order they came, and an observation answers its front.
#[derive(Debug)]
pub struct StatePort {
    observer: Observer,
    manner: watch::Receiver<Arc<StatePortOptions>>,
    waiting: VecDeque<AcceptedBatch>,
    closing: Closing,
    meter: Meter,
}

/// Connections that were accepted together: one question after the last of them serves them all.
#[derive(Debug)]
struct AcceptedBatch {
    connections: Vec<Accepted>,
    wanted: ObservationRequest,
}

impl StatePort {
    /// A port that nobody has come to. `under_way` also counts the connections that do not close by
    /// themselves.
    pub fn new(
        observer: Observer,
        manner: watch::Receiver<Arc<StatePortOptions>>,
        under_way: TaskTracker,
        meter: Meter,
    ) -> Self {
        Self {
            meter,
            observer,
            manner,
            waiting: VecDeque::new(),
            closing: Closing::new(under_way),
        }
    }

    /// Serves the parties that come until no more can come and the last has been served.
    pub async fn serve(mut self, mut batches: mpsc::Receiver<Vec<Accepted>>) {
        self.observer.prepared().await;
        let mut alarm = pin!(time::sleep(Duration::ZERO));
        let mut open = true;
        while open || !self.is_idle() {
            let due = self.next_due();
            // An alarm that rings too early costs a turn; moving it for each answer would cost more.
            if let Some(due) = due.map(time::Instant::from_std)
                && (alarm.is_elapsed() || due < alarm.deadline())
            {
                alarm.as_mut().reset(due);
            }
            tokio::select! {
                biased;
                true = self.observer.changed(), if !self.waiting.is_empty() => {
                    self.answer_met();
                }
                batch = batches.recv(), if open => match batch {
                    Some(connections) => self.take(connections),
                    None => open = false,
                },
                () = &mut alarm, if due.is_some() => self.catch_up(Instant::now()),
                else => return,
            }
        }
    }

    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.closing.is_empty()
    }

    fn next_due(&self) -> Option<Instant> {
        let patience = self.waiting.front().map(|batch| batch.wanted.deadline());
        patience.into_iter().chain(self.closing.next_look()).min()
    }

    /// Connections that came together.
    fn take(&mut self, connections: Vec<Accepted>) {
        let Some(arrived) = connections.iter().map(|one| one.arrived).max() else {
            return;
        };
        let manner = self.manner.borrow();
        let wanted = ObservationRequest {
            arrived,
            max_age: manner.max_age,
            timeout: manner.timeout,
        };
        drop(manner);
        let checks = connections.len();
        self.waiting.push_back(AcceptedBatch {
            connections,
            wanted,
        });
        self.answer_met();
        if !self.waiting.is_empty() {
            self.observer.want(checks);
        }
    }

    /// Answers those whose wish the newest observation meets.
    fn answer_met(&mut self) {
        let newest = self.observer.newest(|seen| (seen.asked_at, seen.verdict));
        if let Some((asked_at, verdict)) = newest {
            self.answer(verdict, |batch| batch.wanted.is_met_by(asked_at));
        }
    }

    /// Answers those who have waited too long, and looks whether those who were answered are gone.
    fn catch_up(&mut self, now: Instant) {
        self.answer(Verdict::Down(DownReason::Timeout), |batch| {
            batch.wanted.deadline() <= now
        });
        self.closing.look(now);
    }

    fn answer(&mut self, verdict: Verdict, applies: impl Fn(&AcceptedBatch) -> bool) {
        let answered = self.waiting.iter().take_while(|batch| applies(batch));
        let answered = answered.count();
        if answered == 0 {
            return;
        }
        let answer = line(verdict, &self.manner.borrow().words);
        let now = Instant::now();
        for batch in self.waiting.drain(..answered) {
            self.meter.answered(verdict, batch.connections.len());
            for Accepted {
                socket,
                slot,
                arrived,
                early: _,
                pass: _,
            } in batch.connections
            {
                self.meter.waited(now.saturating_duration_since(arrived));
                // A client that is gone before its answer is no event: HAProxy's plain `check` does that.
                if half_close::say(&socket, answer.as_bytes()).is_ok() {
                    self.closing.push(socket, slot, now);
                }
            }
        }
        // As many as are answered are closed, so that no answer waits behind a heap of them.
        self.closing.look(now);
    }
}
