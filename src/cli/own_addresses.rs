//! Lists the addresses of this host, from the kernel's tables; an empty list if these cannot be read. Leaves out
//! link-local addresses, which cannot be used without naming an interface.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The routes of IPv4 as a tree, whose leaves show which addresses are local (`net/ipv4/fib_trie.c`).
const IPV4: &str = "/proc/net/fib_trie";

/// One address of IPv6 per line, in hexadecimal, followed by its interface (`net/ipv6/addrconf.c`).
const IPV6: &str = "/proc/net/if_inet6";

/// Every address once, including loopback addresses.
pub(super) fn own_addresses() -> Vec<IpAddr> {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let (four, six) = (read(IPV4), read(IPV6));
    let four = ipv4(&four).map(IpAddr::V4);
    let mut all: Vec<IpAddr> = four.chain(ipv6(&six).map(IpAddr::V6)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn ipv4(text: &str) -> impl Iterator<Item = Ipv4Addr> {
    let pairs = text.lines().zip(text.lines().skip(1));
    pairs.filter_map(|(node, leaf)| {
        let address = node.trim().strip_prefix("|-- ")?.parse().ok()?;
        (leaf.trim() == "/32 host LOCAL").then_some(address)
    })
}

fn ipv6(text: &str) -> impl Iterator<Item = Ipv6Addr> {
    let first = text
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    let addresses = first.filter_map(|digits| u128::from_str_radix(digits, 16).ok());
    addresses
        .map(Ipv6Addr::from)
        .filter(|address| !address.is_unicast_link_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_leaves_are_addresses_and_broadcasts_are_not() {
        let text = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n\
                    Local:\n     +-- 10.20.30.0/24 2 0 1\n        |-- 10.20.30.51\n           /32 host LOCAL\n\
                    \x20       |-- 10.20.30.255\n           /32 link BROADCAST\n\
                    \x20    |-- 127.0.0.0\n           /8 host LOCAL\n        |-- 127.0.0.1\n           /32 host LOCAL\n";
        let found: Vec<String> = ipv4(text).map(|address| address.to_string()).collect();
        assert_eq!(found, ["10.20.30.51", "127.0.0.1"]);
    }

    #[test]
    fn addresses_that_need_an_interface_are_left_out() {
        let text = "00000000000000000000000000000001 01 80 10 80       lo\n\
                    20010db8000000000000000000000051 02 40 00 80     eth0\n\
                    fe80000000000000505400fffe000001 02 40 20 80     eth0\n";
        let found: Vec<String> = ipv6(text).map(|address| address.to_string()).collect();
        assert_eq!(found, ["::1", "2001:db8::51"]);
    }

    #[test]
    fn this_host_has_addresses() {
        assert!(own_addresses().iter().any(IpAddr::is_loopback));
    }
}
