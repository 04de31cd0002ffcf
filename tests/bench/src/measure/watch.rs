//! What is looked at while the load runs: how many backends there are at most, and the memory halfway.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::host::account::Account;
use crate::host::processes::Census;

/// Short enough to meet most connections that live some milliseconds, long enough to leave the client
/// its core.
const PERIOD: Duration = Duration::from_millis(50);

/// What was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The most backends that any look met at once.
    pub(super) most_backends: u32,
    /// Memory of the checks' processes halfway, in kB.
    pub(super) memory: u32,
}

/// A thread that looks now and then.
pub(super) struct Watch<'scope> {
    end: Sender<()>,
    thread: ScopedJoinHandle<'scope, Result<Seen, Error>>,
}

impl<'scope> Watch<'scope> {
    /// Begins to watch `account`, expecting the load to last for `length`.
    pub(super) fn begin<'env>(
        scope: &'scope Scope<'scope, 'env>,
        account: &'env Account,
        length: Duration,
    ) -> Self {
        let (end, ended) = mpsc::channel();
        let thread = scope.spawn(move || {
            let began = Instant::now();
            let mut census = Census::default();
            let mut seen = Seen::default();
            while ended.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
                census.update(account)?;
                seen.most_backends = seen.most_backends.max(census.backends());
                if seen.memory == 0 && began.elapsed() >= length / 2 {
                    seen.memory = census.memory_of_checks();
                }
            }
            Ok(seen)
        });
        Self { end, thread }
    }

    /// Stops watching.
    pub(super) fn end(self) -> Result<Seen, Error> {
        drop(self.end);
        match self.thread.join() {
            Ok(seen) => seen,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}
