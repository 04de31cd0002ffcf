//! How many connections are open at most, and for whom slots are reserved.

/// The number of slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Most connections at once.
    pub total: usize,
    /// Most connections of one untrusted client (`admission.max_connections_per_client`).
    pub most_each: usize,
    /// Whether some slots are reserved for trusted hosts.
    pub reserved: Reservation,
}

/// Whether slots are reserved for trusted hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// No slot is reserved, because no host is trusted.
    None,
    /// A quarter of the slots, at least one.
    Some,
}
