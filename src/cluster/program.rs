//! Another program, run once, within a time. Knows nothing of what it prints.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use thiserror::Error;
use tokio::process::Command;
use tokio::time;

/// What came of it.
#[derive(Debug)]
pub struct Ran {
    program: String,
    status: ExitStatus,
    /// Its standard output.
    pub printed: String,
    complaint: String,
}

/// Why nothing did.
#[derive(Debug, Error)]
pub enum RunError {
    /// It cannot be started.
    #[error("cannot run {0}: {1}")]
    Start(String, io::Error),
    /// It did not end.
    #[error("{0} said nothing for {1} s")]
    Silent(String, u64),
}

/// It ended otherwise than well.
#[derive(Debug, Error)]
#[error("{program} failed ({status}): {complaint}")]
pub struct Failed {
    program: String,
    status: ExitStatus,
    complaint: String,
}

impl RunError {
    /// Whether there is no such program.
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Start(_, error) => error.kind() == io::ErrorKind::NotFound,
            Self::Silent(_, _) => false,
        }
    }
}

impl Ran {
    /// Its standard output, where it ended well.
    pub fn well(self) -> Result<String, Failed> {
        if self.status.success() {
            return Ok(self.printed);
        }
        Err(Failed {
            program: self.program,
            status: self.status,
            complaint: self.complaint,
        })
    }
}

/// Runs it to its end, without input; one that takes longer is killed.
pub async fn run(program: &str, arguments: &[&str], patience: Duration) -> Result<Ran, RunError> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let program = program.to_owned();
    match time::timeout(patience, command.output()).await {
        Ok(Ok(output)) => Ok(Ran {
            program,
            status: output.status,
            printed: String::from_utf8_lossy(&output.stdout).into_owned(),
            complaint: first_line(&output.stderr),
        }),
        Ok(Err(error)) => Err(RunError::Start(program, error)),
        Err(_) => Err(RunError::Silent(program, patience.as_secs())),
    }
}

fn first_line(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    said.lines().next().unwrap_or_default().to_owned()
}
