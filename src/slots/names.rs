//! The names of the slots of a cluster's nodes. Knows no server.

use std::str::FromStr;

use thiserror::Error;

pub use crate::postgres::slot_name::{SlotName, SlotNameError};

/// How the names of all slots of nodes begin. A slot with this beginning is this program's to drop, so the prefix is not
/// empty.
///
/// With `SLOT_`, where `SLOT` is the parameter `replication_slot_name` of the resource agent `pgsql`, the names are those
/// that this agent makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotPrefix(SlotName);

/// Why nodes have no slots of their own.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SlotNamesError {
    /// The name does not fit.
    #[error("the slot of \"{node}\" would be called {name}, which has more than 63 characters")]
    TooLong {
        /// The node.
        node: String,
        /// The name.
        name: String,
    },
    /// Two nodes would share a slot.
    #[error("\"{0}\" and \"{1}\" would have the same slot, {2}")]
    Same(String, String, SlotName),
}

/// The slot of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeSlot {
    /// The name of the node.
    pub node: String,
    /// The name of its slot.
    pub slot: SlotName,
}

impl SlotPrefix {
    /// The prefix as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether a slot of this name belongs to a node, be it one that is no longer in the cluster.
    #[must_use]
    pub fn begins(&self, slot: &SlotName) -> bool {
        slot.as_str().starts_with(self.as_str())
    }

    /// Returns the slot of a node.
    pub fn slot_of(&self, node: &str) -> Result<SlotName, SlotNamesError> {
        let name = format!("{}{}", self.as_str(), spelt(node));
        name.parse().map_err(|SlotNameError(name)| {
            let node = node.to_owned();
            SlotNamesError::TooLong { node, name }
        })
    }
}

impl Default for SlotPrefix {
    fn default() -> Self {
        Self(SlotName::known("pgsql_state_"))
    }
}

impl FromStr for SlotPrefix {
    type Err = SlotNameError;

    fn from_str(text: &str) -> Result<Self, SlotNameError> {
        text.parse().map(Self)
    }
}

/// Returns the slot of each node, in their order; an error if two nodes would share one.
pub fn slots_of<'n>(
    prefix: &SlotPrefix,
    nodes: impl IntoIterator<Item = &'n str>,
) -> Result<Vec<NodeSlot>, SlotNamesError> {
    let mut slots: Vec<NodeSlot> = Vec::new();
    for node in nodes {
        let slot = prefix.slot_of(node)?;
        if let Some(other) = slots.iter().find(|other| other.slot == slot) {
            return Err(SlotNamesError::Same(other.node.clone(), node.into(), slot));
        }
        let node = node.to_owned();
        slots.push(NodeSlot { node, slot });
    }
    Ok(slots)
}

/// Spells a node's name with the characters of a slot's: lower case, `_` for `-` and `.`, and `u` with four hexadecimal digits or
/// more for any other character.
fn spelt(node: &str) -> String {
    let mut name = String::new();
    for c in node.chars() {
        match c.to_ascii_lowercase() {
            '-' | '.' => name.push('_'),
            c if SlotName::takes(c) => name.push(c),
            c => name.extend(format!("u{:04x}", u32::from(c)).chars()),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(nodes: &[&str]) -> Result<Vec<String>, SlotNamesError> {
        let slots = slots_of(&"s_".parse().unwrap(), nodes.iter().copied())?;
        Ok(slots.iter().map(|one| one.slot.to_string()).collect())
    }

    #[test]
    fn a_name_is_spelt_with_what_a_slot_may_have() {
        let nodes = ["srv1", "SRV-2.example", "a b", "ä", "日", "🐘"];
        assert_eq!(
            slots(&nodes).unwrap(),
            [
                "s_srv1",
                "s_srv_2_example",
                "s_au0020b",
                "s_u00e4",
                "s_u65e5",
                "s_u1f418"
            ]
        );
    }

    /// `tr 'A-Z.-' 'a-z__'` of the resource agent `pgsql` (`create_replication_slot_name`).
    #[test]
    fn with_its_prefix_the_names_are_those_of_the_agent_pgsql() {
        let prefix: SlotPrefix = "sample_".parse().unwrap();
        for (node, slot) in [
            ("node1", "sample_node1"),
            ("PM-01.local", "sample_pm_01_local"),
        ] {
            assert_eq!(prefix.slot_of(node).unwrap().as_str(), slot);
        }
    }

    #[test]
    fn two_nodes_that_would_share_a_slot_are_refused() {
        for pair in [["srv-1", "srv.1"], ["srv1", "SRV1"], ["a b", "au0020b"]] {
            let error = slots(&pair).unwrap_err();
            let named = pair.iter().all(|node| error.to_string().contains(node));
            assert!(
                matches!(error, SlotNamesError::Same(..)) && named,
                "{error}"
            );
        }
        assert!(slots(&["srv1", "srv2", "srv_1"]).is_ok());
    }

    #[test]
    fn a_name_that_is_too_long_is_refused_and_not_cut() {
        let longest = "n".repeat(61);
        assert_eq!(slots(&[&longest]).unwrap(), [format!("s_{longest}")]);
        let error = slots(&[&"n".repeat(62)]).unwrap_err();
        assert!(matches!(error, SlotNamesError::TooLong { .. }), "{error}");
    }

    #[test]
    fn a_slot_with_the_prefix_belongs_to_a_node() {
        let prefix: SlotPrefix = "s_".parse().unwrap();
        assert!(prefix.begins(&"s_gone".parse().unwrap()));
        assert!(!prefix.begins(&"barman".parse().unwrap()));
        assert!("".parse::<SlotPrefix>().is_err());
        assert_eq!(SlotPrefix::default().as_str(), "pgsql_state_");
    }
}
