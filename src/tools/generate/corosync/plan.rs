//! What Corosync's configuration is made from: the nodes with one or two links, and the cluster's name; writes nothing.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;

use super::timers::TotemProfile;
use crate::config::ClusterNode;
use crate::tools::generate::{Nodes, NodesError};

/// Everything that the configuration is made from.
#[derive(Clone, Debug)]
pub struct CorosyncPlan {
    /// What the cluster is called.
    pub name: ClusterName,
    /// How soon a lost host is noticed.
    pub profile: TotemProfile,
    members: Vec<Member>,
}

/// A node as Corosync's node list has it.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: String,
    /// One address for each link.
    pub(super) links: Vec<IpAddr>,
}

/// Why the second links do not fit the nodes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LinksError {
    /// They are not fit by themselves, or are of other nodes.
    #[error(transparent)]
    Nodes(#[from] NodesError),
    /// Some nodes have one, and this one has not.
    #[error("\"{0}\" has none; each node has as many links as the others")]
    Missing(String),
    /// One address for both links of a node, or of two nodes.
    #[error("{0} is an address of a first link, too")]
    Taken(IpAddr),
}

impl CorosyncPlan {
    /// The plan for nodes, and for their second links where there are any.
    ///
    /// # Errors
    /// Where the second links are not exactly one for each node, with an address of its own.
    pub fn new(
        name: ClusterName,
        profile: TotemProfile,
        nodes: &Nodes,
        second: &[ClusterNode],
    ) -> Result<Self, LinksError> {
        let second = match second {
            [] => None,
            [_, ..] => Some(Nodes::new(second.to_vec())?),
        };
        for link in second.iter().flatten() {
            nodes.named(&link.name)?;
            if nodes.iter().any(|node| node.address == link.address) {
                return Err(LinksError::Taken(link.address));
            }
        }
        let member = |node: &ClusterNode| {
            let mut links = vec![node.address];
            if let Some(second) = &second {
                let link = second.named(&node.name);
                links.push(
                    link.map_err(|_| LinksError::Missing(node.name.clone()))?
                        .address,
                );
            }
            Ok(Member {
                name: node.name.clone(),
                links,
            })
        };
        let members: Result<Vec<Member>, LinksError> = nodes.iter().map(member).collect();
        Ok(Self {
            name,
            profile,
            members: members?,
        })
    }

    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }
}

/// What a cluster is called: 1 to [`ClusterName::LONGEST`] letters, digits, `-`, `_` and `.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterName(String);

/// A text is no name of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is no name of a cluster: 1 to {longest} letters, digits, \"-\", \"_\" and \".\"",
    longest = ClusterName::LONGEST
)]
pub struct ClusterNameError(String);

impl ClusterName {
    /// What the cluster is called where nobody says otherwise.
    pub const DEFAULT: &str = "pgsql";

    /// More does not fit what GFS2 and DLM make of it (`pcs cluster setup` refuses it).
    pub const LONGEST: usize = 32;
}

impl FromStr for ClusterName {
    type Err = ClusterNameError;

    fn from_str(text: &str) -> Result<Self, ClusterNameError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&c);
        if !text.is_empty() && text.len() <= Self::LONGEST && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ClusterNameError(text.escape_debug().to_string()))
        }
    }
}

impl fmt::Display for ClusterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(texts: &[&str]) -> Vec<ClusterNode> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn refused(second: &[&str]) -> String {
        let first = Nodes::new(nodes(&["srv1=10.0.0.1", "srv2=10.0.0.2"])).unwrap();
        let name = ClusterName::DEFAULT.parse().unwrap();
        let plan = CorosyncPlan::new(name, TotemProfile::Safe, &first, &nodes(second));
        plan.expect_err("links that do not fit").to_string()
    }

    #[test]
    fn each_node_has_a_second_link_of_its_own_or_none_has() {
        assert!(refused(&["srv1=10.1.0.1"]).starts_with("\"srv2\" has none"));
        assert_eq!(
            refused(&["srv1=10.1.0.1", "srv3=10.1.0.2"]),
            "\"srv3\" is not among them"
        );
        assert_eq!(
            refused(&["srv1=10.1.0.1", "srv2=10.0.0.1"]),
            "10.0.0.1 is an address of a first link, too"
        );
        let same = refused(&["srv1=10.1.0.1", "srv2=10.1.0.1"]);
        assert_eq!(same, "\"srv1\" and \"srv2\" have the same address");
    }

    #[test]
    fn the_name_of_a_cluster_fits_one_line() {
        for text in ["", "a b", "a\n}", "ü", &"x".repeat(33)] {
            assert!(text.parse::<ClusterName>().is_err(), "{text:?}");
        }
        assert!("db-1_a.b".parse::<ClusterName>().is_ok());
    }
}
