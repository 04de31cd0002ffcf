//! The four hosts: names and addresses, those of the three-node example.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use clap::ValueEnum;

/// The network of the hosts, which exists only in the lab's own namespace.
pub(crate) const NETWORK: &str = "10.20.30.0/24";

/// A host of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub(crate) enum Host {
    /// The server that makes the cluster, and is its first primary.
    Srv1,
    /// A server.
    Srv2,
    /// A server.
    Srv3,
    /// Where clients run and the journals of all can be read; the three-node example's `log-sink`.
    Client,
}

impl Host {
    /// Hosts with a PostgreSQL.
    pub(crate) const SERVERS: [Self; 3] = [Self::Srv1, Self::Srv2, Self::Srv3];
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Srv1, Self::Srv2, Self::Srv3, Self::Client];

    /// Its name: of the host, of the node of the cluster, and of the standby.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Srv1 => "srv1",
            Self::Srv2 => "srv2",
            Self::Srv3 => "srv3",
            Self::Client => "client",
        }
    }

    /// Its address in [`NETWORK`].
    pub(crate) const fn address(self) -> Ipv4Addr {
        let last = match self {
            Self::Client => 50,
            Self::Srv1 => 51,
            Self::Srv2 => 52,
            Self::Srv3 => 53,
        };
        Ipv4Addr::new(10, 20, 30, last)
    }

    /// Whether it has a PostgreSQL.
    pub(crate) const fn is_server(self) -> bool {
        !matches!(self, Self::Client)
    }

    /// The outer end of its cable, as systemd-nspawn names it.
    pub(crate) fn cable(self) -> String {
        format!("vb-{self}")
    }

    /// Its machine ID, under which its journal is kept: the same at each start.
    pub(crate) fn machine_id(self) -> String {
        format!("{:032x}", u32::from(self.address()))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no host has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lab has no host of this name")]
pub(crate) struct NoSuchHost;

impl FromStr for Host {
    type Err = NoSuchHost;

    fn from_str(name: &str) -> Result<Self, NoSuchHost> {
        Self::ALL
            .into_iter()
            .find(|host| host.name() == name)
            .ok_or(NoSuchHost)
    }
}
