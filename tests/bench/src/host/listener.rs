//! A listening socket of which the kernel drops all packets but those of some addresses, before there is a
//! connection. It stands for a firewall, and for `IPAddressAllow=` of systemd.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::OwnedFd;

use socket2::{Domain, SockFilter, Socket, Type};

use crate::error::Error;

/// As long as the daemon's own.
const BACKLOG: i32 = 4096;

/// A socket that hears these sources only.
pub(crate) fn hearing(sources: &[Ipv4Addr], address: SocketAddrV4) -> Result<OwnedFd, Error> {
    bind(sources, address).map_err(|error| Error::io(format!("listen on {address}"), error))
}

fn bind(sources: &[Ipv4Addr], address: SocketAddrV4) -> io::Result<OwnedFd> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.attach_filter(&only(sources))?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Classic BPF (the kernel's `networking/filter.rst`): keeps a packet if its IPv4 source, the word at 12
/// of the network header, is one of these.
fn only(sources: &[Ipv4Addr]) -> Vec<SockFilter> {
    const LOAD_WORD: u16 = 0x20;
    const IF_EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    const NETWORK_HEADER: u32 = 0xfff0_0000;
    let mut program = vec![SockFilter::new(LOAD_WORD, 0, 0, NETWORK_HEADER + 12)];
    // How many instructions there are from each to the last, which keeps the packet.
    let left = (1..=u8::try_from(sources.len()).unwrap_or(u8::MAX)).rev();
    let compare = |(to_keep, source): (u8, &Ipv4Addr)| {
        SockFilter::new(IF_EQUAL, to_keep, 0, source.to_bits())
    };
    program.extend(left.zip(sources).map(compare));
    program.push(SockFilter::new(RETURN, 0, 0, 0));
    program.push(SockFilter::new(RETURN, 0, 0, u32::MAX));
    program
}
