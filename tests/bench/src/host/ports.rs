//! Free ports on the loopback interface, and whether somebody listens, told without connecting.

use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};

use crate::error::Error;

const TCP: &str = "/proc/net/tcp";

/// An address on which nobody listens now. Another program could take it before the contender does;
/// the contender then fails to start and the run ends.
pub(crate) fn free() -> Result<SocketAddrV4, Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|error| Error::io("find a free port", error))?;
    Ok(SocketAddrV4::new(Ipv4Addr::LOCALHOST, listener.port()))
}

/// Whether somebody listens on `address`. A connection would tell too, but would also start what waits
/// for the first one.
pub(crate) fn is_listening(address: SocketAddrV4) -> Result<bool, Error> {
    let table = fs::read_to_string(TCP).map_err(Error::file(TCP))?;
    Ok(has_listener(&table, address))
}

/// Looks for the state `0A`, LISTEN (proc(5); `include/net/tcp_states.h`). Addresses are printed as
/// the machine holds them, hence the native byte order.
fn has_listener(table: &str, address: SocketAddrV4) -> bool {
    let wanted = format!(
        "{:08X}:{:04X}",
        u32::from_ne_bytes(address.ip().octets()),
        address.port()
    );
    table.lines().any(|line| {
        let mut fields = line.split_whitespace().skip(1);
        fields.next() == Some(&wanted) && fields.nth(1) == Some("0A")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_seen_and_a_connection_is_not_taken_for_one() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
        assert!(is_listening(address).unwrap());
        let table = fs::read_to_string(TCP).unwrap();
        assert!(!has_listener(&table.replace(" 0A ", " 01 "), address));
        assert!(!has_listener(
            &table,
            SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, 2), port)
        ));
    }
}
