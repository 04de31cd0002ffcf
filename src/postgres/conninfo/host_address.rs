//! Reads an address as `hostaddr` has it: every form that `getaddrinfo` reads without a lookup.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest name of a network interface (`IFNAMSIZ`, less the NUL).
const INTERFACE_LIMIT: usize = 15;

/// An address, with the zone that a link-local address needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostAddress {
    /// The address.
    pub ip: IpAddr,
    /// The name or the number of a network interface. Whether the interface exists is found out by connecting.
    pub zone: Option<String>,
}

impl HostAddress {
    /// Reads an IPv6 address, with its zone after a `%`, or an IPv4 address in the forms of `inet_aton`
    /// (inet(3)): one to four numbers, each decimal, octal or hexadecimal, of which the last fills the rest.
    pub fn read(text: &str) -> Option<Self> {
        if let Some(address) = version_4(text) {
            return Some(Self::without_zone(Ipv4Addr::from(address).into()));
        }
        let Some((address, zone)) = text.split_once('%') else {
            return text
                .parse::<Ipv6Addr>()
                .ok()
                .map(|it| Self::without_zone(it.into()));
        };
        let ip: Ipv6Addr = address.parse().ok()?;
        is_zone(zone, ip).then(|| Self {
            ip: ip.into(),
            zone: Some(zone.into()),
        })
    }

    fn without_zone(ip: IpAddr) -> Self {
        Self { ip, zone: None }
    }
}

impl From<IpAddr> for HostAddress {
    fn from(ip: IpAddr) -> Self {
        Self::without_zone(ip)
    }
}

impl fmt::Display for HostAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.zone {
            Some(zone) => write!(f, "{}%{zone}", self.ip),
            None => self.ip.fmt(f),
        }
    }
}

/// Whether the C library accepts the zone: the name of an interface only with a link-local address.
fn is_zone(zone: &str, ip: Ipv6Addr) -> bool {
    let is_number = zone.bytes().all(|b| b.is_ascii_digit()) && zone.parse::<u32>().is_ok();
    let multicast_link_local = ip.segments()[0] & 0xff0f == 0xff02;
    let takes_names = ip.is_unicast_link_local() || multicast_link_local;
    let is_name = (1..=INTERFACE_LIMIT).contains(&zone.len())
        && !zone.contains(|c: char| c == '/' || c.is_whitespace() || c.is_control());
    is_number || (takes_names && is_name)
}

fn version_4(text: &str) -> Option<u32> {
    let parts: Vec<u32> = text.split('.').map(part).collect::<Option<_>>()?;
    let (last, firsts) = parts.split_last()?;
    // All numbers but the last are one byte each; the last has the rest of four bytes.
    let bits = 8 * (4_u32.checked_sub(u32::try_from(firsts.len()).ok()?)?);
    let fits = bits > 0 && u64::from(*last) < 1_u64 << bits;
    if !fits || firsts.iter().any(|byte| *byte > 0xff) {
        return None;
    }
    let high = firsts
        .iter()
        .fold(0_u64, |high, byte| high << 8 | u64::from(*byte));
    u32::try_from(high << bits | u64::from(*last)).ok()
}

/// Reads a number as `strtoul` with base 0 does, without a sign.
fn part(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix('0') {
        None | Some("") => (text, 10),
        Some(rest) => match rest.strip_prefix(['x', 'X']) {
            Some(digits) => (digits, 16),
            None => (rest, 8),
        },
    };
    let are_digits = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    are_digits.then(|| u32::from_str_radix(digits, radix).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        HostAddress::read(text).map(|address| address.to_string())
    }

    #[test]
    fn an_address_is_read_in_every_form_that_the_c_library_has() {
        for (text, address) in [
            ("10.0.0.5", "10.0.0.5"),
            ("127.9.1", "127.9.0.1"),
            ("127.1", "127.0.0.1"),
            ("2130706433", "127.0.0.1"),
            ("0x7f.0.0.010", "127.0.0.8"),
            ("0", "0.0.0.0"),
            ("2001:db8::5", "2001:db8::5"),
            ("fe80::1%eth0", "fe80::1%eth0"),
            ("ff02::1%eth0", "ff02::1%eth0"),
            ("fe80::1%2", "fe80::1%2"),
            ("::1%2", "::1%2"),
        ] {
            assert_eq!(read(text).as_deref(), Some(address), "{text}");
        }
        for text in [
            "",
            "db1",
            "1.2.3.4.5",
            "1.2.3.256",
            "256.1",
            "1.16777216",
            "4294967296",
            "08",
            "0x",
            "+1",
            "1.",
            ".1",
            " 1",
            "::1%lo",
            "fe80::1%",
            "fe80::1%a b",
            "fe80::1%sixteen-letters-",
            "10.0.0.5%eth0",
            "[::1]",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
