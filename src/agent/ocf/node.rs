//! The name of a node of the cluster; knows nothing of what runs there.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

/// A node's name as Pacemaker knows it (`crm_node --name`). Names are compared as a whole and never searched for
/// in a text: a client that calls itself `db` is not the node `db1`. Most records are kept by node, so a copy of the name
/// shares it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(Arc<str>);

/// A text that cannot be a node's name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} cannot be the name of a node: it is empty, or contains a blank or a control character"
)]
pub struct NodeError(String);

impl Node {
    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl FromStr for Node {
    type Err = NodeError;

    fn from_str(name: &str) -> Result<Self, NodeError> {
        let is_odd = |c: char| c.is_whitespace() || c.is_control();
        if name.is_empty() || name.contains(is_odd) {
            return Err(NodeError(name.into()));
        }
        Ok(Self(name.into()))
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_blanks_is_accepted() {
        assert_eq!(
            "srv1.example".parse::<Node>().unwrap().name(),
            "srv1.example"
        );
        for wrong in ["", " ", "srv1 srv2", "srv1\n", "\u{1b}srv1"] {
            assert_eq!(wrong.parse::<Node>(), Err(NodeError(wrong.into())));
        }
    }
}
