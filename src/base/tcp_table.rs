//! Reads a row of the kernel's tables of TCP sockets (proc(5), "/proc/net/tcp"). Knows neither who asks nor what a socket is for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU64;

/// A socket. IPv4 addresses are such also where the socket is of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpRow {
    /// Its own address.
    pub local: SocketAddr,
    /// That of the other end; unspecified for a socket that listens.
    pub remote: SocketAddr,
    /// What it is.
    pub state: TcpState,
    /// Whose it is, once a process has it.
    pub owner: Option<TcpOwner>,
}

/// What a socket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpState {
    /// It waits for connections (`TCP_LISTEN` in `include/net/tcp_states.h`).
    Listening,
    /// It is an end of a connection.
    Connection,
}

/// Who has a socket. The kernel reports root for a connection that nobody has accepted yet, and for one that is closed, but
/// no inode number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpOwner {
    /// The user who has made it or accepted it.
    pub user: u32,
    /// Its inode number.
    pub socket: NonZeroU64,
}

impl TcpRow {
    /// Parses a row below the heading.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split_ascii_whitespace();
        let local = parse_place(fields.nth(1)?)?;
        let remote = parse_place(fields.next()?)?;
        let state = match fields.next()? {
            "0A" => TcpState::Listening,
            _ => TcpState::Connection,
        };
        let user = fields.nth(3)?.parse().ok()?;
        let socket: u64 = fields.nth(1)?.parse().ok()?;
        Some(Self {
            local,
            remote,
            state,
            owner: NonZeroU64::new(socket).map(|socket| TcpOwner { user, socket }),
        })
    }
}

fn parse_place(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    Some(SocketAddr::new(parse_address(address)?, port))
}

/// Parses an address: words in the machine's byte order, each of which holds bytes in network order.
fn parse_address(text: &str) -> Option<IpAddr> {
    let word = |place: usize| {
        let digits = text.get(place * 8..(place + 1) * 8)?;
        u32::from_str_radix(digits, 16).ok().map(u32::to_ne_bytes)
    };
    match text.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?];
            let bytes: [u8; 16] = words.concat().try_into().ok()?;
            Some(Ipv6Addr::from(bytes).to_canonical())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(state: &str, user: u32, socket: u64) -> Option<TcpRow> {
        let word = |bytes| format!("{:08X}", u32::from_ne_bytes(bytes));
        let (local, remote) = (word([127, 0, 0, 1]), word([10, 0, 0, 5]));
        TcpRow::parse(&format!(
            "  12: {local}:1F48 {remote}:C001 {state} 00000000:00000000 00:00000000 00000000 {user:5} 0 {socket} 1 0 20"
        ))
    }

    #[test]
    fn a_row_has_both_ends_and_the_owner() {
        let owner = |user, socket| {
            let socket = NonZeroU64::new(socket).unwrap();
            Some(TcpOwner { user, socket })
        };
        let found = row("01", 998, 77).unwrap();
        assert_eq!(found.local.to_string(), "127.0.0.1:8008");
        assert_eq!(found.remote.to_string(), "10.0.0.5:49153");
        assert_eq!(found.state, TcpState::Connection);
        assert_eq!(found.owner, owner(998, 77));
        assert_eq!(row("0A", 0, 5).unwrap().state, TcpState::Listening);
        assert_eq!(row("0A", 0, 5).unwrap().owner, owner(0, 5));
    }

    #[test]
    fn a_connection_that_nobody_has_accepted_is_not_roots() {
        assert_eq!(row("01", 0, 0).unwrap().owner, None);
        assert_eq!(row("06", 0, 0).unwrap().owner, None);
    }

    #[test]
    fn what_is_no_row_is_none() {
        let heading = "sl local_address rem_address st tx_queue rx_queue tr tm->when retrnsmt uid";
        for line in ["", heading, "0: 0100007F:1F48 0100007F:C001 01"] {
            assert_eq!(TcpRow::parse(line), None, "{line}");
        }
    }

    #[test]
    fn addresses_of_both_kinds_are_read() {
        let one = u32::from_ne_bytes([0, 0, 0, 1]);
        let address = |text: String| parse_address(&text).map(|address| address.to_string());
        let v4 = u32::from_ne_bytes([10, 0, 0, 5]);
        assert_eq!(address(format!("{v4:08X}")).as_deref(), Some("10.0.0.5"));
        let loopback = format!("{:024X}{one:08X}", 0);
        assert_eq!(address(loopback).as_deref(), Some("::1"));
        let mapped = u32::from_ne_bytes([0, 0, 255, 255]);
        let mapped = format!("{:016X}{mapped:08X}{v4:08X}", 0);
        assert_eq!(address(mapped).as_deref(), Some("10.0.0.5"));
        assert_eq!(address("12".into()), None);
        assert_eq!(address("XYZ45678".into()), None);
    }
}
