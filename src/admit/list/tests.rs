use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::super::net::canonical;
use super::*;

/// A network as written: an address and a prefix length.
#[derive(Clone, Copy, Debug)]
struct TestNet {
    address: IpAddr,
    length: u8,
}

impl TestNet {
    /// Compares bit by bit.
    fn contains(self, other: IpAddr) -> bool {
        let (own, other) = match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (bits(&own.octets()), bits(&other.octets())),
            (IpAddr::V6(own), IpAddr::V6(other)) => (bits(&own.octets()), bits(&other.octets())),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
        };
        let pairs = own.into_iter().zip(other);
        pairs
            .take(usize::from(self.length))
            .all(|(own, other)| own == other)
    }

    fn net(self) -> Net {
        let kept = bits_of(self.address)
            .into_iter()
            .enumerate()
            .map(|(index, bit)| bit && index < usize::from(self.length));
        let address = address_of(self.address, kept);
        format!("{address}/{}", self.length).parse().unwrap()
    }
}

fn bits(octets: &[u8]) -> Vec<bool> {
    let each = octets
        .iter()
        .flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1 == 1));
    each.collect()
}

fn bits_of(address: IpAddr) -> Vec<bool> {
    match address {
        IpAddr::V4(address) => bits(&address.octets()),
        IpAddr::V6(address) => bits(&address.octets()),
    }
}

fn address_of(like: IpAddr, bits: impl Iterator<Item = bool>) -> IpAddr {
    let number = bits.fold(0_u128, |number, bit| number << 1 | u128::from(bit));
    match like {
        IpAddr::V4(_) => Ipv4Addr::from(u32::try_from(number).unwrap()).into(),
        IpAddr::V6(_) => Ipv6Addr::from(number).into(),
    }
}

/// Addresses that are often near each other, so that lists often contain them.
fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        (0_u32..64, 0_u32..4).prop_map(|(low, high)| Ipv4Addr::from(high << 30 | low).into()),
        any::<u32>().prop_map(|number| Ipv4Addr::from(number).into()),
        (0_u128..64, 0_u128..4).prop_map(|(low, high)| {
            // Outside the block of IPv4-mapped addresses, which are IPv4 addresses.
            Ipv6Addr::from(high << 126 | 1 << 100 | low).into()
        }),
        any::<u128>().prop_map(|number| Ipv6Addr::from(number | 1 << 100).into()),
    ]
}

fn test_net() -> impl Strategy<Value = TestNet> {
    (address(), any::<prop::sample::Index>()).prop_map(|(address, length)| {
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = u8::try_from(length.index(most + 1)).unwrap();
        TestNet { address, length }
    })
}

proptest! {
    #[test]
    fn a_list_contains_the_same_addresses_as_a_naive_one(
        nets in prop::collection::vec(test_net(), 0..12),
        addresses in prop::collection::vec(address(), 1..40),
    ) {
        let list = AccessList::new(nets.iter().map(|net| net.net().into()));
        // The first and last addresses of its networks too.
        let edges = list.entries.iter().flat_map(|entry| {
            let (first, last) = entry.net.ends();
            [first, last]
        });
        for address in addresses.into_iter().chain(edges) {
            let naive = nets.iter().any(|net| net.contains(address));
            prop_assert_eq!(list.contains(address), naive, "{}", address);
            prop_assert_eq!(list.entry(address).is_some(), naive, "{}", address);
        }
    }
}

fn list(nets: &[&str]) -> AccessList {
    AccessList::new(nets.iter().map(|net| net.parse::<Net>().unwrap().into()))
}

#[test]
fn an_ipv4_peer_of_a_dual_stack_socket_is_an_ipv4_peer() {
    let peer = canonical("::ffff:10.1.2.3".parse().unwrap());
    assert!(list(&["10.0.0.0/8"]).contains(peer));
    assert!(!list(&["::/0"]).contains(peer));
}

#[test]
fn the_first_entry_that_contains_an_address_is_found() {
    let list = list(&["192.168.0.0/16", "10.0.0.0/8", "10.1.0.0/16"]);
    let entry = list.entry("10.1.0.1".parse().unwrap()).unwrap();
    assert_eq!(entry.to_string(), "\"10.0.0.0/8\"");
}

#[test]
fn an_empty_list_contains_no_address() {
    assert!(!list(&[]).contains("10.0.0.1".parse().unwrap()));
}
