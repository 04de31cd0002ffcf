//! Addresses and port numbers that nobody else uses, without a list of who uses which.

use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};

use crate::trouble::Trouble;

/// The port numbers of one cluster, the same on each of its hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Where a daemon tells the state.
    pub state: u16,
    /// Where HAProxy leads to the primary.
    pub read_write: u16,
    /// Where HAProxy leads to the standbys.
    pub read_only: u16,
    /// PostgreSQL behind HAProxy.
    pub postgres: u16,
    /// HAProxy's statistics page.
    pub stats: u16,
}

/// Addresses tried before one set of numbers is given up.
const ATTEMPTS: usize = 8;

impl Ports {
    /// The numbers that users know.
    pub const USUAL: Self = Self {
        state: 5431,
        read_write: 5432,
        read_only: 5433,
        postgres: 5434,
        stats: 7000,
    };

    /// The usual numbers, or these plus 10000, 20000, …: a server of this machine that listens on
    /// every address takes its number on all of them.
    pub fn choose() -> Result<Self, Trouble> {
        (0..=5)
            .map(|tens| Self::USUAL.shifted(tens * 10_000))
            .find(|ports| ports.address().is_ok())
            .ok_or_else(|| Trouble::Unfit("no free set of ports on any loopback address".into()))
    }

    /// A loopback address of one's own: random in 127/8, with all these ports free.
    pub fn address(&self) -> Result<Ipv4Addr, Trouble> {
        (0..ATTEMPTS)
            .map(|_| {
                Ipv4Addr::new(
                    127,
                    fastrand::u8(1..),
                    fastrand::u8(..),
                    fastrand::u8(1..255),
                )
            })
            .find(|address| self.free_on(*address))
            .ok_or_else(|| Trouble::Unfit(format!("the ports {:?} are taken", self.all())))
    }

    /// Whether nobody listens on any of these ports of an address.
    pub fn free_on(&self, address: Ipv4Addr) -> bool {
        self.all()
            .iter()
            .all(|port| TcpListener::bind((address, *port)).is_ok())
    }

    fn all(&self) -> [u16; 5] {
        [
            self.state,
            self.read_write,
            self.read_only,
            self.postgres,
            self.stats,
        ]
    }

    fn shifted(self, by: u16) -> Self {
        Self {
            state: self.state + by,
            read_write: self.read_write + by,
            read_only: self.read_only + by,
            postgres: self.postgres + by,
            stats: self.stats + by,
        }
    }
}

/// An address and a port that nobody listens on now, the port chosen by the kernel.
pub fn free() -> Result<SocketAddrV4, Trouble> {
    let address = Ipv4Addr::new(
        127,
        fastrand::u8(1..),
        fastrand::u8(..),
        fastrand::u8(1..255),
    );
    let bound = TcpListener::bind((address, 0)).and_then(|listener| listener.local_addr());
    let port = bound
        .map_err(Trouble::io(format!("bind {address}")))?
        .port();
    Ok(SocketAddrV4::new(address, port))
}

/// So many addresses with one port that nobody listens on now, on any of them.
pub fn alike(count: usize) -> Result<Vec<SocketAddrV4>, Trouble> {
    let set = || {
        let first = free()?;
        let other = |_| Ok(SocketAddrV4::new(*free()?.ip(), first.port()));
        let others: Result<Vec<_>, Trouble> = (1..count).map(other).collect();
        Ok([vec![first], others?].concat())
    };
    let is_free = |set: &Vec<SocketAddrV4>| {
        // All at once: an address that came twice is not free.
        let bound: Vec<_> = set.iter().map(TcpListener::bind).collect();
        bound.iter().all(Result::is_ok)
    };
    let sets: Result<Vec<_>, Trouble> = (0..ATTEMPTS).map(|_| set()).collect();
    let found = sets?.into_iter().find(is_free);
    found.ok_or_else(|| Trouble::Unfit("no port is free on several loopback addresses".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_one_port_taken_is_not_free() {
        let ports = Ports::choose().unwrap();
        let address = ports.address().unwrap();
        assert!(ports.free_on(address));
        let listener = TcpListener::bind((address, ports.stats)).unwrap();
        assert!(!ports.free_on(address));
        drop(listener);
        assert!(ports.free_on(address));
    }

    #[test]
    fn addresses_that_are_alike_share_a_port_alone() {
        let places = alike(3).unwrap();
        assert_eq!(places.len(), 3);
        assert!(places.iter().all(|place| place.port() == places[0].port()));
        assert_ne!(places[0].ip(), places[1].ip());
    }

    #[test]
    fn a_port_taken_on_every_address_is_passed_over() {
        let everywhere = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        let mut ports = Ports::USUAL;
        ports.stats = everywhere.local_addr().unwrap().port();
        assert!(ports.address().is_err());
    }
}
