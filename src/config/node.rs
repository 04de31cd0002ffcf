//! Parses a node as written in the configuration or on a command line.

use std::str::FromStr;

use thiserror::Error;

use super::model::ClusterNode;
use super::problem::quote;

/// Longest host name in bytes (`gethostname(2)` of Linux).
const LONGEST_NAME: usize = 64;

/// Why a text does not describe a node.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClusterNodeError {
    /// There is no `=` between name and address.
    #[error("{} is not a name and an address", quote(.0))]
    Pair(String),
    /// The name cannot be a host's.
    #[error("{} is not a host name", quote(.0))]
    Name(String),
    /// The address is not an IP address.
    #[error("{} is not an IP address", quote(.0))]
    Address(String),
}

impl ClusterNodeError {
    /// Returns what would be right.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Pair(_) => "write both, as in srv1=10.20.30.51",
            Self::Name(_) => "write letters, digits, \"-\", \"_\" or \".\"",
            Self::Address(_) => "write an address: names are not resolved here",
        }
    }
}

impl ClusterNode {
    /// Returns the node with this name and this address, if both are valid.
    pub fn parse(name: &str, address: &str) -> Result<Self, ClusterNodeError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&c);
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(fits) {
            return Err(ClusterNodeError::Name(name.to_owned()));
        }
        let parsed = address.parse();
        Ok(Self {
            name: name.to_owned(),
            address: parsed.map_err(|_| ClusterNodeError::Address(address.to_owned()))?,
        })
    }
}

/// Parses a node as a command line has it: `srv1=10.20.30.51`.
impl FromStr for ClusterNode {
    type Err = ClusterNodeError;

    fn from_str(text: &str) -> Result<Self, ClusterNodeError> {
        let pair = text.split_once('=');
        let (name, address) = pair.ok_or_else(|| ClusterNodeError::Pair(text.to_owned()))?;
        Self::parse(name, address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_a_name_and_an_address() {
        for text in ["srv1=10.20.30.51", "a.b-c_d=2001:db8::1"] {
            let node: ClusterNode = text.parse().unwrap();
            assert_eq!(format!("{}={}", node.name, node.address), text);
        }
    }

    #[test]
    fn a_text_that_is_not_a_node_is_quoted() {
        let long = "x".repeat(65);
        for (text, said) in [
            ("srv1", "\"srv1\" is not a name and an address"),
            ("=10.0.0.1", "\"\" is not a host name"),
            ("s v=10.0.0.1", "\"s v\" is not a host name"),
            ("s:v=10.0.0.1", "\"s:v\" is not a host name"),
            ("srv1=", "\"\" is not an IP address"),
            ("srv1=srv1", "\"srv1\" is not an IP address"),
            (
                "srv1=10.0.0.1:5432",
                "\"10.0.0.1:5432\" is not an IP address",
            ),
        ] {
            let error = text.parse::<ClusterNode>().unwrap_err();
            assert_eq!(error.to_string(), said);
        }
        assert!(ClusterNode::parse(&long, "::1").is_err());
    }
}
