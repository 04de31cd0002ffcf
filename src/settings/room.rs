//! What the connections that a daemon may have at once take of its host. Knows no unit.

use super::model::Connections;

/// Memory and descriptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Of memory.
    pub megabytes: usize,
    /// Open files.
    pub descriptors: usize,
}

/// What the daemon takes without any.
const BASE_KILOBYTES: usize = 13 << 10;

/// What one takes, with the kernel's buffers.
const CONNECTION_KILOBYTES: usize = 17;

/// Descriptors beside those of connections: sockets, sessions, files.
const OTHER_DESCRIPTORS: usize = 1_024;

impl Room {
    /// What the unit gives as it is shipped: enough for the default on all three ports.
    pub const SHIPPED: Self = Self {
        megabytes: 64,
        descriptors: 65_536,
    };

    /// For so many on each of so many ports, and at least what the unit gives.
    #[must_use]
    pub fn of(connections: Connections, ports: usize) -> Self {
        let connections = connections.get().saturating_mul(ports);
        let kilobytes = connections.saturating_mul(CONNECTION_KILOBYTES);
        let kilobytes = kilobytes.saturating_add(BASE_KILOBYTES);
        let descriptors = connections.saturating_add(OTHER_DESCRIPTORS);
        Self {
            megabytes: kilobytes.div_ceil(1 << 10).max(Self::SHIPPED.megabytes),
            descriptors: descriptors.max(Self::SHIPPED.descriptors),
        }
    }
}
