//! Parses what a connection string says; knows which keywords exist, not what their values mean.

use std::collections::BTreeMap;

use super::error::TargetError;
use super::keyword::{Keyword, Secrecy};

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
