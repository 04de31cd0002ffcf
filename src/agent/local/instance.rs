//! The server of one resource: which one it is, and the user who owns it. Knows nothing of what an action does with it.

use std::io;
use std::sync::Arc;

use super::conversation::Conversation;
use super::owner::Foreign;
use super::privileges::Account;
use super::processes::{self, Marks, OwnPostmaster, RunningPostmaster, UnclearServer};
use crate::agent::actions::ServerError;
use crate::agent::ocf::node::Node;
use crate::agent::ocf::parameters::Parameters;

/// A server of PostgreSQL 12 to 18.
#[derive(Debug)]
pub struct Instance {
    pub(super) parameters: Parameters,
    pub(super) resource: String,
    pub(super) account: Option<Arc<Account>>,
    /// Why nothing in its data directory may be touched.
    foreign: Option<Foreign>,
    pub(super) conversation: Conversation,
    /// The node on which it runs, if that is known.
    pub(super) node: Option<Node>,
}

impl Instance {
    /// Creates the server of a resource. The resource's name is part of the name of its log. Nothing of the server is
    /// touched yet.
    #[must_use]
    pub fn new(parameters: Parameters, resource: &str) -> Self {
        let user = Account::of(&parameters.datadir, &parameters.system_user);
        let account = user.account.map(Arc::new);
        Self {
            foreign: user.foreign,
            parameters,
            resource: resource.into(),
            conversation: Conversation::of(account.clone()),
            account,
            node: None,
        }
    }

    /// Sets the node on which it runs: a server that was started on another node, and whose processes are visible here,
    /// is not its own.
    #[must_use]
    pub fn on(self, node: &Node) -> Self {
        Self {
            node: Some(node.clone()),
            ..self
        }
    }

    /// Returns the resource's servers that run in another directory than the data directory.
    pub(super) fn elsewhere(&mut self) -> Result<Vec<OwnPostmaster>, UnclearServer> {
        let Parameters {
            datadir, bindir, ..
        } = &self.parameters;
        let marks = Marks {
            resource: &self.resource,
            node: self.node.as_ref(),
            directories: [Some(&self.parameters.pgdata), Some(datadir)],
        };
        let look = |user| processes::elsewhere(&marks, user, datadir, bindir);
        if let Some(account) = &self.account {
            let found = account.run(|| look(Some(account.uid())));
            return found.unwrap_or_else(|_| Ok(Vec::new()));
        }
        let found = look(None)?;
        // Nothing else tells whose server it is, so it belongs to the user who runs it.
        let user = &self.parameters.system_user;
        let account = found.first();
        let account = account.map(|own| Arc::new(Account::of_process(own.uid, own.gid, user)));
        self.account = account;
        Ok(found)
    }

    /// Returns why nothing in the data directory may be touched, in a sentence.
    pub(super) fn foreign(&self) -> Option<String> {
        let foreign = self.foreign?;
        let Parameters {
            pgdata,
            datadir,
            system_user,
            ..
        } = &self.parameters;
        let name = if pgdata == datadir {
            "pgdata"
        } else {
            "datadir"
        };
        let path = datadir.display();
        Some(format!(
            "parameter {name} is {path}, which has to belong to {system_user}, the system_user: {foreign}"
        ))
    }

    /// Runs an operation in the data directory as the server's user.
    pub(super) fn inside<T: Send>(
        &mut self,
        work: impl FnOnce(&mut AsServerUser<'_>) -> Result<T, ServerError> + Send,
    ) -> Result<T, ServerError> {
        match self.foreign() {
            Some(foreign) => Err(ServerError::Unproven(foreign)),
            None => self.as_user(work),
        }
    }

    /// Runs an operation as the server's user.
    pub(super) fn as_user<T: Send>(
        &mut self,
        work: impl FnOnce(&mut AsServerUser<'_>) -> Result<T, ServerError> + Send,
    ) -> Result<T, ServerError> {
        let user = &self.parameters.system_user;
        let failed = |error: io::Error| ServerError::File {
            what: format!("cannot act as the user {user}"),
            cause: error.to_string(),
        };
        let Some(account) = &self.account else {
            return Err(failed(io::Error::other("there is no such user")));
        };
        let mut inside = AsServerUser {
            parameters: &self.parameters,
            resource: &self.resource,
            account,
            conversation: &mut self.conversation,
        };
        let done = account.run(|| work(&mut inside));
        done.map_err(failed)?
    }
}

/// What an operation gets that runs as the server's user.
pub(super) struct AsServerUser<'a> {
    pub(super) parameters: &'a Parameters,
    pub(super) resource: &'a str,
    pub(super) account: &'a Account,
    pub(super) conversation: &'a mut Conversation,
}

impl AsServerUser<'_> {
    /// Returns the running server that is to be asked a question.
    pub(super) fn running(&self, question: &'static str) -> Result<RunningPostmaster, ServerError> {
        let running = processes::postmaster(&self.parameters.datadir);
        running.ok_or_else(|| ServerError::Question {
            question,
            cause: "it does not run".into(),
        })
    }
}
