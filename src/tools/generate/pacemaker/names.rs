//! The names of a resource and of its agent, in characters that are not special to a shell or in XML.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The name of a resource: an XML identifier in letters, digits, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceName(String);

/// A text that is not such a name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not a valid name of a resource: write up to 64 letters, digits, \"_\" and \"-\", a letter first"
)]
pub struct ResourceNameError(String);

/// An agent that can promote, as `ocf:PROVIDER:TYPE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent(String);

/// A text that is not the name of such an agent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not the name of an agent that can promote; write it as in ocf:pgsql-state:pgsqlms"
)]
pub struct AgentError(String);

impl ResourceName {
    /// The name in the guides of PAF.
    pub const DEFAULT: &str = "pgsqld";

    /// The name of its clone, as `pcs` forms it.
    pub(super) fn clone_name(&self) -> String {
        format!("{}-clone", self.0)
    }

    /// The name of the constraint that keeps it off a node whose primary has ended by itself.
    pub(super) fn rule_name(&self) -> String {
        format!("{}-died", self.0)
    }
}

impl Agent {
    /// The agent of this package; PAF's, `ocf:heartbeat:pgsqlms`, has the same parameters.
    pub const DEFAULT: &str = "ocf:pgsql-state:pgsqlms";
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
    fn names_without_special_characters_are_accepted() {
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
