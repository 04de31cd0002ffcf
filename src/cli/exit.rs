//! Exit statuses, and how an error reaches a human: one sentence with its causes, once.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use tokio::runtime::Builder;

use crate::postgres::chain;

/// How the program ends; numbers from `sysexits.h` where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done, or the answer is the expected one.
    Success,
    /// Not done, or another answer.
    Failure,
    /// Wrong arguments (`EX_USAGE`).
    Usage,
    /// Wrong configuration (`EX_CONFIG`).
    Config,
    /// What a plugin's supervisor reads into it.
    Plugin(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

impl Exit {
    /// What the manual says of each; those of a plugin are for whoever supervises it to read.
    pub(super) const MANUAL: [(Self, &str); 6] = [
        (Self::Success, "done, or the answer is the expected one"),
        (
            Self::Failure,
            "not done, or another answer; a warning of `check`",
        ),
        (
            Self::Plugin(2),
            "critical (`check`); with `--misc-dynamic`, a weight of 0, and more for more",
        ),
        (Self::Plugin(3), "unknown (`check`)"),
        (
            Self::Usage,
            "wrong arguments; 1 with `--keepalived` and `--misc-dynamic`",
        ),
        (Self::Config, "wrong configuration"),
    ];

    /// The status as a number.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 64,
            Self::Config => 78,
            Self::Plugin(status) => status,
        }
    }

    /// Prints an error with its causes and ends with this status.
    pub(super) fn because(self, error: &dyn Error) -> Self {
        self.saying(&format!("pgsql-state: {}", chain(error)))
    }

    /// Prints a text to standard error and ends with this status.
    pub(super) fn saying(self, text: &str) -> Self {
        // Where standard error is closed there is nobody to tell.
        drop(writeln!(io::stderr().lock(), "{}", text.trim_end()));
        self
    }
}

/// Writes to standard output; a reader that has gone is a failure without words.
pub(super) fn print(text: &str) -> Result<(), Exit> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|_| Exit::Failure)
}

/// Runs a subcommand's work: on one thread, since it is waiting.
///
/// A name is resolved by the C library, on a thread that nothing can stop. Dropping the runtime would
/// wait for it, 10 s and more where name servers are silent, however short the timeout was.
pub(super) fn complete<F: Future>(work: F) -> Result<F::Output, Exit> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Exit::Failure.because(&error))?;
    let output = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(output)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn a_thread_that_cannot_be_stopped_is_not_waited_for() {
        let (_resolved, resolving) = mpsc::channel::<()>();
        let before = Instant::now();
        let output = complete(async {
            drop(tokio::task::spawn_blocking(move || {
                resolving.recv_timeout(Duration::from_secs(20)).ok();
            }));
            7
        });
        assert_eq!(output, Ok(7));
        assert!(before.elapsed() < Duration::from_secs(10));
    }
}
