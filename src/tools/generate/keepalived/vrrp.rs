//! A virtual IP that follows the primary, for networks in which an address can move (`keepalived.conf(5)`, "VRRP
//! instance(s)").

use std::net::IpAddr;

use thiserror::Error;

use super::interface::Interface;
use super::lvs::LvsError;
use super::plan::Script;
use super::text::Block;
use crate::config::ClusterNode;
use crate::tools::generate::{Nodes, NodesError};

/// The inputs of the configuration of one host.
#[derive(Clone, Debug)]
pub struct Vrrp {
    nodes: Nodes,
    node: ClusterNode,
    address: IpAddr,
    interface: Interface,
    /// The virtual router ID, which distinguishes this virtual IP from others in the network; never 0.
    router: u8,
    script: Script,
}

/// Why the configuration cannot be generated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VrrpError {
    /// The host is not in the cluster.
    #[error(transparent)]
    Unknown(NodesError),
    /// The address cannot be used.
    #[error(transparent)]
    Address(LvsError),
    /// There is no second node that could take over the address.
    #[error("there is no other node that could have the address")]
    Alone,
}

impl Vrrp {
    /// Plans the configuration of the host called `node`.
    pub fn new(
        nodes: Nodes,
        node: &str,
        address: IpAddr,
        interface: Interface,
        router: u8,
        script: Script,
    ) -> Result<Self, VrrpError> {
        let node = nodes.named(node).map_err(VrrpError::Unknown)?.clone();
        super::lvs::fits(&nodes, address).map_err(VrrpError::Address)?;
        if nodes.others(&node.name).next().is_none() {
            return Err(VrrpError::Alone);
        }
        Ok(Self {
            nodes,
            node,
            address,
            interface,
            router,
            script,
        })
    }

    /// The configuration file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut file = Block::file();
        file.put(
            &format!(
                "# pgsql-state generate keepalived vrrp --on {}",
                self.node.name
            ),
            "",
        );
        file.why(
            "For a network in which an address can move from host to host, unlike a cloud's. Under Pacemaker, use \
             ocf:heartbeat:IPaddr2 instead: Pacemaker moves the address in order with the promotion.",
        );
        file.gap();
        file.block("global_defs", |block| self.script.globally(block));
        file.gap();
        file.block("vrrp_script primary", |script| {
            script.why("Asks this host's daemon, or PostgreSQL where no daemon answers.");
            script.put(
                "script",
                &self.script.line("--expect production --keepalived"),
            );
            script.put("interval", "1");
            script.put("timeout", "3");
            script.why(
                "The address does not stay longer than the role: one failed check removes it.",
            );
            script.put("fall", "1");
            script.put("rise", "2");
            script.why("No host has the address before the first check.");
            script.put("init_fail", "");
        });
        file.gap();
        file.block("vrrp_instance postgresql", |instance| {
            self.instance(instance);
        });
        file.text()
    }

    fn instance(&self, instance: &mut Block) {
        instance.why(
            "The same on every host: the script decides which host may have the address. While two hosts claim to be \
             the primary, the one that has the address keeps it.",
        );
        instance.put("state", "BACKUP");
        instance.put("priority", "100");
        instance.put("nopreempt", "");
        instance.put("interface", &self.interface.to_string());
        instance.why("The same on every host, and unique in this network.");
        instance.put("virtual_router_id", &self.router.to_string());
        instance.put("advert_int", "1");
        instance.why("Packets go only to these hosts, since multicast may not pass.");
        instance.put(
            "unicast_src_ip",
            &self.node.address.to_canonical().to_string(),
        );
        instance.block("unicast_peer", |peers| {
            for peer in self.nodes.others(&self.node.name) {
                peers.put(&peer.address.to_canonical().to_string(), "");
            }
        });
        instance.block("track_script", |scripts| scripts.put("primary", ""));
        instance.block("virtual_ipaddress", |addresses| {
            addresses.put(&self.address.to_string(), "");
        });
    }
}
