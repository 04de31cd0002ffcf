//! The connection string with which a standby finds the primary without `HAProxy`; knows no file.

use super::Nodes;
use crate::config::ClusterNode;

/// The `primary_conninfo` of a node, with the hosts of all other nodes; `None` if there is no other node.
pub(super) fn past_haproxy(nodes: &Nodes, node: &ClusterNode, port: u16) -> Option<String> {
    let others = nodes.others(&node.name);
    let hosts: Vec<String> = others.map(|other| other.address.to_string()).collect();
    if hosts.is_empty() {
        return None;
    }
    // The first host that accepts writes. One that does not respond is given up within seconds: by the timeout while
    // connecting, and later by the kernel.
    Some(format!(
        "host={} port={port} application_name={} target_session_attrs=read-write connect_timeout=2 \
         tcp_user_timeout=5000 keepalives_idle=2 keepalives_interval=1 keepalives_count=3",
        hosts.join(","),
        node.name
    ))
}
