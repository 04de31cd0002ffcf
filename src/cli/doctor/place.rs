//! Determines which node of the cluster this host is, and its addresses.

use std::net::IpAddr;

use crate::cli::exit::Exit;
use crate::cli::own_addresses::own_addresses;
use crate::config::ClusterNode;

/// This host as a node of the cluster.
#[derive(Debug)]
pub(super) struct HostPlace {
    /// Its name, if known.
    pub(super) name: Option<String>,
    /// Its address in `cluster.nodes`.
    pub(super) address: Option<IpAddr>,
    /// Every address of this host.
    pub(super) own: Vec<IpAddr>,
}

impl HostPlace {
    /// Finds the node with this name or, without a name, the one with an address of this host.
    pub(super) fn find(name: Option<&str>, nodes: &[ClusterNode]) -> Result<Self, Exit> {
        let mut own = own_addresses();
        let mut nodes = nodes.iter();
        let node = match name {
            Some(name) => {
                let unknown = || {
                    Exit::Usage.saying(&format!(
                        "pgsql-state: --node: \"{name}\" is not among cluster.nodes"
                    ))
                };
                Some(nodes.find(|node| node.name == name).ok_or_else(unknown)?)
            }
            None => nodes.find(|node| own.contains(&node.address.to_canonical())),
        };
        let address = node.map(|node| node.address);
        own.extend(address.filter(|address| !own.contains(address)));
        Ok(Self {
            name: node.map(|node| node.name.clone()),
            address,
            own,
        })
    }
}
