//! The nodes for which configuration is generated: at least one, and no two that a program which reads it could
//! confuse; knows no configuration.

use std::net::IpAddr;
use std::slice;

use thiserror::Error;

use crate::config::ClusterNode;

/// At least one node. No two share a name or an address, however these are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nodes(Vec<ClusterNode>);

/// Why no configuration can be generated for some nodes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NodesError {
    /// There are no nodes.
    #[error(
        "there are none; name each with its address, as in srv1=10.20.30.51, or all in cluster.nodes"
    )]
    None,
    /// A name that a program would read as an option or an address, or that is empty for it.
    #[error("\"{0}\" is a name that begins with neither letter nor digit, or reads as an address")]
    Name(String),
    /// An address that is not the address of a single host.
    #[error("{address}, the address of \"{name}\", is not the address of a single host")]
    Address {
        /// The name of the node.
        name: String,
        /// The address of the node.
        address: IpAddr,
    },
    /// Two nodes with the same address.
    #[error("\"{0}\" and \"{1}\" have the same address")]
    SameAddress(String, String),
    /// Two names that become equal in some program.
    #[error(
        "\"{one}\" and \"{other}\" would both be called \"{called}\" in a load balancer or as a replication slot"
    )]
    SameName {
        /// The name of the first node.
        one: String,
        /// The name of the second node.
        other: String,
        /// The name that both become.
        called: String,
    },
    /// A node that is named elsewhere and is not in the list.
    #[error("\"{0}\" is not among them")]
    Unknown(String),
}

impl Nodes {
    /// Accepts a list of nodes for which configuration can be generated.
    pub fn new(nodes: Vec<ClusterNode>) -> Result<Self, NodesError> {
        if nodes.is_empty() {
            return Err(NodesError::None);
        }
        let mut earlier: Vec<&ClusterNode> = Vec::new();
        for node in &nodes {
            is_fit(node)?;
            for other in &earlier {
                are_two(other, node)?;
            }
            earlier.push(node);
        }
        Ok(Self(nodes))
    }

    /// The node with this name.
    pub fn named(&self, name: &str) -> Result<&ClusterNode, NodesError> {
        let found = self.0.iter().find(|node| node.name == name);
        found.ok_or_else(|| NodesError::Unknown(name.to_owned()))
    }

    /// All nodes, in the order in which they were given.
    pub fn iter(&self) -> slice::Iter<'_, ClusterNode> {
        self.0.iter()
    }

    /// All nodes except the named one.
    pub fn others<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n ClusterNode> {
        self.0.iter().filter(move |node| node.name != name)
    }
}

impl<'n> IntoIterator for &'n Nodes {
    type Item = &'n ClusterNode;
    type IntoIter = slice::Iter<'n, ClusterNode>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The name of a node's second server in `HAProxy`, which serves readers without a standby.
pub(super) fn fallback_name(node: &ClusterNode) -> String {
    format!("{}_rw", node.name)
}

/// The name in the form of a replication slot's: only lower-case letters, digits and underscores (PostgreSQL
/// manual, "Replication Slots").
fn slot_name(name: &str) -> String {
    name.to_ascii_lowercase().replace(['-', '.'], "_")
}

/// Whether `inet_aton(3)` would read this as a part of an IPv4 address.
fn is_number(part: &str) -> bool {
    let lower = part.to_ascii_lowercase();
    match lower.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => lower.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

fn is_fit(node: &ClusterNode) -> Result<(), NodesError> {
    let begins = node.name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !begins || node.name.split('.').all(is_number) {
        return Err(NodesError::Name(node.name.clone()));
    }
    let address = node.address.to_canonical();
    let broadcast = match address {
        IpAddr::V4(four) => four.is_broadcast(),
        IpAddr::V6(_) => false,
    };
    // HAProxy reads 0.0.0.0 as the address to which the client connected.
    if address.is_unspecified() || address.is_multicast() || broadcast {
        return Err(NodesError::Address {
            name: node.name.clone(),
            address,
        });
    }
    Ok(())
}

fn are_two(one: &ClusterNode, other: &ClusterNode) -> Result<(), NodesError> {
    if one.address.to_canonical() == other.address.to_canonical() {
        return Err(NodesError::SameAddress(
            one.name.clone(),
            other.name.clone(),
        ));
    }
    let names = |node: &ClusterNode| [slot_name(&node.name), slot_name(&fallback_name(node))];
    let shared = names(one)
        .into_iter()
        .find(|name| names(other).contains(name));
    match shared {
        Some(called) => Err(NodesError::SameName {
            one: one.name.clone(),
            other: other.name.clone(),
            called,
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(texts: &[&str]) -> Result<Nodes, NodesError> {
        Nodes::new(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[test]
    fn nodes_that_differ_are_taken_in_their_order() {
        let nodes = nodes(&["srv2=10.0.0.2", "srv1=10.0.0.1", "x=2001:db8::1"]).unwrap();
        let names: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["srv2", "srv1", "x"]);
        assert_eq!(nodes.named("srv1").unwrap().name, "srv1");
        assert_eq!(nodes.others("srv2").count(), 2);
        let unknown = nodes.named("srv9").unwrap_err();
        assert_eq!(unknown.to_string(), "\"srv9\" is not among them");
    }

    #[test]
    fn names_that_become_one_are_refused() {
        for pair in [
            ["srv1=10.0.0.1", "srv1=10.0.0.2"],
            ["srv1=10.0.0.1", "SRV1=10.0.0.2"],
            ["srv-1=10.0.0.1", "srv_1=10.0.0.2"],
            ["srv1=10.0.0.1", "srv1_rw=10.0.0.2"],
            ["srv1-rw=10.0.0.1", "srv1=10.0.0.2"],
        ] {
            let error = nodes(&pair).unwrap_err();
            assert!(
                matches!(error, NodesError::SameName { .. }),
                "{pair:?}: {error}"
            );
        }
    }

    #[test]
    fn addresses_that_are_not_those_of_one_host_are_refused() {
        for address in ["0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255"] {
            let error = nodes(&[&format!("srv1={address}")]).unwrap_err();
            assert!(
                matches!(error, NodesError::Address { .. }),
                "{address}: {error}"
            );
        }
        let error = nodes(&["a=10.0.0.1", "b=::ffff:10.0.0.1"]).unwrap_err();
        assert_eq!(error, NodesError::SameAddress("a".into(), "b".into()));
    }

    #[test]
    fn a_name_that_reads_as_something_else_is_refused() {
        for name in ["-f", ".", "_", "10", "10.0.0.1", "0x7f.1"] {
            let error = nodes(&[&format!("{name}=10.0.0.1")]).unwrap_err();
            assert_eq!(error, NodesError::Name(name.into()));
        }
        assert!(nodes(&["3par1=10.0.0.1", "0xen.example=10.0.0.2"]).is_ok());
        assert_eq!(nodes(&[]), Err(NodesError::None));
    }
}
