//! One session with the server for all questions of an action: a new one costs the server a process, and costs
//! us most of a monitor's time. Knows no question.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustix::process::RawPid;
use thiserror::Error;
use tokio::runtime::{Builder, Runtime};
use tokio::time;

use super::place::AgentLogin;
use super::privileges::Account;
use super::reaching;
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::postgres::{PidFile, Refusal, Session};

/// What is being said to the server.
#[derive(Debug)]
pub(super) struct Conversation {
    /// As whom.
    account: Option<Arc<Account>>,
    open: Option<OpenSession>,
}

#[derive(Debug)]
struct OpenSession {
    // Before the runtime, over which it says goodbye.
    session: Session,
    runtime: Runtime,
    /// The postmaster whose server it is with.
    postmaster: RawPid,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub(super) enum NoAnswer {
    /// The server gave none, or could not be reached.
    #[error(transparent)]
    Refused(Refusal),
    /// The deadline has passed.
    #[error("it said nothing in time")]
    Late,
    /// Nothing could be waited for.
    #[error("{0}")]
    NoRuntime(io::Error),
}

impl Conversation {
    /// None yet.
    pub(super) fn of(account: Option<Arc<Account>>) -> Self {
        Self {
            account,
            open: None,
        }
    }

    /// Has the next question be put over a new session.
    pub(super) fn end(&mut self) {
        self.open = None;
    }

    /// As whom a server is asked. What its user is called is asked for here, where a question is put at last; the
    /// parameter holds where nobody tells.
    pub(super) fn login(&self, parameters: &Parameters) -> AgentLogin {
        let account = self.account.as_ref();
        let role = account.map(|account| account.name().to_owned());
        AgentLogin {
            role: role.unwrap_or_else(|| parameters.system_user.clone()),
            home: account.and_then(|account| account.home().map(Path::to_owned)),
        }
    }

    /// Does something over a connection of its own, to whomever.
    pub(super) fn beside<T>(
        deadline: Deadline,
        work: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, NoAnswer> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(NoAnswer::NoRuntime)?;
        let done = runtime.block_on(async { time::timeout(deadline.left(), work).await });
        // A name that is being looked up would be waited for.
        runtime.shutdown_background();
        done.map_err(|_| NoAnswer::Late)?.map_err(NoAnswer::Refused)
    }

    /// Puts a question to the server of a postmaster, over the session that there is, or else a new one. One
    /// that is answered may be put twice: a session that has been ended meanwhile tells nothing of the server.
    pub(super) fn ask<T>(
        &mut self,
        parameters: &Parameters,
        file: &PidFile,
        deadline: Deadline,
        question: &impl AsyncFn(&mut Session) -> Result<T, Refusal>,
    ) -> Result<T, NoAnswer> {
        // What is given up half way leaves its answer in the session, which is then of no more use.
        if let Some(mut open) = self.open.take().filter(|open| open.postmaster == file.pid) {
            let asked = async { time::timeout(deadline.left(), question(&mut open.session)).await };
            match open.runtime.block_on(asked) {
                Ok(Ok(answer)) => {
                    self.open = Some(open);
                    return Ok(answer);
                }
                Ok(Err(refusal)) => tracing::debug!("a session is given up: {refusal}"),
                Err(_) => return Err(NoAnswer::Late),
            }
        }
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(NoAnswer::NoRuntime)?;
        let login = self.login(parameters);
        let begun = async {
            let mut session = reaching::session(parameters, &login, file, deadline).await?;
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
                // A name that is being looked up would be waited for.
                runtime.shutdown_background();
                Err(NoAnswer::Late)
            }
        }
    }
}
