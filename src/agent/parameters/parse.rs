//! From variables to parameters, or to the sentence that says which of them is wrong. Knows no
//! environment: whoever does hands a map in.

use std::collections::BTreeMap;

use thiserror::Error;

use super::Parameters;
use super::table::{Content, Declaration, Default, PARAMETERS};
use crate::agent::code::Code;
use crate::units::Bytes;

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

impl Parameters {
    /// Reads the variables of an environment, of which others are passed over. One that is empty is not
    /// set, nor is one that is `0`, as for PAF.
    pub fn parse(environment: &BTreeMap<String, String>) -> Result<Self, ParameterError> {
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
        let values = Values { environment };
        let pgdata = values.text(pgdata, "")?;
        Ok(Self {
            system_user: values.text(system_user, &pgdata)?,
            bindir: values.text(bindir, &pgdata)?.into(),
            datadir: values.text(datadir, &pgdata)?.into(),
            pghost: values.text(pghost, &pgdata)?,
            pgport: values.number(pgport, |port| {
                u16::try_from(port).ok().filter(|port| *port != 0)
            })?,
            maxlag: values
                .number(maxlag, Some)
                .map(|most| (most != 0).then_some(Bytes(most)))?,
            recovery_template: values.text(recovery_template, &pgdata)?.into(),
            start_opts: values.text(start_opts, &pgdata)?,
            pgdata: pgdata.into(),
        })
    }
}

#[derive(Clone, Copy, Debug)]
struct Values<'a> {
    environment: &'a BTreeMap<String, String>,
}

impl Values<'_> {
    /// What a parameter is set to, or else what it is then.
    fn get(self, declared: &Declaration, pgdata: &str) -> String {
        let set = self.environment.get(&format!("{PREFIX}{}", declared.name));
        let set = set.filter(|value| !value.is_empty() && *value != "0");
        set.cloned().unwrap_or_else(|| match declared.default {
            Default::Is(value) => value.into(),
            Default::Pgdata(behind) => format!("{pgdata}{behind}"),
        })
    }

    /// A parameter that is a text.
    fn text(self, declared: &Declaration, pgdata: &str) -> Result<String, ParameterError> {
        let value = self.get(declared, pgdata);
        if is_valid(declared.content, &value) {
            Ok(value)
        } else {
            Err(wrong(declared, value))
        }
    }

    /// A parameter that is a number.
    fn number<T>(
        self,
        declared: &Declaration,
        accept: impl Fn(u64) -> Option<T>,
    ) -> Result<T, ParameterError> {
        let value = self.text(declared, "")?;
        let number = value.parse().ok().and_then(accept);
        number.ok_or_else(|| wrong(declared, value))
    }
}

fn wrong(declared: &Declaration, found: String) -> ParameterError {
    ParameterError {
        name: declared.name,
        found,
        expected: declared.content.expected(),
    }
}

/// Whether a text can be such a value; of a number, whether it is one.
fn is_valid(content: Content, value: &str) -> bool {
    let is_one_line = !value.contains(char::is_control);
    is_one_line
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
