//! What a resource and its agent are called, in characters that mean nothing to a shell or to XML.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The name of a resource: an XML identifier in letters, digits, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceName(String);

/// A text is no such name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is no name of a resource: up to 64 letters, digits, \"_\" and \"-\", a letter first"
)]
pub struct ResourceNameError(String);

/// An agent that can promote, as `ocf:PROVIDER:TYPE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent(String);

/// A text names no such agent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" names no agent that can promote; write one as in ocf:pgsql-state:pgsqlms")]
pub struct AgentError(String);

impl ResourceName {
    /// As the guides of PAF have it.
    pub const USUAL: &str = "pgsqld";

    /// What its clone is called, as `pcs` calls it.
    pub(super) fn clone_name(&self) -> String {
        format!("{}-clone", self.0)
    }
}

impl Agent {
    /// The one of this package; PAF's, `ocf:heartbeat:pgsqlms`, has the same parameters.
    pub const USUAL: &str = "ocf:pgsql-state:pgsqlms";
}

fn is_plain(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || ['_', '-'].contains(&c);
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(plain)
}

impl FromStr for ResourceName {
    type Err = ResourceNameError;

    fn from_str(text: &str) -> Result<Self, ResourceNameError> {
        if is_plain(text) && text.len() <= 64 {
            Ok(Self(text.to_owned()))
        } else {
            Err(ResourceNameError(text.escape_debug().to_string()))
        }
    }
}

impl FromStr for Agent {
    type Err = AgentError;

    fn from_str(text: &str) -> Result<Self, AgentError> {
        let mut parts = text.split(':');
        let found = [parts.next(), parts.next(), parts.next(), parts.next()];
        match found {
            [Some("ocf"), Some(provider), Some(kind), None]
                if is_plain(provider) && is_plain(kind) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(AgentError(text.escape_debug().to_string())),
        }
    }
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_nothing_else_are_taken() {
        assert!("pgsqld".parse::<ResourceName>().is_ok());
        assert!("ocf:pgsql-state:pgsqlms".parse::<Agent>().is_ok());
        for name in ["", "1a", "a b", "a;b", "$a", "a.b", "-f"] {
            assert!(name.parse::<ResourceName>().is_err(), "{name}");
        }
        for name in [
            "",
            "pgsqlms",
            "systemd:a:b",
            "ocf:a",
            "ocf:a:b:c",
            "ocf:a:b;c",
            "ocf::b",
        ] {
            assert!(name.parse::<Agent>().is_err(), "{name}");
        }
    }
}
