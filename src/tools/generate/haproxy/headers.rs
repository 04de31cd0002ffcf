//! Decides whether checks begin with a PROXY header; knows no line of a configuration.

use thiserror::Error;

use super::choice::HaproxyCheck;
use super::ports::Ports;
use crate::admit::net::canonical;
use crate::config::HeaderPeers;
use crate::tools::generate::Nodes;

/// Whether the check of a port begins with a PROXY header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyHeaderUse {
    /// It begins with one, because its peers must send one.
    Sent,
    /// It begins without.
    None,
}

/// Whether the checks of each port begin with a PROXY header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headers {
    /// The checks of the state port.
    pub state: ProxyHeaderUse,
    /// The checks of the HTTP port.
    pub http: ProxyHeaderUse,
}

/// Why it cannot be decided whether a check sends a PROXY header.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeadersError {
    /// Some nodes must send one and others must not, but one file is for all hosts.
    #[error(
        "\"{with}\" must send a PROXY header to port {port} and \"{without}\" must not; list both or neither"
    )]
    Some {
        /// The port.
        port: u16,
        /// A node in the list of `admission.proxy_protocol`.
        with: String,
        /// A node that is not in the list.
        without: String,
    },
    /// An agent-check cannot send a header (Configuration Manual, "agent-check").
    #[error(
        "\"{0}\" must send a PROXY header to the agent port, which HAProxy never does; list ports, as in {{ 5431 = [...] }}"
    )]
    Agent(String),
}

impl Headers {
    /// Applies the lists of `admission.proxy_protocol` to checks from the nodes: each node runs a `HAProxy`, which
    /// connects from the node's own address.
    pub fn of(
        nodes: &Nodes,
        peers: &HeaderPeers,
        ports: &Ports,
        check: HaproxyCheck,
    ) -> Result<Self, HeadersError> {
        let numbers = ports.numbers();
        if check == HaproxyCheck::Agent {
            let peers = peers.at(numbers.agent);
            let asked = |address| peers.contains(canonical(address));
            if let Some(node) = nodes.iter().find(|node| asked(node.address)) {
                return Err(HeadersError::Agent(node.name.clone()));
            }
        }
        Ok(Self {
            state: ProxyHeaderUse::of(nodes, peers, numbers.state)?,
            http: match check {
                HaproxyCheck::Http => ProxyHeaderUse::of(nodes, peers, numbers.http)?,
                HaproxyCheck::Text | HaproxyCheck::Agent => ProxyHeaderUse::None,
            },
        })
    }
}

impl ProxyHeaderUse {
    fn of(nodes: &Nodes, peers: &HeaderPeers, port: u16) -> Result<Self, HeadersError> {
        let peers = peers.at(port);
        let asked = |address| peers.contains(canonical(address));
        let with = nodes.iter().find(|node| asked(node.address));
        let without = nodes.iter().find(|node| !asked(node.address));
        match (with, without) {
            (Some(_), None) => Ok(Self::Sent),
            (None, _) => Ok(Self::None),
            (Some(with), Some(without)) => Err(HeadersError::Some {
                port,
                with: with.name.clone(),
                without: without.name.clone(),
            }),
        }
    }
}
