//! One session with the server for all questions of an action: a new session costs the server a process, and
//! the agent most of a monitor's time. Knows no question.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustix::process::RawPid;
use thiserror::Error;
use tokio::runtime::{Builder, Runtime};
use tokio::time;

use super::connect;
use super::privileges::Account;
use super::server_address::AgentLogin;
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::postgres::{PidFile, Refusal, Session};

/// The session with the server.
#[derive(Debug)]
pub(super) struct Conversation {
    /// The user as whom the agent connects.
    account: Option<Arc<Account>>,
    open: Option<OpenSession>,
}

#[derive(Debug)]
struct OpenSession {
    // Before the runtime, which the session needs to terminate.
    session: Session,
    runtime: Runtime,
    /// The process ID of the server's postmaster.
    postmaster: RawPid,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub(super) enum NoAnswer {
    /// The server refused, or could not be reached.
    #[error(transparent)]
    Refused(Refusal),
    /// The deadline has passed.
    #[error("it did not answer in time")]
    Late,
    /// No runtime could be created to wait with.
    #[error("{0}")]
    NoRuntime(io::Error),
}

impl Conversation {
    /// Creates a conversation without a session.
    pub(super) fn of(account: Option<Arc<Account>>) -> Self {
        Self {
            account,
            open: None,
        }
    }

    /// Ends the session, so that the next question opens a new one.
    pub(super) fn end(&mut self) {
        self.open = None;
    }

    /// Returns as whom a server is asked. The user's name is looked up only here, when a question is asked; if there is
    /// no account, the parameter applies.
    pub(super) fn login(&self, parameters: &Parameters) -> AgentLogin {
        let account = self.account.as_ref();
        let role = account.map(|account| account.name().to_owned());
        AgentLogin {
            role: role.unwrap_or_else(|| parameters.system_user.clone()),
            home: account.and_then(|account| account.home().map(Path::to_owned)),
        }
    }

    /// Runs an operation over a connection of its own, to any server.
    pub(super) fn beside<T>(
        deadline: Deadline,
        work: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, NoAnswer> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(NoAnswer::NoRuntime)?;
        let done = runtime.block_on(async { time::timeout(deadline.left(), work).await });
        // Without this, dropping the runtime would wait for a name lookup.
        runtime.shutdown_background();
        done.map_err(|_| NoAnswer::Late)?.map_err(NoAnswer::Refused)
    }

    /// Asks the server of a postmaster a question, over the open session or else a new one. A question may be asked
    /// twice: a session that was terminated meanwhile says nothing of the server.
    pub(super) fn ask<T>(
        &mut self,
        parameters: &Parameters,
        file: &PidFile,
        deadline: Deadline,
        question: &impl AsyncFn(&mut Session) -> Result<T, Refusal>,
    ) -> Result<T, NoAnswer> {
        // An interrupted question leaves its answer in the session, which is unusable then.
        if let Some(mut open) = self.open.take().filter(|open| open.postmaster == file.pid) {
            let asked = async { time::timeout(deadline.left(), question(&mut open.session)).await };
            match open.runtime.block_on(asked) {
                Ok(Ok(answer)) => {
                    self.open = Some(open);
                    return Ok(answer);
                }
                Ok(Err(refusal)) => tracing::debug!("the session is closed: {refusal}"),
                Err(_) => return Err(NoAnswer::Late),
            }
        }
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(NoAnswer::NoRuntime)?;
        let login = self.login(parameters);
        let begun = async {
            let mut session = connect::session(parameters, &login, file, deadline).await?;
            let answer = question(&mut session).await?;
            Ok((session, answer))
        };
        match runtime.block_on(async { time::timeout(deadline.left(), begun).await }) {
            Ok(Ok((session, answer))) => {
                let postmaster = file.pid;
                self.open = Some(OpenSession {
                    session,
                    runtime,
                    postmaster,
                });
                Ok(answer)
            }
            Ok(Err(refusal)) => Err(NoAnswer::Refused(refusal)),
            Err(_) => {
                // Without this, dropping the runtime would wait for a name lookup.
                runtime.shutdown_background();
                Err(NoAnswer::Late)
            }
        }
    }
}
