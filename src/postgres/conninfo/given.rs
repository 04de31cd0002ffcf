//! Looks values up in the order of precedence: connection string, service, environment; knows which keywords exist, not
//! what their values mean.

use std::collections::BTreeMap;

use super::Environment;
use super::error::{TargetError, Written};
use super::keyword::{Keyword, Secrecy, Treatment};
use super::service::{self, FoundService, Service};

/// The settings of one connection string, the last of each keyword. Not `Debug`, because one is a password.
#[derive(Default)]
pub(super) struct Given(BTreeMap<Keyword, String>);

impl Given {
    /// Stores `name=value`, replacing an earlier value.
    ///
    /// `requiressl` is libpq's old spelling of `sslmode` (`conninfo_storeval` in `fe-connect.c`).
    pub(super) fn store(&mut self, name: &str, value: String) -> Result<(), TargetError> {
        if name == "requiressl" {
            let mode = if value.starts_with('1') {
                "require"
            } else {
                "prefer"
            };
            self.insert(Keyword::SslMode, mode.into());
            return Ok(());
        }
        let keyword = Keyword::named(name).ok_or_else(|| self.unknown(name))?;
        self.insert(keyword, value);
        Ok(())
    }

    /// Stores a value, replacing an earlier one.
    pub(super) fn insert(&mut self, keyword: Keyword, value: String) {
        self.0.insert(keyword, value);
    }

    /// Returns the value of a keyword, also an empty one.
    pub(super) fn get(&self, keyword: Keyword) -> Option<&str> {
        self.0.get(&keyword).map(String::as_str)
    }

    /// Returns the stored values.
    pub(super) fn into_values(self) -> BTreeMap<Keyword, String> {
        self.0
    }

    #[cfg(test)]
    pub(super) fn pairs(&self) -> Vec<(&'static str, &str)> {
        self.0
            .iter()
            .map(|(keyword, value)| (keyword.name(), value.as_str()))
            .collect()
    }

    fn unknown(&self, name: &str) -> TargetError {
        let behind_a_secret = self.0.keys().any(|k| k.secrecy() == Secrecy::Secret);
        TargetError::UnknownKeyword {
            shown: (!behind_a_secret).then(|| name.into()),
            nearest: Keyword::nearest(name),
        }
    }
}

/// A value and where it was written.
pub(super) struct Value {
    pub(super) text: String,
    pub(super) written: Written,
}

impl Value {
    /// Returns the choice of this name, in libpq's spelling.
    pub(super) fn one_of<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, TargetError> {
        choices
            .iter()
            .find(|(name, _)| *name == self.text)
            .map(|(_, choice)| *choice)
            .ok_or_else(|| {
                let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
                self.invalid(&format!("one of {}", names.join(", ")))
            })
    }

    /// Returns the choice of this name, in upper or lower case.
    pub(super) fn one_of_any_case<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, TargetError> {
        let found = choices
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(&self.text));
        match found {
            Some((_, choice)) => Ok(*choice),
            None => self.one_of(choices),
        }
    }

    /// Returns the error that says what was expected. It quotes the value: not for passwords.
    pub(super) fn invalid(&self, expected: &str) -> TargetError {
        TargetError::Invalid {
            written: self.written.clone(),
            value: self.text.clone(),
            expected: expected.into(),
        }
    }

    pub(super) fn refused(&self, why: &'static str) -> TargetError {
        TargetError::Refused {
            written: self.written.clone(),
            why,
        }
    }
}

/// The values of a connection string, of its service and of the environment, in this order of precedence.
pub(super) struct Values<'a> {
    given: Given,
    service: Option<FoundService>,
    variable: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Values<'a> {
    /// Looks up the service, and refuses settings that cannot be honoured, wherever they are written.
    pub(super) fn new(given: Given, surroundings: &Environment<'a>) -> Result<Self, TargetError> {
        let values = Self {
            service: service::find(&given, surroundings)?,
            given,
            variable: surroundings.variable,
        };
        for keyword in Keyword::ALL {
            match keyword.treatment() {
                Treatment::Read | Treatment::NoEffect => {}
                Treatment::Only(accepted, why) => {
                    if let Some(value) = values.text(*keyword)
                        && !accepted.iter().any(|a| a.eq_ignore_ascii_case(&value.text))
                    {
                        return Err(value.refused(why));
                    }
                }
                Treatment::OneOf(accepted, refused, why) => {
                    let Some(value) = values.find(*keyword) else {
                        continue;
                    };
                    let choices = accepted.iter().map(|it| (*it, true));
                    let choices = choices.chain(refused.iter().map(|it| (*it, false)));
                    if !value.one_of(&choices.collect::<Vec<_>>())? {
                        return Err(value.refused(why));
                    }
                }
            }
        }
        Ok(values)
    }

    /// Returns the service, if one is named.
    pub(super) fn service(&self) -> Option<Service> {
        self.service.as_ref().map(FoundService::service)
    }

    /// Returns the value of a keyword, also an empty one: as in libpq, an empty value hides those of lower precedence.
    pub(super) fn find(&self, keyword: Keyword) -> Option<Value> {
        if let Some(text) = self.given.get(keyword) {
            return Some(Value {
                text: text.into(),
                written: Written::Conninfo(keyword),
            });
        }
        if let Some(FoundService { values, file }) = &self.service
            && let Some(text) = values.get(&keyword)
        {
            return Some(Value {
                text: text.clone(),
                written: Written::Service(keyword, file.clone()),
            });
        }
        let name = keyword.variable()?;
        Some(Value {
            text: (self.variable)(name)?,
            written: Written::Variable(name),
        })
    }

    /// Returns the value of a keyword unless it is empty, which means libpq's default for most keywords.
    pub(super) fn text(&self, keyword: Keyword) -> Option<Value> {
        self.find(keyword).filter(|value| !value.text.is_empty())
    }

    /// Returns a variable that belongs to no keyword.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name)
    }
}
