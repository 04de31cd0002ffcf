//! Splits an address at the prefix that names its kind (Configuration Manual, "Address formats"); reads no address.

/// What the prefix of an address says of the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AddressKind {
    /// A host and a port of TCP.
    Tcp(AddressFamily),
    /// The path of a Unix socket.
    Path,
    /// An abstract name, or the number of a descriptor.
    Name,
    /// Datagrams, a variable or an unknown kind.
    Other,
}

/// The family that an address without a host has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AddressFamily {
    V4,
    V6,
    /// No prefix says it.
    Unsaid,
}

/// The kind of an address, and the address without the prefix.
pub(super) fn split(written: &str) -> (AddressKind, &str) {
    let text = written.strip_prefix("stream+").unwrap_or(written);
    if text.starts_with('/') {
        return (AddressKind::Path, text);
    }
    match text.split_once('@') {
        None if text.contains('/') => (AddressKind::Other, text),
        None => (AddressKind::Tcp(AddressFamily::Unsaid), text),
        Some(("ip" | "tcp" | "mptcp", rest)) => (AddressKind::Tcp(AddressFamily::Unsaid), rest),
        Some(("ipv4" | "tcp4" | "mptcp4", rest)) => (AddressKind::Tcp(AddressFamily::V4), rest),
        Some(("ipv6" | "tcp6" | "mptcp6", rest)) => (AddressKind::Tcp(AddressFamily::V6), rest),
        Some(("unix" | "uxst", rest)) => (AddressKind::Path, rest),
        // The prefix remains: one name of two kinds is not one socket.
        Some(("abns" | "abnsz" | "fd" | "sockpair", _)) => (AddressKind::Name, text),
        Some(_) => (AddressKind::Other, text),
    }
}
