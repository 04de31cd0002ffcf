//! Verifies that the server could be started and be part of the cluster, as it is installed and configured here.
//! Changes nothing.
//!
//! - `installed`: the directories and programs.
//! - `configured`: how the server would be started as a standby.
//! - `upstream`: the server that this standby would follow, and the name that it would use.
//! - `settings`: reads the server's settings.
//! - `outcome`: what a check finds.
//! - `words`, `list`: parse two small languages that administrators write.

mod configured;
mod installed;
mod list;
mod outcome;
mod settings;
mod shell_words;
mod upstream;

use std::io;
use std::path::Path;

use super::conversation::Conversation;
use super::privileges::Account;
use crate::agent::actions::ServerError;
use crate::agent::actions::server::ConfigurationProblem;
use crate::agent::ocf::node::Node;
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::postgres::conninfo::{Environment, ServiceFile};
use crate::postgres::service_file;
use outcome::missing;
use settings::AskedSettings;

/// Returns the first problem, if there is any.
pub(super) fn problem(
    conversation: &mut Conversation,
    parameters: &Parameters,
    account: &Account,
    local: &Node,
    deadline: Deadline,
) -> Option<ConfigurationProblem> {
    let mut checked = || {
        installed::check(parameters, account, deadline)?;
        let settings = AskedSettings::read(conversation, parameters, account, deadline);
        let conninfo = configured::check(parameters, &settings)?;
        let environment = Environment {
            // The environment in which the agent starts a server has none of libpq's variables.
            variable: &|_| None,
            service_file: &|path| {
                let read = account.run(|| service_file::read(path));
                read.unwrap_or_else(|error| ServiceFile::Unreadable(error.to_string()))
            },
            user: None,
            home: account.home().map(Path::to_owned),
        };
        upstream::check(&conninfo, &environment, local, || {
            settings.get("cluster_name")
        })
    };
    checked().err()
}

/// Returns the value of a setting, as the files of a server's configuration have it.
pub(super) fn configured(
    parameters: &Parameters,
    account: &Account,
    name: &str,
    deadline: Deadline,
) -> Result<String, ServerError> {
    let value = AskedSettings::of_files(parameters, account, deadline).get(name);
    value.map_err(|problem| ServerError::File {
        what: format!("setting {name}"),
        cause: problem.sentence,
    })
}

/// Returns the problem of a data directory that nobody may touch.
pub(super) fn foreign(sentence: String) -> ConfigurationProblem {
    outcome::wrong(sentence)
}

/// Returns the problem of a user who does not exist here.
pub(super) fn no_such_user(parameters: &Parameters) -> ConfigurationProblem {
    missing(format!(
        "parameter system_user is {:?}, and there is no such user on this node",
        parameters.system_user
    ))
}

/// Returns the problem of a user as whom the agent cannot act.
pub(super) fn not_that_user(parameters: &Parameters, error: &io::Error) -> ConfigurationProblem {
    missing(format!(
        "parameter system_user is {:?}, and the agent cannot act as that user: {error}",
        parameters.system_user
    ))
}
