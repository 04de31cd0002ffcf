//! What the connections that a daemon may have at once take of its host. Knows no unit.

use super::model::{Connections, Https};

/// Memory and descriptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionCost {
    /// Of memory.
    pub megabytes: usize,
    /// Open files.
    pub descriptors: usize,
}

/// What is spoken on a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Everything as it is.
    #[default]
    None,
    /// TLS.
    Tls,
}

/// What the daemon takes without any.
const BASE_KILOBYTES: usize = 13 << 10;

/// Descriptors beside those of connections: sockets, sessions, files.
const OTHER_DESCRIPTORS: usize = 1_024;

impl Encryption {
    /// That of the HTTP port.
    #[must_use]
    pub const fn of(https: Option<&Https>) -> Self {
        match https {
            None => Self::None,
            Some(_) => Self::Tls,
        }
    }

    /// What one connection takes, with the kernel's buffers. With TLS that is 24 kB for one that waits, and twice as much
    /// for a client that has shown a certificate and is sending a record of 16 KiB, which is all that is read of it.
    const fn kilobytes(self) -> usize {
        match self {
            Self::None => 17,
            Self::Tls => 48,
        }
    }
}

impl ConnectionCost {
    /// What the unit gives as it is shipped: enough for the default on all three ports, one of them with TLS.
    pub const SHIPPED: Self = Self {
        megabytes: 96,
        descriptors: 65_536,
    };

    /// For so many on each of these ports, and at least what the unit gives.
    #[must_use]
    pub fn of(connections: Connections, ports: &[Encryption]) -> Self {
        let connections = connections.get();
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

    /// The most connections to one such port for which there is memory in what the unit gives.
    #[must_use]
    pub const fn most_in_shipped(port: Encryption) -> usize {
        ((Self::SHIPPED.megabytes << 10) - BASE_KILOBYTES) / port.kilobytes()
    }
}
