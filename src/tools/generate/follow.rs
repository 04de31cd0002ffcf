//! How a standby finds whichever server is the primary, past `HAProxy`; knows no file.

use super::Nodes;
use crate::config::ClusterNode;

/// Where the others are, for the `primary_conninfo` of one of them; none where there is no other.
pub(super) fn past_haproxy(nodes: &Nodes, node: &ClusterNode, port: u16) -> Option<String> {
    let others = nodes.others(&node.name);
    let hosts: Vec<String> = others.map(|other| other.address.to_string()).collect();
    if hosts.is_empty() {
        return None;
    }
    // The first that takes writes. One that is gone without a word is given up within seconds, while
    // trying and, by the kernel, later.
    Some(format!(
        "host={} port={port} application_name={} target_session_attrs=read-write connect_timeout=2 \
         tcp_user_timeout=5000 keepalives_idle=2 keepalives_interval=1 keepalives_count=3",
        hosts.join(","),
        node.name
    ))
}
