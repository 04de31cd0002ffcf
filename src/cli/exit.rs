//! Exit statuses, and the printing of errors: one sentence with its causes, printed once.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use tokio::runtime::Builder;

use crate::postgres::chain;

/// The outcome of the program; numbers are from `sysexits.h` if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done, or the answer is as expected.
    Success,
    /// Not done, or another answer.
    Failure,
    /// Begun, and not done to the end; the command can be repeated.
    Incomplete,
    /// Wrong arguments (`EX_USAGE`).
    Usage,
    /// Wrong configuration (`EX_CONFIG`).
    Config,
    /// A status that the supervisor of a plugin defines.
    Plugin(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

impl Exit {
    /// The description of each status in the manual.
    pub(super) const MANUAL: [(Self, &str); 6] = [
        (Self::Success, "done, or the answer is as expected"),
        (
            Self::Failure,
            "not done, or another answer; a warning of `check`",
        ),
        (
            Self::Plugin(2),
            "critical (`check`); begun and not done to the end (`rejoin`); with `--misc-dynamic`, a weight of 0; a greater status is a greater weight",
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
            Self::Incomplete => 2,
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
        // If standard error is closed, the text is lost.
        drop(writeln!(io::stderr().lock(), "{}", text.trim_end()));
        self
    }
}

/// Writes to standard output; fails without a message if the reader is gone.
pub(super) fn print(text: &str) -> Result<(), Exit> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|_| Exit::Failure)
}

/// Runs a subcommand's work on one thread, which is enough because the work mostly waits.
///
/// The C library resolves names on a thread that cannot be stopped. Dropping the runtime would
/// wait for that thread, 10 s and more if name servers do not answer, however short the timeout was.
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
