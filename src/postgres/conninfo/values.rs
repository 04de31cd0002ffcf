//! What was written where: the settings of a connection string before those of a service, and these before the
//! environment's; knows which keywords exist, not what their values mean.

use super::environment::Environment;
use super::error::{SettingPlace, TargetError};
use super::given::Given;
use super::keyword::{Keyword, Treatment};
use super::service::{self, FoundService, Service};

/// A value and where it was written.
pub(super) struct Value {
    pub(super) text: String,
    pub(super) place: SettingPlace,
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
            place: self.place.clone(),
            value: self.text.clone(),
            expected: expected.into(),
        }
    }

    pub(super) fn refused(&self, why: &'static str) -> TargetError {
        TargetError::Refused {
            place: self.place.clone(),
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
    pub(super) fn new(given: Given, environment: &Environment<'a>) -> Result<Self, TargetError> {
        let values = Self {
            service: service::find(&given, environment)?,
            given,
            variable: environment.variable,
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
                place: SettingPlace::Conninfo(keyword),
            });
        }
        if let Some(FoundService { values, file }) = &self.service
            && let Some(text) = values.get(&keyword)
        {
            return Some(Value {
                text: text.clone(),
                place: SettingPlace::Service(keyword, file.clone()),
            });
        }
        let name = keyword.variable()?;
        Some(Value {
            text: (self.variable)(name)?,
            place: SettingPlace::Variable(name),
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
