//! Where everything is: addresses and ports that nobody else uses.

use std::net::{Ipv4Addr, SocketAddrV4};

use support::{Ports, Trouble};

/// Where everything is.
#[derive(Clone, Copy)]
pub(crate) struct Places {
    /// The port numbers, the same on every address.
    pub(crate) ports: Ports,
    /// The addresses of the three hosts.
    pub(crate) hosts: [Ipv4Addr; 3],
    /// The address of HAProxy.
    pub(crate) front: Ipv4Addr,
}

impl Places {
    /// `127.54.34.1` to `.4` if they are free, else those of a later network.
    pub(crate) fn choose() -> Result<Self, Trouble> {
        let ports = Ports::choose()?;
        (34..=254)
            .map(|network| [1, 2, 3, 4].map(|host| Ipv4Addr::new(127, 54, network, host)))
            .find(|addresses| addresses.iter().all(|address| ports.free_on(*address)))
            .map(|[one, two, three, front]| Self {
                ports,
                hosts: [one, two, three],
                front,
            })
            .ok_or_else(|| Trouble::Unfit("no free loopback addresses below 127.54".into()))
    }

    /// Where HAProxy leads to the primary.
    pub(crate) fn writers(&self) -> SocketAddrV4 {
        SocketAddrV4::new(self.front, self.ports.read_write)
    }

    /// Where HAProxy leads to the standbys.
    pub(crate) fn readers(&self) -> SocketAddrV4 {
        SocketAddrV4::new(self.front, self.ports.read_only)
    }

    /// HAProxy's statistics page.
    pub(crate) fn stats(&self) -> SocketAddrV4 {
        SocketAddrV4::new(self.front, self.ports.stats)
    }

    /// Where a host's PostgreSQL listens.
    pub(crate) fn postgres(&self, host: Ipv4Addr) -> SocketAddrV4 {
        SocketAddrV4::new(host, self.ports.postgres)
    }

    /// Where a host's daemon listens.
    pub(crate) fn state(&self, host: Ipv4Addr) -> SocketAddrV4 {
        SocketAddrV4::new(host, self.ports.state)
    }
}
