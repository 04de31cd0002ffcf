//! Steps and waits: each is announced, can be interrupted, and tells how long it took.

use std::fmt::Display;
use std::time::{Duration, Instant};

use support::{until, until_ok_every};

use crate::end::End;
use crate::interrupt::Interrupt;
use crate::screen;

/// Longest wait for anything; HAProxy needs some 4 s at the three-node example's rhythm.
const PATIENCE: Duration = Duration::from_secs(30);

/// Pause between two looks at what costs the daemons or HAProxy an answer.
const PAUSE: Duration = Duration::from_millis(50);

/// Where the demo happens.
pub(crate) struct Stage {
    interrupt: Interrupt,
}

impl Stage {
    /// Listens for Ctrl-C from now on.
    pub(crate) fn open() -> Result<Self, End> {
        Ok(Self {
            interrupt: Interrupt::listen()?,
        })
    }

    /// Does something that cannot be interrupted but takes little time.
    pub(crate) fn step<T>(
        &self,
        text: &str,
        work: impl FnOnce() -> Result<T, End>,
    ) -> Result<T, End> {
        self.interrupt.check()?;
        announce(text, work)
    }

    /// Waits until `attempt` succeeds; `what` completes the sentence "waiting for".
    pub(crate) fn wait<T, E: Display>(
        &self,
        what: &str,
        attempt: impl FnMut() -> Result<T, E>,
    ) -> Result<T, End> {
        self.step(&format!("waiting for {what}"), || self.watch(what, attempt))
    }

    /// The same without a line of its own.
    pub(crate) fn watch<T, E: Display>(
        &self,
        what: &str,
        mut attempt: impl FnMut() -> Result<T, E>,
    ) -> Result<T, End> {
        until_ok_every(PAUSE, PATIENCE, what, || match self.interrupt.check() {
            Ok(()) => attempt().map(Ok),
            Err(end) => Ok(Err(end)),
        })?
    }

    /// Does nothing for a while; an error once somebody interrupts.
    pub(crate) fn rest(&self, time: Duration) -> Result<(), End> {
        let interrupted = until(time, "an interrupt", || self.interrupt.check().is_err());
        match interrupted {
            Ok(()) => Err(End::Interrupted),
            Err(_) => Ok(()),
        }
    }
}

/// Says what is done, does it, and says how long it took.
pub(crate) fn announce<T>(text: &str, work: impl FnOnce() -> Result<T, End>) -> Result<T, End> {
    screen::begin(text);
    let start = Instant::now();
    let result = work();
    match &result {
        Ok(_) => screen::done(text, start.elapsed()),
        Err(End::Interrupted) => screen::failed("interrupted"),
        Err(End::Trouble(_) | End::Traffic(_) | End::Wrong(_)) => screen::failed("failed"),
    }
    result
}
