//! Splits an address at the prefix that names its kind (Configuration Manual, "Address formats"); reads no address.

/// What the prefix of an address says of the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A host and a port of TCP.
    Tcp(Family),
    /// The path of a Unix socket.
    Path,
    /// An abstract name, or the number of a descriptor.
    Name,
    /// Datagrams, a variable or an unknown kind.
    Other,
}

/// The family that an address without a host has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
    /// No prefix says it.
    Unsaid,
}

/// The kind of an address, and the address without the prefix.
pub(super) fn split(written: &str) -> (Kind, &str) {
    let text = written.strip_prefix("stream+").unwrap_or(written);
    if text.starts_with('/') {
        return (Kind::Path, text);
    }
    match text.split_once('@') {
        None if text.contains('/') => (Kind::Other, text),
        None => (Kind::Tcp(Family::Unsaid), text),
        Some(("ip" | "tcp" | "mptcp", rest)) => (Kind::Tcp(Family::Unsaid), rest),
        Some(("ipv4" | "tcp4" | "mptcp4", rest)) => (Kind::Tcp(Family::V4), rest),
        Some(("ipv6" | "tcp6" | "mptcp6", rest)) => (Kind::Tcp(Family::V6), rest),
        Some(("unix" | "uxst", rest)) => (Kind::Path, rest),
        // The prefix remains: one name of two kinds is not one socket.
        Some(("abns" | "abnsz" | "fd" | "sockpair", _)) => (Kind::Name, text),
        Some(_) => (Kind::Other, text),
    }
}
