//! Listening sockets of one type, whether systemd passed them by name or they are bound here. Knows
//! nothing of what is answered on them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use listenfd::ListenFd;
use socket2::{Domain, Protocol, Socket, Type};
use thiserror::Error;
use tokio::io::unix::AsyncFd;

/// Connections the kernel completes ahead of us. At 128, the default of tokio and std, a balancer
/// farm that checks at once sees answers a second late, by SYN retransmission. The kernel caps it at
/// `net.core.somaxconn`.
pub const BACKLOG: i32 = 4096;

/// The name by which `FileDescriptorName=` gives the state port.
const STATE: &str = "state";

/// Why there is no socket to listen on.
#[derive(Debug, Error)]
pub enum SocketError {
    /// systemd passed a socket that this version has no use for.
    #[error(
        "systemd passed a socket named \"{0}\", which is none of this program's; set FileDescriptorName=state in the socket unit"
    )]
    Stranger(String),
    /// What systemd passed under a known name is no listening TCP socket.
    #[error(
        "the socket that systemd passed as \"{name}\" cannot be used; it must be a ListenStream= on a TCP port"
    )]
    Passed {
        /// Its name.
        name: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// An address of `listen.state` cannot be bound.
    #[error("cannot listen on {address}; {}", remedy(.source))]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The event loop does not take the socket.
    #[error("cannot watch a listening socket")]
    Watch(#[source] io::Error),
}

fn remedy(error: &io::Error) -> &'static str {
    let known = [
        (
            io::ErrorKind::AddrInUse,
            "another program has the port (ss -ltnp tells which); stop it or change listen.state",
        ),
        (
            io::ErrorKind::AddrNotAvailable,
            "this host has no such address; change listen.state",
        ),
        (
            io::ErrorKind::PermissionDenied,
            "this user may not; take a port above 1023",
        ),
    ];
    let found = known.iter().find(|(kind, _)| *kind == error.kind());
    found.map_or("change listen.state", |(_, remedy)| remedy)
}

/// A listening socket, non-blocking and watched by the event loop.
pub type Listener = AsyncFd<TcpListener>;

/// The sockets of the state port: those systemd passed, else the configured ones, bound here.
pub fn state_port(
    names: Option<&str>,
    configured: &[SocketAddr],
) -> Result<Vec<Listener>, SocketError> {
    let passed = passed(names)?;
    let listeners = if passed.is_empty() {
        configured
            .iter()
            .map(|address| bind(*address))
            .collect::<Result<_, _>>()?
    } else {
        passed
    };
    listeners.into_iter().map(watch).collect()
}

/// Takes what systemd passed; `names` is its `LISTEN_FDNAMES` (`sd_listen_fds_with_names(3)`).
fn passed(names: Option<&str>) -> Result<Vec<TcpListener>, SocketError> {
    let mut sockets = ListenFd::from_env();
    let names: Vec<&str> = names
        .map(|names| names.split(':').collect())
        .unwrap_or_default();
    (0..sockets.len())
        .map(|index| {
            let name = names.get(index).copied().unwrap_or_default();
            if !is_state(name, sockets.len()) {
                return Err(SocketError::Stranger(name.into()));
            }
            let failed = |source| SocketError::Passed {
                name: name.into(),
                source,
            };
            match sockets.take_tcp_listener(index) {
                Ok(Some(listener)) => Ok(listener),
                Ok(None) => Err(failed(io::ErrorKind::NotFound.into())),
                Err(source) => Err(failed(source)),
            }
        })
        .collect()
}

/// A single socket that was given no name is the state port. systemd names such a socket after its
/// unit (`systemd.socket(5)`, `FileDescriptorName=`), other starters `unknown` or nothing.
fn is_state(name: &str, sockets: usize) -> bool {
    let unnamed = name.is_empty() || name == "unknown" || name.ends_with(".socket");
    name == STATE || (unnamed && sockets == 1)
}

fn bind(address: SocketAddr) -> Result<TcpListener, SocketError> {
    match listen(address) {
        // The default address on a host without IPv6.
        Err(error) if is_no_ipv6(&error) && address.ip().is_unspecified() => {
            listen((Ipv4Addr::UNSPECIFIED, address.port()).into())
        }
        other => other,
    }
    .map_err(|source| SocketError::Bind { address, source })
}

fn is_no_ipv6(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::AFNOSUPPORT.raw_os_error())
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        // "[::]" means everybody, as systemd's ListenStream=5431 does.
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// An inherited socket is a blocking one, on which the event loop would stall or panic.
fn watch(listener: TcpListener) -> Result<Listener, SocketError> {
    listener.set_nonblocking(true).map_err(SocketError::Watch)?;
    #[expect(
        deprecated,
        reason = "the successor is unsafe, for types whose descriptor may change; std's listener \
                  keeps one for life, and unsafe code is forbidden here"
    )]
    AsyncFd::new(listener).map_err(SocketError::Watch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_socket_without_a_name_is_the_state_port() {
        for name in ["", "unknown", "pgsql-state.socket", "state"] {
            assert!(is_state(name, 1), "{name}");
        }
        assert!(!is_state("", 2));
        assert!(is_state("state", 2));
    }

    #[test]
    fn a_stranger_is_not_the_state_port() {
        for name in ["http", "agent", "states", "STATE"] {
            assert!(!is_state(name, 1), "{name}");
        }
    }

    #[test]
    fn an_address_in_use_says_what_to_do() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let error = bind(taken.local_addr().unwrap()).unwrap_err();
        assert!(
            error.to_string().contains("another program has the port"),
            "{error}"
        );
    }
}
