//! A network namespace of one's own: nobody else's connections are counted in it, and all addresses of
//! 127/8 and of a /48 of IPv6 are this host's.

use std::fs;
use std::net::Ipv4Addr;
use std::process::{Command, ExitCode};

use crate::error::Error;
use crate::host::folder::run;

/// The load balancer's address, the only one that is trusted.
pub(super) const BALANCER: Ipv4Addr = Ipv4Addr::new(127, 77, 0, 1);

/// Peers that must send a PROXY header are in 127.8.0.0/16.
pub(super) const HEADER_PEERS: &str = "127.8.0.0/16";

/// A /48 of unique local addresses (RFC 4193).
pub(super) const SIX: &str = "fd77:7777:7777::/48";

const BIND_ANY: &str = "/proc/sys/net/ipv6/ip_nonlocal_bind";

/// Runs this program again in a namespace, and returns how it ended.
pub(crate) fn enter() -> Result<ExitCode, Error> {
    let own =
        std::env::current_exe().map_err(|error| Error::io("find the program that runs", error))?;
    let status = Command::new("unshare")
        .arg("--net")
        .arg(own)
        .args(std::env::args_os().skip(1))
        .arg("--inside")
        .status()
        .map_err(|error| Error::io("start a network namespace", error))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Gives the namespace this process is in its addresses.
pub(crate) fn furnish() -> Result<(), Error> {
    for arguments in [
        &["link", "set", "lo", "up"][..],
        &["-6", "route", "add", "local", SIX, "dev", "lo"],
    ] {
        run(Command::new("ip").args(arguments))?;
    }
    // A route alone lets packets in, but lets nobody bind.
    fs::write(BIND_ANY, "1").map_err(Error::file(BIND_ANY))?;
    Ok(())
}
