//! Runs a tool of the host once, and returns its output.

use std::process::Command;

use thiserror::Error;
use tokio::task;

use super::TIMEOUT;
use crate::base::Deadline;
use crate::base::program::{self, Failed, RunError};
use crate::base::system_clock::OnSystemClock;

/// A tool gave no usable output.
#[derive(Debug, Error)]
pub(super) enum NoOutput {
    #[error("{0} is not installed")]
    Absent(String),
    #[error(transparent)]
    Failed(Failed),
    #[error("{0}")]
    Error(String),
}

/// The standard output of a program that succeeds.
pub(super) async fn printed(program: &str, arguments: &[&str]) -> Result<String, NoOutput> {
    let mut command = Command::new(program);
    command.args(arguments);
    let ran = task::spawn_blocking(move || program::run(&mut command, Deadline::after(TIMEOUT)));
    let capture = |error| RunError::Capture(std::io::Error::other(error));
    match ran.await.map_err(capture).and_then(|ended| ended) {
        Ok(ended) => ended.well(program).map_err(NoOutput::Failed),
        Err(error) if error.is_absence() => Err(NoOutput::Absent(program.to_owned())),
        Err(error) => Err(NoOutput::Error(format!("{program}: {error}"))),
    }
}
