//! Ctrl-C and SIGTERM as something to look at between two steps, and waiting that looks at it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::error::Error;

/// How often a condition is looked at again.
const PAUSE: Duration = Duration::from_millis(5);

/// Set once somebody wants the run to end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on the two signals no longer end the process but are seen by [`Interrupt::check`].
    /// The second one ends it at once; the kernel then kills what was started.
    pub(crate) fn on_signals() -> Result<Self, Error> {
        let interrupt = Self::default();
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, 1, Arc::clone(&interrupt.0))
                .and_then(|_| flag::register(signal, Arc::clone(&interrupt.0)))
                .map_err(|error| Error::io("catch signals", error))?;
        }
        Ok(interrupt)
    }

    /// An error once a signal came.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.0.load(Ordering::Relaxed) {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    }

    /// Asks `condition` again and again until it yields a value, at most for `limit`.
    pub(crate) fn wait_for<T>(
        &self,
        limit: Duration,
        mut condition: impl FnMut() -> Result<Option<T>, Error>,
    ) -> Result<Option<T>, Error> {
        let began = Instant::now();
        loop {
            if let Some(value) = condition()? {
                return Ok(Some(value));
            }
            if began.elapsed() > limit {
                return Ok(None);
            }
            self.check()?;
            pause();
        }
    }
}

/// Lets other processes run before they are looked at again.
pub(crate) fn pause() {
    #[expect(
        clippy::disallowed_methods,
        reason = "no event tells when another process is ready"
    )]
    std::thread::sleep(PAUSE);
}
