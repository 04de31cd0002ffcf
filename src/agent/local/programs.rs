//! Runs the server's programs in a clean environment. Knows no program.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Command;

use super::credentials;
use super::privileges::Account;
use crate::agent::actions::ServerError;
use crate::base::Deadline;
use crate::base::program::{Ended, RunError, RunningProgram};
use crate::postgres::conninfo::Keyword;

/// Variables that would change what the programs do, in addition to those of libpq.
const MISLEADING: [&str; 6] = [
    "PGDATA",
    "PGCTLTIMEOUT",
    "PGLOCALEDIR",
    "PGSYSCONFDIR",
    "NOTIFY_SOCKET",
    "PG_GRANDPARENT_PID",
];

/// Returns the command of a server's program, as its user would run it.
pub(super) fn program(bindir: &Path, name: &str, account: &Account) -> Command {
    let mut command = Command::new(bindir.join(name));
    command
        .current_dir("/")
        .env("USER", account.name())
        .env("LOGNAME", account.name());
    match account.home() {
        Some(home) => command.env("HOME", home),
        // A program that needs the home directory asks the system, which may know it by then.
        None => command.env_remove("HOME"),
    };
    let variables = Keyword::ALL.iter().filter_map(|keyword| keyword.variable());
    for variable in variables.chain(MISLEADING) {
        command.env_remove(variable);
    }
    command
}

/// Runs a program to its end, or kills it at the deadline.
pub(super) fn run(
    command: Command,
    name: &'static str,
    deadline: Deadline,
) -> Result<Ended, ServerError> {
    end(begin(command, name)?, name, deadline)
}

/// Starts a program in the background; dropping the returned value kills it.
pub(super) fn begin(
    mut command: Command,
    name: &'static str,
) -> Result<RunningProgram, ServerError> {
    started(
        credentials::start(&mut command, RunningProgram::start),
        name,
    )
}

/// Starts a program in the background with a file as its standard input; dropping the returned value kills it.
pub(super) fn begin_with(
    mut command: Command,
    name: &'static str,
    input: File,
) -> Result<RunningProgram, ServerError> {
    let start = |command: &mut Command| RunningProgram::start_with(command, input);
    started(credentials::start(&mut command, start), name)
}

fn started(
    started: io::Result<Result<RunningProgram, RunError>>,
    name: &'static str,
) -> Result<RunningProgram, ServerError> {
    let started = started.unwrap_or_else(|error| Err(RunError::Start(error)));
    started.map_err(|error| failed(name, &error))
}

/// Waits for the end of a program in the background, or kills it at the deadline.
pub(super) fn end(
    running: RunningProgram,
    name: &'static str,
    deadline: Deadline,
) -> Result<Ended, ServerError> {
    running.end(deadline).map_err(|error| failed(name, &error))
}

fn failed(name: &'static str, error: &RunError) -> ServerError {
    ServerError::Program {
        program: name.into(),
        said: error.to_string(),
    }
}

/// Returns the output of a program in one line, for a sentence.
pub(super) fn said(ended: &Ended) -> String {
    let lines = ended.complaint.lines().chain(ended.printed.lines());
    let said: Vec<&str> = lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    if said.is_empty() {
        return ended.status.to_string();
    }
    said.join("; ")
}
