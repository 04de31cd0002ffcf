//! Starting the server, as a standby and nothing else. Knows nothing of how it is asked.

use std::time::Duration;

use super::conversation::Conversation;
use super::log::StartLog;
use super::privileges::Account;
use super::processes::Postmaster;
use super::waiting::Pace;
use super::{looking, marker, processes, programs, socket, stopping};
use crate::agent::parameters::Parameters;
use crate::agent::state::{State, judge};
use crate::recipes::{Deadline, ServerError};
use crate::role::PostmasterStatus;
use crate::system_clock::OnSystemClock;

/// The program, and what it is called in sentences.
const PG_CTL: &str = "pg_ctl";

/// Starts it and waits until it lets readers in.
pub(super) fn start(
    conversation: &mut Conversation,
    parameters: &Parameters,
    account: &Account,
    resource: &str,
    deadline: Deadline,
) -> Result<(), ServerError> {
    let datadir = &parameters.datadir;
    let log = StartLog::of(resource, datadir);
    // One that runs is on its way from a start that was broken off, and only waited for: a marker in the
    // directory of a running primary would make a standby of it at its next crash.
    let postmaster = match processes::postmaster(datadir) {
        Some(running) => running,
        None => launch(parameters, account, &log, deadline)?,
    };
    let mut pace = Pace::growing(Duration::from_millis(10), Duration::from_millis(100));
    loop {
        match judge(&looking::look(conversation, parameters, deadline)) {
            State::Primary(_) => {
                return Err(failed("the server has come up as a primary".into()));
            }
            State::Standby(_) => return Ok(()),
            State::Starting
            | State::Stopping
            | State::Closed
            | State::Silent
            | State::Refusing(_)
            | State::Stopped(_)
            | State::Crashed(_)
            | State::Unreadable
            | State::Missing
            | State::Elsewhere => {}
        }
        let status = processes::postmaster(datadir).and_then(|found| found.file.status);
        if status == Some(PostmasterStatus::Standby) {
            return Err(failed(
                "the server lets no readers in: hot_standby is off".into(),
            ));
        }
        if postmaster.process.has_ended() {
            return Err(failed(format!(
                "the server has ended: {}",
                log.last_words()
            )));
        }
        if pace.pause(deadline).is_none() {
            return Err(failed(format!(
                "the server lets nobody in yet: {}",
                log.last_words()
            )));
        }
    }
}

/// Has a postmaster started as a standby's.
fn launch(
    parameters: &Parameters,
    account: &Account,
    log: &StartLog,
    deadline: Deadline,
) -> Result<Postmaster, ServerError> {
    let datadir = &parameters.datadir;
    stopping::sweep(datadir, deadline)?;
    socket::clear_lock_files(parameters)?;
    stopping::clear_pid_file(datadir)?;
    marker::write(parameters)?;
    let mut command = programs::program(&parameters.bindir, PG_CTL, account);
    command.arg("--pgdata").arg(&parameters.pgdata);
    // It gives up itself a little before it is ended.
    let seconds = deadline.left().as_secs().max(1).to_string();
    command.args(["-w", "--timeout", &seconds, "-l"]);
    command.arg(log.path());
    if !parameters.start_opts.is_empty() {
        command.args(["-o", &parameters.start_opts]);
    }
    command.arg("start");
    let ended = programs::run(command, PG_CTL, deadline);
    processes::postmaster(datadir).ok_or_else(|| match ended {
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
