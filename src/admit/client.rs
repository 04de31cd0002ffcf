//! The unit that limits count as one client; does not apply limits.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IPv4 address, or an IPv6 network of 64 bits: within it a host may choose its address as often
/// as it likes (RFC 4291, section 2.5.1; RFC 8981).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Client {
    /// An IPv4 address.
    Four(u32),
    /// The first 64 bits of an IPv6 address.
    Six(u64),
}

impl Client {
    /// The client to which an address in [`canonical`](super::net::canonical) form belongs.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::Four(address.into()),
            IpAddr::V6(address) => {
                let octets = address.octets();
                let half = octets.first_chunk().copied().unwrap_or_default();
                Self::Six(u64::from_be_bytes(half))
            }
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Four(address) => Ipv4Addr::from(*address).fmt(f),
            Self::Six(half) => write!(f, "{}/64", Ipv6Addr::from(u128::from(*half) << 64)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> Client {
        Client::of(text.parse().unwrap())
    }

    #[test]
    fn ipv6_counts_by_64_bits_and_ipv4_by_the_address() {
        assert_eq!(client("2001:db8::1"), client("2001:db8::ffff:1:2:3"));
        assert_ne!(client("2001:db8::1"), client("2001:db8:0:1::1"));
        assert_ne!(client("10.0.0.1"), client("10.0.0.2"));
        assert_ne!(client("0.0.0.1"), client("::1"));
    }

    #[test]
    fn a_client_is_displayed_as_its_address_or_network() {
        assert_eq!(client("10.0.0.1").to_string(), "10.0.0.1");
        assert_eq!(client("2001:db8::7").to_string(), "2001:db8::/64");
    }
}
