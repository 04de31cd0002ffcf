//! Reads the server's settings: from the server itself if it runs, else from its program, one by one. Judges
//! nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::outcome::{CheckResult, wrong};
use super::shell_words;
use crate::agent::local::conversation::Conversation;
use crate::agent::local::privileges::Account;
use crate::agent::local::{processes, programs, queries};
use crate::agent::ocf::parameters::Parameters;
use crate::base::Deadline;
use crate::postgres::{Inspection, Session};

/// Settings, read when they are needed.
#[derive(Debug)]
pub(super) struct AskedSettings<'a> {
    parameters: &'a Parameters,
    account: &'a Account,
    deadline: Deadline,
    /// The settings that were read already.
    known: RefCell<BTreeMap<String, String>>,
}

/// A row of the server's answer.
#[derive(Debug, Deserialize)]
struct AskedSetting {
    name: String,
    setting: String,
}

impl<'a> AskedSettings<'a> {
    /// Reads all settings of a running server; otherwise none yet.
    pub(super) fn read(
        conversation: &mut Conversation,
        parameters: &'a Parameters,
        account: &'a Account,
        deadline: Deadline,
    ) -> Self {
        let rows = processes::postmaster(&parameters.datadir).and_then(|postmaster| {
            // If the server does not answer in this time, its program is asked.
            let patience = queries::patience(deadline);
            let asked = conversation.ask(
                parameters,
                &postmaster.file,
                patience,
                &async |session: &mut Session| session.inspect(Inspection::Settings).await,
            );
            asked.ok()
        });
        let known = rows
            .iter()
            .flatten()
            .filter_map(|row| serde_json::from_str(row).ok())
            .map(|AskedSetting { name, setting }| (name, setting))
            .collect();
        Self {
            parameters,
            account,
            deadline,
            known: RefCell::new(known),
        }
    }

    /// Reads none yet: a server that may run is not asked.
    pub(super) fn of_files(
        parameters: &'a Parameters,
        account: &'a Account,
        deadline: Deadline,
    ) -> Self {
        Self {
            parameters,
            account,
            deadline,
            known: RefCell::default(),
        }
    }

    /// Returns the value of a setting.
    pub(super) fn get(&self, name: &str) -> CheckResult<String> {
        if let Some(value) = self.known.borrow().get(name) {
            return Ok(value.clone());
        }
        let value = self.asked_of_program(name)?;
        self.known
            .borrow_mut()
            .insert(name.to_owned(), value.clone());
        Ok(value)
    }

    /// Verifies that a setting has the expected value.
    pub(super) fn expect(&self, name: &str, expected: &str) -> CheckResult {
        let found = self.get(name)?;
        if found == expected {
            return Ok(());
        }
        Err(wrong(format!(
            "setting {name} is {found:?}; {expected:?} was expected"
        )))
    }

    /// Asks `postgres -C`, which prints one setting at a time (PostgreSQL manual, "postgres").
    fn asked_of_program(&self, name: &str) -> CheckResult<String> {
        let Parameters {
            bindir,
            pgdata,
            start_opts,
            ..
        } = self.parameters;
        let options = shell_words::split(start_opts).ok_or_else(|| {
            wrong(format!(
                "parameter start_opts is {start_opts:?}, which contains an unclosed quote"
            ))
        })?;
        let mut command = programs::program(bindir, "postgres", self.account);
        command.args(["-C", name, "-D"]).arg(pgdata).args(options);
        let asked = programs::run(command, "postgres -C", self.deadline);
        let outcome = asked.map_err(|error| wrong(error.to_string()))?;
        if outcome.status.success() {
            return Ok(outcome.printed.trim_end_matches('\n').into());
        }
        let with = match start_opts.as_str() {
            "" => String::new(),
            options => format!(" with parameter start_opts, {options:?},"),
        };
        Err(wrong(format!(
            "cannot read setting {name}: postgres -C{with} says {}",
            programs::said(&outcome)
        )))
    }
}
