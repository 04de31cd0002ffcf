//! Running the server's programs: in an environment without surprises, until a deadline, and so that nothing of
//! ours stays open in what they leave running. Knows no program.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::privileges::Account;
use super::processes::wait_for_end;
use crate::recipes::{Deadline, ServerError};
use crate::target::Keyword;

/// So much of what a program says is read.
const MOST_SAID: u64 = 1 << 20;

/// Variables that would change what the programs do, beside those of libpq.
const MISLEADING: [&str; 6] = [
    "PGDATA",
    "PGCTLTIMEOUT",
    "PGLOCALEDIR",
    "PGSYSCONFDIR",
    "NOTIFY_SOCKET",
    "PG_GRANDPARENT_PID",
];

/// What a program has said and how it has ended.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) status: ExitStatus,
    pub(super) output: String,
    pub(super) errors: String,
}

impl Outcome {
    /// What it has said, in one line, for a sentence.
    pub(super) fn said(&self) -> String {
        let lines = self.errors.lines().chain(self.output.lines());
        let said: Vec<&str> = lines
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        if said.is_empty() {
            return self.status.to_string();
        }
        said.join("; ")
    }
}

/// A program of the server's, as its user would run it.
pub(super) fn program(bindir: &Path, name: &str, account: &Account) -> Command {
    let mut command = Command::new(bindir.join(name));
    command
        .current_dir("/")
        .env("HOME", account.home())
        .env("USER", account.name())
        .env("LOGNAME", account.name());
    let variables = Keyword::ALL.iter().filter_map(|keyword| keyword.variable());
    for variable in variables.chain(MISLEADING) {
        command.env_remove(variable);
    }
    command
}

/// Runs it to its end, or ends it at the deadline. What it writes goes to memory and through no pipe: a server
/// that it starts could keep the other end for as long as it runs.
pub(super) fn run(
    mut command: Command,
    name: &'static str,
    deadline: Deadline,
) -> Result<Outcome, ServerError> {
    let failed = |error: io::Error| ServerError::Program {
        program: name.into(),
        said: error.to_string(),
    };
    let (mut output, mut errors) = (memory().map_err(failed)?, memory().map_err(failed)?);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(output.try_clone().map_err(failed)?)
        .stderr(errors.try_clone().map_err(failed)?)
        .spawn()
        .map_err(failed)?;
    let handle = pidfd_open(Pid::from_child(&child), PidfdFlags::empty()).ok();
    let ended = || Ok(child.try_wait()?.is_some());
    if wait_for_end(handle.as_ref(), ended, deadline).map_err(failed)? {
        let status = child.wait().map_err(failed)?;
        return Ok(Outcome {
            status,
            output: said(&mut output).map_err(failed)?,
            errors: said(&mut errors).map_err(failed)?,
        });
    }
    child.kill().and_then(|()| child.wait()).map_err(failed)?;
    Err(ServerError::Program {
        program: name.into(),
        said: "it did not end in time".into(),
    })
}

fn memory() -> io::Result<File> {
    Ok(memfd_create("pgsqlms", MemfdFlags::CLOEXEC)?.into())
}

fn said(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(MOST_SAID).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
