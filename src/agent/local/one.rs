//! The server of one resource: which one it is, and as whom it is touched. Knows nothing of what is wanted of it.

use std::io;
use std::sync::Arc;

use super::conversation::Conversation;
use super::privileges::Account;
use super::processes::{self, Marks, OwnPostmaster};
use crate::agent::actions::ServerError;
use crate::agent::ocf::node::Node;
use crate::agent::ocf::parameters::Parameters;

/// A real server of PostgreSQL 10 to 18.
#[derive(Debug)]
pub struct Instance {
    pub(super) parameters: Parameters,
    resource: String,
    pub(super) account: Option<Arc<Account>>,
    pub(super) conversation: Conversation,
    /// The node that it runs on, if that was told.
    node: Option<Node>,
}

impl Instance {
    /// The server of a resource, by the resource's name, which is part of its log's. Nothing of it is touched
    /// yet. Whom its files belong to is its user, whatever the parameters or the system call it.
    #[must_use]
    pub fn new(parameters: Parameters, resource: &str) -> Self {
        let account = Account::of(&parameters.datadir, &parameters.system_user).map(Arc::new);
        Self {
            parameters,
            resource: resource.into(),
            conversation: Conversation::of(account.clone()),
            account,
            node: None,
        }
    }

    /// The same, known to run on a node: what was started on another one, whose processes are seen from here, is not
    /// its own.
    #[must_use]
    pub fn on(self, node: &Node) -> Self {
        Self {
            node: Some(node.clone()),
            ..self
        }
    }

    /// The resource's servers that work elsewhere than in the data directory.
    pub(super) fn elsewhere(&mut self) -> Vec<OwnPostmaster> {
        let datadir = &self.parameters.datadir;
        let marks = Marks {
            resource: &self.resource,
            node: self.node.as_ref(),
            directories: [Some(&self.parameters.pgdata), Some(datadir)],
        };
        let look = |user| processes::elsewhere(&marks, user, datadir);
        if let Some(account) = &self.account {
            let found = account.run(|| look(Some(account.uid())));
            return found.unwrap_or_default();
        }
        let found = look(None);
        // Nobody tells whose server it is, so it is that of the one who runs it.
        let user = &self.parameters.system_user;
        let account = found.first();
        let account = account.map(|own| Arc::new(Account::of_process(own.uid, own.gid, user)));
        self.account = account;
        found
    }

    /// Does something as the server's user.
    pub(super) fn inside<T: Send>(
        &mut self,
        work: impl FnOnce(&mut AsServerUser<'_>) -> Result<T, ServerError> + Send,
    ) -> Result<T, ServerError> {
        let user = &self.parameters.system_user;
        let failed = |error: io::Error| ServerError::File {
            what: format!("nothing can be done as the user {user}"),
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

/// What the server's user works with.
pub(super) struct AsServerUser<'a> {
    pub(super) parameters: &'a Parameters,
    pub(super) resource: &'a str,
    pub(super) account: &'a Account,
    pub(super) conversation: &'a mut Conversation,
}
