//! Makes a standby a primary. Knows nothing of the decision.

use std::time::Duration;

use super::conversation::Conversation;
use super::log::StartLog;
use super::polling::PollPace;
use super::privileges::Account;
use super::{evidence, files, processes, programs};
use crate::agent::actions::ServerError;
use crate::agent::decide::state::{ServerState, judge};
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::postgres::control::ClusterState;

const PG_CTL: &str = "pg_ctl";

/// The interval between two observations: the wait for a promotion is part of every outage.
const STEP: Duration = Duration::from_millis(20);

/// Promotes the server and waits until it is a primary. `pg_ctl` does it in the same way for all versions, and even if
/// no connection slot is left; its own wait has steps of a tenth of a second, so it is told not to wait.
pub(super) fn promote(
    conversation: &mut Conversation,
    parameters: &Parameters,
    account: &Account,
    resource: &str,
    deadline: Deadline,
) -> Result<(), ServerError> {
    let datadir = &parameters.datadir;
    let log = StartLog::of(resource, datadir);
    let failed = |said: String| ServerError::Program {
        program: PG_CTL.into(),
        said,
    };
    let Some(postmaster) = processes::postmaster(datadir) else {
        return Err(failed(format!("no server runs in {}", datadir.display())));
    };
    let mut command = programs::program(&parameters.bindir, PG_CTL, account);
    // It looks for files that only the data directory has.
    command.arg("--pgdata").arg(datadir);
    command.args(["-W", "promote"]);
    let outcome = programs::run(command, PG_CTL, deadline)?;
    if !outcome.status.success() && !is_in_production(parameters) {
        return Err(failed(programs::said(&outcome)));
    }
    let mut pace = PollPace::every(STEP);
    loop {
        if is_in_production(parameters)
            && let ServerState::Primary(_) =
                judge(&evidence::collect(conversation, parameters, deadline))
        {
            return Ok(());
        }
        if postmaster.process.has_ended() {
            return Err(failed(format!(
                "the server has ended meanwhile: {}",
                log.last_words()
            )));
        }
        pace.pause(deadline)
            .ok_or(ServerError::Late("the promotion"))?;
    }
}

fn is_in_production(parameters: &Parameters) -> bool {
    let control = files::control(&parameters.datadir);
    control.is_ok_and(|control| control.state == ClusterState::Production)
}
