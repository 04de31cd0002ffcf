//! The name of a network interface; looks none up.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A name of at most 15 characters (`IFNAMSIZ` of Linux), none of which is special in keepalived's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface(String);

/// A text that is not such a name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not a valid name of an interface: write up to 15 letters, digits, \"_\", \"-\" and \".\""
)]
pub struct InterfaceError(String);

impl FromStr for Interface {
    type Err = InterfaceError;

    fn from_str(text: &str) -> Result<Self, InterfaceError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || ['_', '-', '.'].contains(&c);
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if begins && text.len() <= 15 && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InterfaceError(text.escape_debug().to_string()))
        }
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
