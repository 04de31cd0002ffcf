//! The inputs of a director, valid by construction: the virtual servers for writers and for readers, and how their
//! real servers are checked for the role.

use std::net::{IpAddr, SocketAddr};

use thiserror::Error;

use super::plan::Script;
use crate::base::units::Bytes;
use crate::tools::generate::Nodes;

/// The inputs of a director's configuration.
#[derive(Clone, Debug)]
pub struct Lvs {
    pub(super) nodes: Nodes,
    pub(super) writers: SocketAddr,
    pub(super) readers: SocketAddr,
    pub(super) postgres: u16,
    pub(super) forward: Forward,
    /// How a server is checked.
    pub check: LvsCheck,
    /// The HTTP port of the daemons.
    pub http: u16,
    /// The largest lag of a standby for which readers are sent to it, if the check uses HTTP.
    pub max_lag: Option<Bytes>,
    /// The plugin, if the check uses it.
    pub script: Script,
}

/// How packets reach a real server (ipvsadm(8)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forward {
    /// With the address and port rewritten; answers return through the director.
    Nat,
    /// Unchanged, to the server's hardware address.
    Direct,
    /// Unchanged, inside packets of the director.
    Tunnel,
}

/// How a server is checked for its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LvsCheck {
    /// The status of an HTTP path.
    Http,
    /// The plugin, which also determines a weight.
    Plugin,
}

/// Why a director cannot be configured.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LvsError {
    /// Writers and readers have the same address and port.
    #[error("writers and readers would both use {0}")]
    Same(SocketAddr),
    /// The virtual address is not the address of a single host.
    #[error("{0} is not the address of a single host")]
    Address(IpAddr),
    /// The virtual address is a server's own address.
    #[error("{0} is the address of \"{1}\" itself")]
    Own(IpAddr, String),
    /// LVS does not forward between IPv4 and IPv6.
    #[error("{virtual_} and {address}, the address of \"{name}\", are not both IPv4 or both IPv6")]
    Families {
        /// The virtual address.
        virtual_: IpAddr,
        /// The name of the node.
        name: String,
        /// The address of the node.
        address: IpAddr,
    },
    /// Without address translation the port cannot change.
    #[error("only --forward nat changes ports: the port of {0} must be PostgreSQL's, {1}")]
    Port(SocketAddr, u16),
}

impl Lvs {
    /// Plans a director for these servers that checks them over HTTP.
    ///
    /// # Errors
    ///
    /// [`LvsError`] if LVS cannot forward these addresses and ports to the servers.
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
    /// The word for it on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Plugin => "plugin",
        }
    }
}

/// Whether clients could use this virtual address for these servers.
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
