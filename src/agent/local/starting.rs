//! Starts the server, as a standby and in no other way. Knows nothing of how it is asked.

use std::path::Path;
use std::time::Duration;

use super::conversation::Conversation;
use super::log::StartLog;
use super::polling::PollPace;
use super::privileges::Account;
use super::processes::RunningPostmaster;
use super::{evidence, files, marker, processes, programs, rejoin_mark, socket, stopping};
use crate::agent::actions::{ServerError, Shutdown};
use crate::agent::decide::state::{ServerState, judge};
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::base::program::RunningProgram;
use crate::base::system_clock::OnSystemClock;
use crate::health::PostmasterStatus;
use crate::postgres::recovery_target;

/// The program, and its name in sentences.
const PG_CTL: &str = "pg_ctl";

/// Starts it and waits until it accepts connections, or has nothing left to do but wait for a primary.
pub(super) fn start(
    conversation: &mut Conversation,
    parameters: &Parameters,
    account: &Account,
    resource: &str,
    deadline: Deadline,
) -> Result<(), ServerError> {
    let datadir = &parameters.datadir;
    let log = StartLog::of(resource, datadir);
    // A server that already runs comes from an interrupted start, and is only waited for: a marker in the
    // directory of a running primary would make it a standby at its next crash.
    let launched = match processes::postmaster(datadir) {
        Some(postmaster) => Launched {
            postmaster,
            waiting: None,
        },
        None => launch(parameters, account, &log, deadline)?,
    };
    let mut pace = PollPace::growing(Duration::from_millis(10), Duration::from_millis(100));
    loop {
        match judge(&evidence::collect(conversation, parameters, deadline)) {
            ServerState::Primary(_) => {
                return Err(failed(end_primary(&launched, datadir, deadline)));
            }
            ServerState::Standby(_) | ServerState::Pending => return Ok(()),
            ServerState::Starting
            | ServerState::Stopping
            | ServerState::Closed
            | ServerState::Silent
            | ServerState::Refusing(_)
            | ServerState::Stopped(_)
            | ServerState::Crashed(_)
            | ServerState::Unreadable
            | ServerState::Missing
            | ServerState::Elsewhere => {}
        }
        let status = processes::postmaster(datadir).and_then(|found| found.file.status);
        if status == Some(PostmasterStatus::Standby) {
            return Err(failed(
                "the server accepts no connections: hot_standby is off".into(),
            ));
        }
        if launched.postmaster.process.has_ended() {
            return Err(failed(format!(
                "the server has ended: {}",
                log.last_words()
            )));
        }
        if pace.pause(deadline).is_none() {
            return Err(failed(format!(
                "the server accepts no connections yet: {}",
                log.last_words()
            )));
        }
    }
}

/// A server that was started.
struct Launched {
    postmaster: RunningPostmaster,
    /// The program that has started it, and waits until it accepts connections, which may never happen; `None` if it
    /// ran before.
    waiting: Option<RunningProgram>,
}

/// Stops a server that was started as a standby and is a primary, and returns what happened. One that ran before is
/// left alone: somebody else has made it a primary.
fn end_primary(launched: &Launched, datadir: &Path, deadline: Deadline) -> String {
    let what = "the server has come up as a primary";
    if launched.waiting.is_none() {
        return what.into();
    }
    match stopping::stop(datadir, Shutdown::Hasty, deadline) {
        Ok(_) => format!("{what}, and was stopped"),
        Err(error) => format!("{what}, and cannot be stopped: {error}"),
    }
}

/// Returns the server's options: an administrator's own, and those that make it a standby in this directory whatever its
/// configuration says. Of two that set the same the last one counts, and both count for more than the files
/// (PostgreSQL manual, "Parameter Interaction via the Command Line"). `pg_ctl` passes them to a shell.
fn options(given: &str, datadir: &Path, major: u32) -> String {
    let mut options = String::from(given);
    for name in recovery_target::all(major) {
        options.push_str(" -c ");
        options.push_str(name);
        options.push('=');
    }
    options.push(' ');
    options.push_str(&processes::place_option(datadir));
    options
}

/// Starts a postmaster as a standby.
fn launch(
    parameters: &Parameters,
    account: &Account,
    log: &StartLog,
    deadline: Deadline,
) -> Result<Launched, ServerError> {
    let datadir = &parameters.datadir;
    rejoin_mark::refuse(datadir)?;
    stopping::sweep(datadir, deadline)?;
    socket::clear_lock_files(parameters)?;
    stopping::clear_pid_file(datadir)?;
    marker::write(parameters)?;
    let mut command = programs::program(&parameters.bindir, PG_CTL, account);
    command.arg("--pgdata").arg(&parameters.pgdata);
    // It gives up by itself a little before it would be killed.
    let seconds = deadline.left().as_secs().max(1).to_string();
    command.args(["-w", "--timeout", &seconds, "-l"]);
    command.arg(log.path());
    let options = options(&parameters.start_opts, datadir, files::major(datadir)?);
    command.args(["-o", &options, "start"]);
    let mut waiting = programs::begin(command, PG_CTL)?;
    let mut pace = PollPace::growing(Duration::from_millis(2), Duration::from_millis(50));
    loop {
        // Checked first: a server that has started when the program ends is found below.
        let has_ended = waiting.has_ended();
        if let Some(postmaster) = processes::postmaster(datadir) {
            return Ok(Launched {
                postmaster,
                waiting: Some(waiting),
            });
        }
        if has_ended || pace.pause(deadline).is_none() {
            break;
        }
    }
    Err(match programs::end(waiting, PG_CTL, deadline) {
        Ok(outcome) => failed(format!(
            "{}: {}",
            programs::said(&outcome),
            log.last_words()
        )),
        Err(ServerError::Program { program, said }) => ServerError::Program {
            program,
            said: format!("{said}: {}", log.last_words()),
        },
        Err(error) => error,
    })
}

fn failed(said: String) -> ServerError {
    ServerError::Program {
        program: PG_CTL.into(),
        said,
    }
}
