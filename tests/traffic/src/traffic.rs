//! A run beside a program that waits and looks, without an event loop of its own: `make demo`, tests.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::error::Error;
use crate::place::Place;
use crate::plan::{Access, Plan};
use crate::record::{Record, Write};
use crate::recorder::Recorder;
use crate::report::Report;
use crate::run::{Run, look};

/// A run that goes on, on a thread of its own. Dropping it tells it to stop.
#[must_use = "dropping it stops the clients"]
pub struct Traffic {
    recorder: Arc<Recorder>,
    stop: DropGuard,
    thread: JoinHandle<Result<Record, Error>>,
}

impl Traffic {
    /// Makes the table, unless it is there, and lets the clients go.
    pub fn start(plan: Plan) -> Result<Self, Error> {
        let run = on_one_thread(Run::begin(plan))??;
        let recorder = Arc::clone(run.recorder());
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        Ok(Self {
            recorder,
            stop: stop.drop_guard(),
            thread: thread::spawn(move || on_one_thread(run.until(stopped))?),
        })
    }

    /// How many rows were acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        self.count_acknowledged(|_| true)
    }

    /// How many of them were sent after a moment.
    pub fn acknowledged_since(&self, moment: Instant) -> usize {
        let since = self.recorder.since(moment);
        self.count_acknowledged(|write| write.sent > since)
    }

    /// How long after the beginning a moment was, or is.
    pub fn at(&self, moment: Instant) -> Duration {
        self.recorder.since(moment)
    }

    /// What was noted so far.
    pub fn record(&self) -> Record {
        self.recorder.look(Record::clone)
    }

    /// Stops, and returns what was noted.
    pub fn finish(self) -> Result<Record, Error> {
        drop(self.stop);
        self.thread
            .join()
            .unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn count_acknowledged(&self, which: impl Fn(&Write) -> bool) -> usize {
        self.recorder.look(|record| {
            let writes = record.acknowledged().map(|(write, _)| write);
            writes.filter(|write| which(write)).count()
        })
    }
}

/// Looks for the rows of a record on the primary to which `place` leads, and sums both up. Gaps from
/// `threshold` up are listed.
pub fn verify(
    record: &Record,
    place: &Place,
    access: &Access,
    threshold: Duration,
) -> Result<Report, Error> {
    on_one_thread(look(record, place, access, threshold))?
}

/// Runs to the end what only waits. A name is resolved on a thread that nothing can stop; it is not
/// waited for.
pub(crate) fn on_one_thread<F: Future>(work: F) -> Result<F::Output, Error> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::system("set up the event loop"))?;
    let output = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(output)
}
