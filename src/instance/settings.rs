//! The server's settings: from the server itself where it runs, else from its program, one by one. Judges
//! nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::configuration::wrong;
use super::privileges::Account;
use super::{asking, processes, programs, words};
use crate::agent::parameters::Parameters;
use crate::postgres::Inspection;
use crate::recipes::{Deadline, server::Problem};

/// Settings, asked for when they are needed.
#[derive(Debug)]
pub(super) struct Settings<'a> {
    parameters: &'a Parameters,
    account: &'a Account,
    deadline: Deadline,
    /// What is known already.
    known: RefCell<BTreeMap<String, String>>,
}

/// All that a running server says, or none yet.
pub(super) fn read<'a>(
    parameters: &'a Parameters,
    account: &'a Account,
    deadline: Deadline,
) -> Settings<'a> {
    let known = processes::postmaster(&parameters.datadir).map(|postmaster| {
        // Its program is asked where it does not answer.
        let patience = deadline.within(deadline.left() / 2);
        let asked = asking::until(patience, async {
            let mut session = asking::session(parameters, &postmaster.file, patience).await?;
            session.inspect(Inspection::Settings).await
        });
        asking::answered("for its settings", asked)
    });
    let rows = known.and_then(Result::ok).unwrap_or_default();
    let known = rows.iter().filter_map(|row| setting(row)).collect();
    Settings {
        parameters,
        account,
        deadline,
        known: RefCell::new(known),
    }
}

/// A row's name and value.
fn setting(row: &str) -> Option<(String, String)> {
    let row: Value = serde_json::from_str(row).ok()?;
    let text = |key| Some(row.get(key)?.as_str()?.to_owned());
    Some((text("name")?, text("setting")?))
}

impl Settings<'_> {
    /// The value of one.
    pub(super) fn get(&self, name: &str) -> Result<String, Problem> {
        if let Some(value) = self.known.borrow().get(name) {
            return Ok(value.clone());
        }
        let value = self.asked_of_program(name)?;
        self.known
            .borrow_mut()
            .insert(name.to_owned(), value.clone());
        Ok(value)
    }

    /// Whether one has the value that it should have.
    pub(super) fn expect(&self, name: &str, expected: &str) -> Result<(), Problem> {
        let found = self.get(name)?;
        if found == expected {
            return Ok(());
        }
        Err(wrong(format!(
            "setting {name} is {found:?}; {expected:?} was expected"
        )))
    }

    /// `postgres -C` tells one at a time (PostgreSQL manual, "postgres").
    fn asked_of_program(&self, name: &str) -> Result<String, Problem> {
        let Parameters {
            bindir,
            pgdata,
            start_opts,
            ..
        } = self.parameters;
        let options = words::split(start_opts).ok_or_else(|| {
            wrong(format!(
                "parameter start_opts is {start_opts:?}, in which a quote is not closed"
            ))
        })?;
        let mut command = programs::program(bindir, "postgres", self.account);
        command.args(["-C", name, "-D"]).arg(pgdata).args(options);
        let asked = programs::run(command, "postgres -C", self.deadline);
        let outcome = asked.map_err(|error| wrong(error.to_string()))?;
        if outcome.status.success() {
            return Ok(outcome.output.trim_end_matches('\n').into());
        }
        Err(wrong(format!(
            "setting {name} is not known: postgres -C says {}",
            outcome.said()
        )))
    }
}
