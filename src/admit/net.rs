//! Parses networks as operators write them, and normalises addresses for lists and limits.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};
use thiserror::Error;

/// Bits before the IPv4 address in `::ffff:a.b.c.d` (RFC 4291, section 2.5.5.2).
const MAPPED_PREFIX: u8 = 96;

/// An address or a block of addresses without host bits. A block within `::ffff:0:0/96` is converted to the
/// IPv4 network that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Net(IpNet);

/// A text cannot be parsed as a network.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NetError {
    /// The text is neither an address nor a network.
    #[error("\"{0}\" is neither an IP address nor a network")]
    Unreadable(String),
    /// The address has bits that the prefix length leaves to hosts.
    #[error("\"{text}\" has host bits set")]
    HostBits {
        /// The text.
        text: String,
        /// The network without the host bits.
        network: Net,
        /// The address alone.
        host: Net,
    },
}

impl Net {
    /// Whether an address in [`canonical`] form is in the network.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }

    /// Whether all of the other network is in this one.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.0.contains(&other.0)
    }

    /// The first and the last address.
    #[must_use]
    pub fn ends(self) -> (IpAddr, IpAddr) {
        (self.0.network(), self.0.broadcast())
    }
}

impl From<IpAddr> for Net {
    fn from(address: IpAddr) -> Self {
        Self(canonical(address).into())
    }
}

impl FromStr for Net {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(address.into());
        }
        let unreadable = || NetError::Unreadable(text.into());
        let written: IpNet = text.parse().map_err(|_| unreadable())?;
        let written = without_mapping(written);
        if written.trunc() == written {
            return Ok(Self(written));
        }
        Err(NetError::HostBits {
            text: text.into(),
            network: Self(written.trunc()),
            host: written.addr().into(),
        })
    }
}

impl fmt::Display for Net {
    /// Writes a single address without a prefix length, as operators do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() {
            self.0.addr().fmt(f)
        } else {
            self.0.fmt(f)
        }
    }
}

/// The form of a peer's address that lists and limits use: on a dual-stack socket an IPv4 peer has the address
/// `::ffff:a.b.c.d`, which becomes `a.b.c.d`.
#[must_use]
pub fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn without_mapping(net: IpNet) -> IpNet {
    let IpNet::V6(six) = net else {
        return net;
    };
    let four = six.addr().to_ipv4_mapped();
    let length = six.prefix_len().checked_sub(MAPPED_PREFIX);
    match four.zip(length) {
        Some((address, length)) => Ipv4Net::new(address, length).map_or(net, IpNet::V4),
        None => net,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> Net {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_a_network_of_one() {
        for text in ["10.20.30.51", "2001:db8::1"] {
            assert_eq!(net(text).to_string(), text);
            assert!(net(text).contains(text.parse().unwrap()));
        }
        assert_eq!(net("10.20.30.51/32"), net("10.20.30.51"));
    }

    #[test]
    fn a_mapped_network_is_the_ipv4_network_that_it_means() {
        assert_eq!(net("::ffff:10.0.0.0/104"), net("10.0.0.0/8"));
        assert_eq!(net("::ffff:10.0.0.7"), net("10.0.0.7"));
        // Larger than the mapped block, so it is an IPv6 network, which contains no IPv4 peer.
        assert!(!net("::/0").contains("10.0.0.7".parse().unwrap()));
    }

    #[test]
    fn host_bits_are_refused_with_the_network_and_the_host() {
        for (text, right, host) in [
            ("10.20.30.51/24", "10.20.30.0/24", "10.20.30.51"),
            ("2001:db8::1/32", "2001:db8::/32", "2001:db8::1"),
            ("::ffff:10.0.0.1/104", "10.0.0.0/8", "10.0.0.1"),
        ] {
            let expected = NetError::HostBits {
                text: text.into(),
                network: net(right),
                host: net(host),
            };
            assert_eq!(text.parse::<Net>(), Err(expected));
        }
    }

    #[test]
    fn text_that_is_not_a_network_is_refused() {
        for text in [
            "",
            "srv1",
            "10.0.0.0/33",
            "10.0.0",
            "10.0.0.0/",
            "::/129",
            "fe80::1%eth0",
            " ::1",
        ] {
            assert_eq!(text.parse::<Net>(), Err(NetError::Unreadable(text.into())));
        }
    }
}
