//! The server of one resource, as what the recipes want. Knows nothing of how each thing is done.

use std::io;
use std::time::Duration;

use super::privileges::Account;
use super::{
    asking, configuration, files, position, processes, promoting, proof, starting, stopping,
};
use crate::agent::node::Node;
use crate::agent::parameters::Parameters;
use crate::agent::position::{Position, Traces};
use crate::agent::scores::Sender;
use crate::agent::state::{Answer, Evidence, Postmaster};
use crate::recipes::server::{Problem, Proof};
use crate::recipes::{Deadline, Force, Server, ServerError, Shutdown};
use crate::role::Lsn;

/// A real server of PostgreSQL 10 to 18.
#[derive(Clone, Debug)]
pub struct Instance {
    parameters: Parameters,
    resource: String,
    account: Option<Account>,
}

impl Instance {
    /// The server of a resource, by the resource's name, which is part of its log's. Nothing of it is touched
    /// yet.
    #[must_use]
    pub fn new(parameters: Parameters, resource: &str) -> Self {
        Self {
            account: Account::named(&parameters.system_user),
            parameters,
            resource: resource.into(),
        }
    }

    /// Does something as the server's user.
    fn inside<T: Send>(
        &self,
        work: impl FnOnce(&Parameters, &Account) -> Result<T, ServerError> + Send,
    ) -> Result<T, ServerError> {
        let user = &self.parameters.system_user;
        let failed = |error: io::Error| ServerError::File {
            what: format!("nothing can be done as the user {user}"),
            cause: error.to_string(),
        };
        let Some(account) = &self.account else {
            return Err(failed(io::Error::other("there is no such user")));
        };
        let done = account.run(|| work(&self.parameters, account));
        done.map_err(failed)?
    }
}

/// Everything that can be seen. The files come last: what a server writes while it is asked is in them, and one
/// that has ended writes no more.
fn look(parameters: &Parameters, deadline: Deadline) -> Evidence {
    let datadir = &parameters.datadir;
    let mut answer = Answer::NotAsked;
    let mut postmaster = Postmaster::Gone;
    if let Some(found) = processes::postmaster(datadir) {
        answer = asking::role(parameters, &found.file, deadline);
        // What it does now is what its refusal is to be understood by.
        postmaster = match processes::postmaster(datadir) {
            Some(found) => Postmaster::Runs(found.file.status),
            None => Postmaster::Gone,
        };
    }
    if postmaster == Postmaster::Gone {
        answer = Answer::NotAsked;
    }
    Evidence {
        files: files::look(datadir),
        postmaster,
        answer,
    }
}

impl Server for Instance {
    fn evidence(&mut self, deadline: Deadline) -> Evidence {
        let seen = self.inside(|parameters, _| Ok(look(parameters, deadline)));
        seen.unwrap_or_else(|error| {
            tracing::warn!("{error}");
            // Whether it runs is to be seen as anybody; what it says is not.
            look(&self.parameters, Deadline::after(Duration::ZERO))
        })
    }

    fn problem(&mut self, local: &Node, deadline: Deadline) -> Option<Problem> {
        let Some(account) = &self.account else {
            return Some(configuration::no_such_user(&self.parameters));
        };
        let parameters = &self.parameters;
        let found = account.run(|| configuration::problem(parameters, account, local, deadline));
        found.unwrap_or_else(|error| Some(configuration::not_that_user(parameters, &error)))
    }

    fn start(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        self.inside(|parameters, account| {
            starting::start(parameters, account, &self.resource, deadline)
        })
    }

    fn stop(&mut self, shutdown: Shutdown, deadline: Deadline) -> Result<Force, ServerError> {
        self.inside(|parameters, _| stopping::stop(&parameters.datadir, shutdown, deadline))
    }

    fn sweep(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        self.inside(|parameters, _| stopping::sweep(&parameters.datadir, deadline))
    }

    fn promote(&mut self, deadline: Deadline) -> Result<(), ServerError> {
        self.inside(|parameters, account| {
            promoting::promote(parameters, account, &self.resource, deadline)
        })
    }

    fn traces(&mut self, deadline: Deadline) -> Result<Traces, ServerError> {
        self.inside(|parameters, _| position::traces(parameters, deadline))
    }

    fn shutdown_checkpoint(&mut self, deadline: Deadline) -> Result<Option<Position>, ServerError> {
        self.inside(|parameters, _| position::shutdown_checkpoint(parameters, deadline))
    }

    fn system_identifier(&mut self) -> Result<u64, ServerError> {
        self.inside(|parameters, _| Ok(files::control(&parameters.datadir)?.system_identifier))
    }

    fn senders(&mut self, deadline: Deadline) -> Result<(Lsn, Vec<Sender>), ServerError> {
        self.inside(|parameters, _| {
            let running = processes::postmaster(&parameters.datadir);
            let running = running.ok_or_else(|| ServerError::Question {
                question: "who replicates from it",
                cause: "it does not run".into(),
            })?;
            asking::senders(parameters, &running.file, deadline)
        })
    }

    fn prove(&mut self, standby: &Node, deadline: Deadline) -> Result<Proof, ServerError> {
        self.inside(|parameters, _| proof::prove(parameters, standby, deadline))
    }
}
