//! What a director is made from, valid by construction: writers' and readers' virtual servers, and how their
//! real servers are asked for the role.

use std::net::{IpAddr, SocketAddr};

use thiserror::Error;

use super::plan::Script;
use crate::base::units::Bytes;
use crate::tools::generate::Nodes;

/// Everything that a director's configuration is made from.
#[derive(Clone, Debug)]
pub struct Lvs {
    pub(super) nodes: Nodes,
    pub(super) writers: SocketAddr,
    pub(super) readers: SocketAddr,
    pub(super) postgres: u16,
    pub(super) forward: Forward,
    /// How a server is asked.
    pub check: LvsCheck,
    /// The daemons' port for HTTP.
    pub http: u16,
    /// The most that a standby may be behind for readers to be led there, where HTTP is asked.
    pub max_lag: Option<Bytes>,
    /// The plugin, where that is asked.
    pub script: Script,
}

/// How packets reach a real server (ipvsadm(8)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forward {
    /// With another address and port; answers come back through the director.
    Nat,
    /// As they are, to the server's hardware address.
    Direct,
    /// As they are, within packets of the director's own.
    Tunnel,
}

/// How a server is asked for its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LvsCheck {
    /// By the status of an HTTP path.
    Http,
    /// By the plugin, which tells a weight too.
    Plugin,
}

/// Why there is no such director.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LvsError {
    /// One place for both.
    #[error("writers and readers would both come to {0}")]
    Same(SocketAddr),
    /// The virtual address is not that of one host.
    #[error("{0} is not the address of one host")]
    Address(IpAddr),
    /// It is a server's own.
    #[error("{0} is the address of \"{1}\" itself")]
    Own(IpAddr, String),
    /// LVS leads no IPv4 to IPv6.
    #[error("{virtual_} and {address}, the address of \"{name}\", are not both IPv4 or both IPv6")]
    Families {
        /// The virtual address.
        virtual_: IpAddr,
        /// The node.
        name: String,
        /// Its address.
        address: IpAddr,
    },
    /// Without address translation a port is what it was.
    #[error("only --forward nat changes ports: {0} would have to be PostgreSQL's, {1}")]
    Port(SocketAddr, u16),
}

impl Lvs {
    /// A director for these servers, which asks them over HTTP.
    pub fn new(
        nodes: Nodes,
        writers: SocketAddr,
        readers: SocketAddr,
        postgres: u16,
        forward: Forward,
        script: Script,
    ) -> Result<Self, LvsError> {
        if writers == readers {
            return Err(LvsError::Same(writers));
        }
        for place in [writers, readers] {
            fits(&nodes, place.ip())?;
            match forward {
                Forward::Direct | Forward::Tunnel if place.port() != postgres => {
                    return Err(LvsError::Port(place, postgres));
                }
                Forward::Nat | Forward::Direct | Forward::Tunnel => {}
            }
        }
        Ok(Self {
            nodes,
            writers,
            readers,
            postgres,
            forward,
            check: LvsCheck::Http,
            http: 8008,
            max_lag: None,
            script,
        })
    }
}

impl LvsCheck {
    /// As it is chosen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Plugin => "plugin",
        }
    }
}

/// Whether clients could have this virtual address for these servers.
pub(super) fn fits(nodes: &Nodes, virtual_: IpAddr) -> Result<(), LvsError> {
    if virtual_.is_unspecified() || virtual_.is_multicast() {
        return Err(LvsError::Address(virtual_));
    }
    for node in nodes {
        let address = node.address.to_canonical();
        if address == virtual_ {
            return Err(LvsError::Own(virtual_, node.name.clone()));
        }
        if address.is_ipv4() != virtual_.is_ipv4() {
            return Err(LvsError::Families {
                virtual_,
                name: node.name.clone(),
                address,
            });
        }
    }
    Ok(())
}
