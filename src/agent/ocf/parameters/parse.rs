//! From variables to parameters, or to the sentence that says which of them is wrong. Knows no
//! environment: whoever does hands a map in.

use std::collections::BTreeMap;

use thiserror::Error;

use super::Parameters;
use super::table::{Content, Declaration, Default, PARAMETERS};
use crate::agent::ocf::code::Code;
use crate::base::units::Bytes;

/// What the variable of a parameter begins with.
const PREFIX: &str = "OCF_RESKEY_";

/// A parameter that has a value it cannot have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("parameter {name} is {found:?}; {expected} was expected")]
pub struct ParameterError {
    name: &'static str,
    found: String,
    expected: &'static str,
}

impl ParameterError {
    /// What an action ends with that cannot do without: the node is kept from the resource, and the
    /// cluster goes on. A status that is fatal would stop healthy servers for a mistake in writing.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::Args
    }
}

/// Parameters that an action can do with, and what is wrong with those it can do without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lenient {
    /// All of them, in the place of wrong ones what they are where they are not set.
    pub parameters: Parameters,
    /// The wrong ones.
    pub wrong: Vec<ParameterError>,
}

impl Parameters {
    /// Reads the variables of an environment, of which others are passed over. One that is empty is not
    /// set, nor is one that is `0`, as for PAF.
    pub fn parse(environment: &BTreeMap<String, String>) -> Result<Self, ParameterError> {
        let Lenient { parameters, wrong } = Self::parse_leniently(environment)?;
        wrong.into_iter().next().map_or(Ok(parameters), Err)
    }

    /// The same for a server that runs already, whose cluster must not take a mistake in writing for its
    /// failure: only which one it is has to be right.
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
    /// What a parameter is set to, or else what it is then.
    fn get(self, declared: &Declaration, pgdata: &str) -> String {
        let set = self.environment.get(&[PREFIX, declared.name].concat());
        let set = set.filter(|value| !value.is_empty() && *value != "0");
        set.cloned().unwrap_or_else(|| default(declared, pgdata))
    }

    /// A text that nothing can do without.
    fn essential(self, declared: &Declaration, pgdata: &str) -> Result<String, ParameterError> {
        read(declared, self.get(declared, pgdata), text)
    }

    /// A parameter, or what it is where it is not set if it is wrong.
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

/// Reads a value, if it can be one.
fn read<T>(
    declared: &Declaration,
    value: String,
    accept: impl Fn(&str) -> Option<T>,
) -> Result<T, ParameterError> {
    let valid = Some(&value).filter(|value| is_valid(declared.content, value));
    let accepted = valid.and_then(|value| accept(value));
    accepted.ok_or_else(|| wrong(declared, value))
}

/// Every text is one.
#[expect(
    clippy::unnecessary_wraps,
    reason = "numbers may be refused in its place"
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

/// Whether a text can be such a value; of a number, whether it is one. What was no text in the environment
/// has a replacement character in it.
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
