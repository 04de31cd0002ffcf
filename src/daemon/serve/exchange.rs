//! Serves the state port: requests an observation after a connection arrived, sends one line, and ends the
//! connection. Ignores what a client sends.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio::time;
use tokio_util::task::TaskTracker;

use super::accepted::Accepted;
use super::closing::Closing;
use super::half_close;
use crate::answer::metrics::Meter;
use crate::answer::state_port::line;
use crate::daemon::observe::{ObservationRequest, Observer};
use crate::health::{DownReason, RoleWords, Verdict};

/// The settings for answers; a reload replaces them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePortOptions {
    /// `answer.production` and `answer.standby`.
    pub words: RoleWords,
    /// `answer.max_age`.
    pub max_age: Duration,
    /// `postgres.timeout`.
    pub timeout: Duration,
}

/// Answers connections to the state port.
///
/// One task serves them all, because a task and a timer for each connection cost more than the answer. Waiting
/// connections form a queue in order of arrival, and an observation answers the front of it.
#[derive(Debug)]
pub struct StatePort {
    observer: Observer,
    options: watch::Receiver<Arc<StatePortOptions>>,
    waiting: VecDeque<AcceptedBatch>,
    closing: Closing,
    meter: Meter,
}

/// Connections that were accepted together: one question sent after the last of them answers them all.
#[derive(Debug)]
struct AcceptedBatch {
    connections: Vec<Accepted>,
    wanted: ObservationRequest,
}

impl StatePort {
    /// Creates the port. `under_way` also tracks the connections that clients do not close soon after the
    /// answer.
    pub fn new(
        observer: Observer,
        options: watch::Receiver<Arc<StatePortOptions>>,
        under_way: TaskTracker,
        meter: Meter,
    ) -> Self {
        Self {
            meter,
            observer,
            options,
            waiting: VecDeque::new(),
            closing: Closing::new(under_way),
        }
    }

    /// Serves batches until the acceptor has ended and the last connection has been served.
    pub async fn serve(mut self, mut batches: mpsc::Receiver<Vec<Accepted>>) {
        self.observer.prepared().await;
        let mut alarm = pin!(time::sleep(Duration::ZERO));
        let mut open = true;
        while open || !self.is_idle() {
            let due = self.next_due();
            // An alarm that expires too early costs a turn; to reset it for each answer would cost more.
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

    /// Adds a batch to the queue, and requests an observation unless the newest one serves it.
    fn take(&mut self, connections: Vec<Accepted>) {
        let Some(arrived) = connections.iter().map(|one| one.arrived).max() else {
            return;
        };
        let options = self.options.borrow();
        let wanted = ObservationRequest {
            arrived,
            max_age: options.max_age,
            timeout: options.timeout,
        };
        drop(options);
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

    /// Answers the batches whose request the newest observation meets.
    fn answer_met(&mut self) {
        let newest = self.observer.newest(|seen| (seen.asked_at, seen.verdict));
        if let Some((asked_at, verdict)) = newest {
            self.answer(verdict, |batch| batch.wanted.is_met_by(asked_at));
        }
    }

    /// Answers the batches whose deadline has passed, and closes the answered connections that have ended.
    fn catch_up(&mut self, now: Instant) {
        self.answer(Verdict::Down(DownReason::Timeout), |batch| {
            batch.wanted.deadline() <= now
        });
        self.closing.close_ended(now);
    }

    fn answer(&mut self, verdict: Verdict, applies: impl Fn(&AcceptedBatch) -> bool) {
        let answered = self.waiting.iter().take_while(|batch| applies(batch));
        let answered = answered.count();
        if answered == 0 {
            return;
        }
        let answer = line(verdict, &self.options.borrow().words);
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
                // A client that disconnects before its answer is not an error: HAProxy's plain `check` does so.
                if half_close::send_and_finish(&socket, answer.as_bytes()).is_ok() {
                    self.closing.push(socket, slot, now);
                }
            }
        }
        // Closing keeps up with answering, so that no answer waits behind many pending closes.
        self.closing.close_ended(now);
    }
}
