//! The name of a user of the operating system; looks none up.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A name that `useradd(8)` accepts, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemUser(String);

/// A text that is not such a name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not a valid name of a user: write up to 32 lower-case letters, digits, \"_\" and \"-\", the first a letter or \"_\""
)]
pub struct UserError(String);

impl FromStr for SystemUser {
    type Err = UserError;

    fn from_str(text: &str) -> Result<Self, UserError> {
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
        let plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ['_', '-'].contains(&c);
        if begins && text.len() <= 32 && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(UserError(text.escape_debug().to_string()))
        }
    }
}

impl fmt::Display for SystemUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
