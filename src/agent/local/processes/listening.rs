//! The addresses at which a process listens over TCP, as the kernel reports them: a connection to one of them is with
//! that process and no other. Knows nothing of what is exchanged over it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rustix::process::RawPid;

/// `TCP_LISTEN` in `include/net/tcp_states.h`.
const LISTEN: &str = "0A";

/// The kernel's tables of this network namespace (proc(5), "/proc/net/tcp").
const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];

/// Returns all addresses; an unspecified address is returned as the loopback address. Returns none if the process may
/// not be examined, or is in another network namespace.
pub(in crate::agent::local) fn listening(pid: RawPid) -> Vec<SocketAddr> {
    let sockets = sockets(pid);
    if sockets.is_empty() {
        return Vec::new();
    }
    let tables = TABLES.iter().filter_map(|table| File::open(table).ok());
    let listeners = tables.flat_map(|table| listeners(BufReader::new(table)));
    let own = listeners.filter(|(_, socket)| sockets.contains(socket));
    own.map(|(address, _)| reached(address)).collect()
}

/// Returns the inode numbers of a process's sockets.
fn sockets(pid: RawPid) -> Vec<u64> {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return Vec::new();
    };
    let sockets = descriptors.filter_map(|descriptor| {
        let to = fs::read_link(descriptor.ok()?.path()).ok()?;
        let number = to.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
        number.parse().ok()
    });
    sockets.collect()
}

/// Returns the listening sockets of a table, each with its inode number. They precede all others, of which there may be
/// many (`tcp_get_idx` in `net/ipv4/tcp_ipv4.c`).
fn listeners(table: impl BufRead) -> Vec<(SocketAddr, u64)> {
    let lines = table.lines().skip(1).map_while(Result::ok);
    lines.map_while(|line| parse(&line)).collect()
}

/// Parses the line of a listening socket.
fn parse(line: &str) -> Option<(SocketAddr, u64)> {
    let mut fields = line.split_ascii_whitespace();
    let address = fields.nth(1)?;
    let state = fields.nth(1)?;
    let number = fields.nth(5)?.parse().ok()?;
    let (address, port) = address.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    (state == LISTEN).then_some((SocketAddr::new(parse_address(address)?, port), number))
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

/// Returns the address at which a process on this host can connect to it.
fn reached(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    fn own() -> Vec<SocketAddr> {
        listening(RawPid::try_from(std::process::id()).unwrap())
    }

    #[test]
    fn a_process_listens_where_it_has_bound_and_nowhere_else() {
        let here = TcpListener::bind("127.0.0.3:0").unwrap();
        let address = here.local_addr().unwrap();
        let client = TcpStream::connect(address).unwrap();
        let everywhere = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = everywhere.local_addr().unwrap().port();
        let found = own();
        assert!(found.contains(&address), "{found:?}");
        assert!(found.contains(&SocketAddr::from(([127, 0, 0, 1], port))));
        assert!(!found.contains(&client.local_addr().unwrap()));
        drop(here);
        assert!(!own().contains(&address));
        assert_eq!(listening(RawPid::MAX), []);
    }

    #[test]
    fn addresses_of_both_kinds_are_read() {
        let one = u32::from_ne_bytes([0, 0, 0, 1]);
        let address = |text: String| parse_address(&text).map(|address| address.to_string());
        let v4 = u32::from_ne_bytes([10, 0, 0, 5]);
        assert_eq!(address(format!("{v4:08X}")).as_deref(), Some("10.0.0.5"));
        let loopback = format!("{:024X}{one:08X}", 0);
        assert_eq!(address(loopback).as_deref(), Some("::1"));
        assert_eq!(address("12".into()), None);
        assert_eq!(address("XYZ45678".into()), None);
    }
}
