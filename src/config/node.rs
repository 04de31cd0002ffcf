//! A node as people write it, in the configuration and on a command line; knows no list of them.

use std::str::FromStr;

use thiserror::Error;

use super::model::ClusterNode;
use super::problem::quote;

/// Longest name of a host, as `gethostname(2)` of Linux has it.
const LONGEST_NAME: usize = 64;

/// Why a text describes no node.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClusterNodeError {
    /// It has no `=` between name and address.
    #[error("{} is no name and address", quote(.0))]
    Pair(String),
    /// The name could not be one of a host.
    #[error("{} is no name of a host", quote(.0))]
    Name(String),
    /// The address is none.
    #[error("{} is no IP address", quote(.0))]
    Address(String),
}

impl ClusterNodeError {
    /// What would be right.
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
    /// The node with this name and this address.
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

/// As a command line has it: `srv1=10.20.30.51`.
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
    fn what_is_none_is_quoted() {
        let long = "x".repeat(65);
        for (text, said) in [
            ("srv1", "\"srv1\" is no name and address"),
            ("=10.0.0.1", "\"\" is no name of a host"),
            ("s v=10.0.0.1", "\"s v\" is no name of a host"),
            ("s:v=10.0.0.1", "\"s:v\" is no name of a host"),
            ("srv1=", "\"\" is no IP address"),
            ("srv1=srv1", "\"srv1\" is no IP address"),
            ("srv1=10.0.0.1:5432", "\"10.0.0.1:5432\" is no IP address"),
        ] {
            let error = text.parse::<ClusterNode>().unwrap_err();
            assert_eq!(error.to_string(), said);
        }
        assert!(ClusterNode::parse(&long, "::1").is_err());
    }
}
