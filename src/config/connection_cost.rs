//! The memory and descriptors that a daemon's connections take.

use super::model::{Connections, Https, Listen};

/// The memory and descriptors that connections take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionCost {
    /// Memory in MB.
    pub megabytes: usize,
    /// The number of open files.
    pub descriptors: usize,
}

/// Whether a port has TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// The port has no TLS.
    #[default]
    None,
    /// The port has TLS.
    Tls,
}

/// Memory of the daemon without connections, in kB.
const BASE_KILOBYTES: usize = 13 << 10;

/// Descriptors beside those of connections: sockets, sessions, files.
const OTHER_DESCRIPTORS: usize = 1_024;

impl Encryption {
    /// Returns the encryption of the HTTP port.
    #[must_use]
    pub const fn of(https: Option<&Https>) -> Self {
        match https {
            None => Self::None,
            Some(_) => Self::Tls,
        }
    }

    /// Returns the kB that one connection takes, with the kernel's buffers. With TLS that is 24 kB for a connection
    /// that waits, and twice as much for a client that has shown a certificate and is sending a record of 16 KiB, the
    /// most that is read of a client.
    const fn kilobytes(self) -> usize {
        match self {
            Self::None => 17,
            Self::Tls => 48,
        }
    }
}

impl ConnectionCost {
    /// The limits of the shipped unit: enough for the default on all three ports, one of them with TLS.
    pub const SHIPPED: Self = Self {
        megabytes: 96,
        descriptors: 65_536,
    };

    /// Returns the cost of this many connections on each port that has an address, and at least the limits of the shipped
    /// unit.
    #[must_use]
    pub fn of(connections: Connections, listen: &Listen, http: Encryption) -> Self {
        let connections = connections.get();
        let ports = ports(listen, http);
        let each: usize = ports.iter().map(|port| port.kilobytes()).sum();
        let kilobytes = connections.saturating_mul(each);
        let kilobytes = kilobytes.saturating_add(BASE_KILOBYTES);
        let descriptors = connections.saturating_mul(ports.len());
        let descriptors = descriptors.saturating_add(OTHER_DESCRIPTORS);
        Self {
            megabytes: kilobytes.div_ceil(1 << 10).max(Self::SHIPPED.megabytes),
            descriptors: descriptors.max(Self::SHIPPED.descriptors),
        }
    }

    /// Returns the most connections to each of these ports for which the shipped unit gives memory.
    #[must_use]
    pub fn most_in_shipped(listen: &Listen, http: Encryption) -> usize {
        let each: usize = ports(listen, http)
            .iter()
            .map(|port| port.kilobytes())
            .sum();
        ((Self::SHIPPED.megabytes << 10) - BASE_KILOBYTES) / each.max(1)
    }
}

/// The ports that have an address: `max_connections` holds at each of them.
fn ports(listen: &Listen, http: Encryption) -> Vec<Encryption> {
    let ports = [
        (&listen.state, Encryption::None),
        (&listen.http, http),
        (&listen.agent, Encryption::None),
    ];
    let ports = ports.into_iter().filter(|(places, _)| !places.is_empty());
    ports.map(|(_, encryption)| encryption).collect()
}
