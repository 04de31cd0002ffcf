//! The listening sockets, whether passed by systemd with a name or bound here. Does not know what is
//! answered on them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use listenfd::ListenFd;
use nix::sys::socket::{getsockopt, setsockopt};
use nix::{getsockopt_impl, libc, setsockopt_impl, sockopt_impl};
use socket2::{Domain, Socket, Type};
use thiserror::Error;
use tokio::io::unix::AsyncFd;

use super::protocol::Protocol;

/// Length of the queue of connections that the kernel completes before they are accepted. With 128, the default of
/// tokio and std, many load balancers that check at the same time get answers a second late, because of SYN
/// retransmission. The kernel limits the value to `net.core.somaxconn`.
pub const BACKLOG: i32 = 4096;

/// A listening socket cannot be used or bound.
#[derive(Debug, Error)]
pub enum SocketError {
    /// systemd passed a socket with an unknown name.
    #[error(
        "systemd passed a socket named \"{0}\", which is not known here; set FileDescriptorName= to state, http or agent-check in the socket unit"
    )]
    UnknownName(String),
    /// The file descriptor that systemd passed under a known name is not a listening TCP socket.
    #[error(
        "the socket that systemd passed as \"{name}\" cannot be used; it must be a ListenStream= on a TCP port"
    )]
    Passed {
        /// The name of the socket.
        name: String,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// An address of `[listen]` cannot be bound.
    #[error("cannot listen on {address}; {} listen.{}", remedy(.source), protocol.key())]
    Bind {
        /// The protocol that the socket was meant for.
        protocol: Protocol,
        /// The address that cannot be bound.
        address: SocketAddr,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// The socket cannot be registered with the event loop.
    #[error("cannot add a listening socket to the event loop")]
    Watch(#[source] io::Error),
}

fn remedy(error: &io::Error) -> &'static str {
    let known = [
        (
            io::ErrorKind::AddrInUse,
            "another program uses the port (find it with ss -ltnp); stop it or change",
        ),
        (
            io::ErrorKind::AddrNotAvailable,
            "this host has no such address; change",
        ),
        (
            io::ErrorKind::PermissionDenied,
            "permission denied; use a port above 1023 in",
        ),
    ];
    let found = known.iter().find(|(kind, _)| *kind == error.kind());
    found.map_or("change", |(_, remedy)| remedy)
}

/// A listening socket, non-blocking and watched by the event loop.
pub type Listener = AsyncFd<TcpListener>;

/// Returns the sockets of each protocol: those that systemd passed or, if there are none, the configured ones.
pub fn listeners<'a>(
    names: Option<&str>,
    configured: impl Fn(Protocol) -> &'a [SocketAddr],
) -> Result<Vec<(Protocol, Listener)>, SocketError> {
    let mut listeners = passed(names)?;
    for protocol in Protocol::ALL {
        if listeners.iter().any(|(passed, _)| *passed == protocol) {
            continue;
        }
        for address in configured(protocol) {
            listeners.push((protocol, bind(protocol, *address)?));
        }
    }
    let watched = |(protocol, listener)| Ok((protocol, watch(listener)?));
    listeners.into_iter().map(watched).collect()
}

/// Takes the sockets that systemd passed; `names` is its `LISTEN_FDNAMES` (`sd_listen_fds_with_names(3)`).
fn passed(names: Option<&str>) -> Result<Vec<(Protocol, TcpListener)>, SocketError> {
    let mut sockets = ListenFd::from_env();
    let names: Vec<&str> = names
        .map(|names| names.split(':').collect())
        .unwrap_or_default();
    (0..sockets.len())
        .map(|index| {
            let name = names.get(index).copied().unwrap_or_default();
            let Some(protocol) = Protocol::of(name, sockets.len()) else {
                return Err(SocketError::UnknownName(name.into()));
            };
            let failed = |source| SocketError::Passed {
                name: name.into(),
                source,
            };
            match sockets.take_tcp_listener(index) {
                Ok(Some(listener)) => {
                    disable_defer_accept(&listener, name).map_err(failed)?;
                    Ok((protocol, listener))
                }
                Ok(None) => Err(failed(io::ErrorKind::NotFound.into())),
                Err(source) => Err(failed(source)),
            }
        })
        .collect()
}

sockopt_impl!(
    /// Whether the kernel delays accepting a connection until its client has sent data (tcp(7)).
    DeferAccept,
    Both,
    libc::IPPROTO_TCP,
    libc::TCP_DEFER_ACCEPT,
    bool
);

/// Disables `DeferAcceptSec=` of a socket unit. With it the kernel lets a connection be accepted only after its client
/// has sent data, but a client of the state port sends nothing and waits for the answer.
fn disable_defer_accept(listener: &TcpListener, name: &str) -> io::Result<()> {
    if !getsockopt(listener, DeferAccept)? {
        return Ok(());
    }
    setsockopt(listener, DeferAccept, &false)?;
    tracing::warn!(
        "disabled DeferAcceptSec= of the socket that systemd passed as \"{name}\", because it delays connections until \
        the client has sent data; remove the setting from the socket unit"
    );
    Ok(())
}

fn bind(protocol: Protocol, address: SocketAddr) -> Result<TcpListener, SocketError> {
    match listen(address) {
        // The default address is an IPv6 one; this host has no IPv6.
        Err(error) if is_no_ipv6(&error) && address.ip().is_unspecified() => {
            listen((Ipv4Addr::UNSPECIFIED, address.port()).into())
        }
        other => other,
    }
    .map_err(|source| SocketError::Bind {
        protocol,
        address,
        source,
    })
}

fn is_no_ipv6(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::AFNOSUPPORT.raw_os_error())
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(socket2::Protocol::TCP),
    )?;
    if address.is_ipv6() {
        // "[::]" accepts IPv4 too, as systemd's ListenStream=5431 does.
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Registers a socket with the event loop. An inherited socket may be blocking, and would stall the event loop.
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
    fn an_address_in_use_says_what_to_do() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let error = bind(Protocol::Agent, taken.local_addr().unwrap()).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("another program uses the port"),
            "{message}"
        );
        assert!(
            message.ends_with("stop it or change listen.agent_check"),
            "{message}"
        );
    }
}
