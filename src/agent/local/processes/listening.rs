//! The addresses at which a process listens over TCP, as the kernel reports them: a connection to one of them is with
//! that process and no other. Knows nothing of what is exchanged over it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rustix::process::RawPid;

use crate::base::tcp_table::{TcpRow, TcpState};

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
    let rows = lines.map_while(|line| TcpRow::parse(&line));
    let listeners = rows.take_while(|row| row.state == TcpState::Listening);
    let owned = listeners.filter_map(|row| Some((row.local, row.owner?.socket.get())));
    owned.collect()
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
}
