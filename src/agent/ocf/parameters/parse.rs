//! Parses variables into parameters, or into an error that says which of them is wrong. Reads no
//! environment: callers pass the variables as a map.

use std::collections::BTreeMap;

use thiserror::Error;

use super::Parameters;
use super::table::{Content, Declaration, Default, PARAMETERS};
use crate::agent::ocf::code::Code;
use crate::base::units::Bytes;

/// The prefix of a parameter's variable.
const PREFIX: &str = "OCF_RESKEY_";

/// A parameter with an invalid value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("parameter {name} is {found:?}; {expected} was expected")]
pub struct ParameterError {
    name: &'static str,
    found: String,
    expected: &'static str,
}

impl ParameterError {
    /// Returns the exit status of an action that cannot go on without the parameter. The cluster keeps the resource
    /// off this node, and goes on. A fatal status would stop healthy servers because of a misspelt value.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::Args
    }
}

/// Parameters with which a lenient action can go on, and the errors of those that are wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lenient {
    /// All parameters; those that are wrong have their default values.
    pub parameters: Parameters,
    /// The errors of the wrong parameters.
    pub wrong: Vec<ParameterError>,
}

impl Parameters {
    /// Parses the variables of an environment, and ignores all others. A variable that is empty or `0` counts as not
    /// set, as in PAF.
    pub fn parse(environment: &BTreeMap<String, String>) -> Result<Self, ParameterError> {
        let Lenient { parameters, wrong } = Self::parse_leniently(environment)?;
        wrong.into_iter().next().map_or(Ok(parameters), Err)
    }

    /// Parses the parameters of a server that already runs: the cluster must not treat a misspelt value as a failure of
    /// the server. Only the parameters that identify the server have to be valid.
    pub fn parse_leniently(
        environment: &BTreeMap<String, String>,
    ) -> Result<Lenient, ParameterError> {
        let [
            system_user,
            bindir,
            pgdata,
            datadir,
            pghost,
            pgport,
            maxlag,
            recovery_template,
            start_opts,
        ] = &PARAMETERS;
        let values = ParameterValues { environment };
        let pgdata = values.essential(pgdata, "")?;
        let mut wrong = Vec::new();
        let mut or_default = |declared| values.or_default(declared, &pgdata, &mut wrong, text);
        let parameters = Self {
            system_user: or_default(system_user)?,
            bindir: or_default(bindir)?.into(),
            datadir: values.essential(datadir, &pgdata)?.into(),
            pghost: or_default(pghost)?,
            recovery_template: or_default(recovery_template)?.into(),
            start_opts: or_default(start_opts)?,
            pgport: values.or_default(pgport, &pgdata, &mut wrong, |port| {
                port.parse().ok().filter(|port| *port != 0)
            })?,
            maxlag: values.or_default(maxlag, &pgdata, &mut wrong, |most| {
                let most = most.parse().ok()?;
                Some((most != 0).then_some(Bytes(most)))
            })?,
            pgdata: pgdata.into(),
        };
        Ok(Lenient { parameters, wrong })
    }
}

#[derive(Clone, Copy, Debug)]
struct ParameterValues<'a> {
    environment: &'a BTreeMap<String, String>,
}

impl ParameterValues<'_> {
    /// Returns the value of a parameter, or its default.
    fn get(self, declared: &Declaration, pgdata: &str) -> String {
        let set = self.environment.get(&[PREFIX, declared.name].concat());
        let set = set.filter(|value| !value.is_empty() && *value != "0");
        set.cloned().unwrap_or_else(|| default(declared, pgdata))
    }

    /// Reads a parameter that every action needs.
    fn essential(self, declared: &Declaration, pgdata: &str) -> Result<String, ParameterError> {
        read(declared, self.get(declared, pgdata), text)
    }

    /// Reads a parameter, or its default if its value is wrong.
    fn or_default<T>(
        self,
        declared: &Declaration,
        pgdata: &str,
        wrong: &mut Vec<ParameterError>,
        accept: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ParameterError> {
        read(declared, self.get(declared, pgdata), &accept).or_else(|error| {
            wrong.push(error);
            read(declared, default(declared, pgdata), &accept)
        })
    }
}

fn default(declared: &Declaration, pgdata: &str) -> String {
    match declared.default {
        Default::Is(value) => value.into(),
        Default::Pgdata(behind) => [pgdata, behind].concat(),
    }
}

/// Reads a value, if it is valid.
fn read<T>(
    declared: &Declaration,
    value: String,
    accept: impl Fn(&str) -> Option<T>,
) -> Result<T, ParameterError> {
    let valid = Some(&value).filter(|value| is_valid(declared.content, value));
    let accepted = valid.and_then(|value| accept(value));
    accepted.ok_or_else(|| wrong(declared, value))
}

/// Accepts every text.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the same signature as the readers of numbers, which may refuse"
)]
fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

fn wrong(declared: &Declaration, found: String) -> ParameterError {
    ParameterError {
        name: declared.name,
        found,
        expected: declared.content.expected(),
    }
}

/// Returns whether a text is valid for this content; for a number, whether it has only digits. A value that was not
/// UTF-8 in the environment contains a replacement character.
fn is_valid(content: Content, value: &str) -> bool {
    let is_one_line = !value.contains(char::is_control);
    let is_text = !value.contains(char::REPLACEMENT_CHARACTER);
    is_one_line
        && is_text
        && match content {
            Content::User => !value.contains([' ', ':', '/']),
            Content::Path => value.starts_with('/'),
            Content::Host => value.starts_with('/') || !value.contains([' ', '/']),
            Content::Port | Content::Bytes => value.bytes().all(|byte| byte.is_ascii_digit()),
            Content::Options => true,
        }
}

#[cfg(test)]
mod tests;
