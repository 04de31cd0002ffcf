//! Who is answered and who is not, on real sockets: clients with addresses of their own in 127/8, of
//! which the daemon trusts one. No server runs behind it: `down no-socket` is an answer too.
//!
//! - [`lists`]: deny, allow, trusted, and how the refused are ended.
//! - [`limits`]: rates, slots, the table of clients, and what is told of them.
//! - [`proxy`]: the PROXY header, from test clients and from a real HAProxy.
//! - [`token`]: the shared secret.
//! - [`descriptors`]: when the system has no more of them.
//! - [`reload`]: when the configuration changes.
//! - [`attacks`]: what untrusted clients may try, and that the trusted load balancer does not notice.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

mod attacks;
mod descriptors;
mod limits;
mod lists;
mod proxy;
mod reload;
mod token;

use std::io::{self, ErrorKind, Read};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use support::daemon::Setup;
use support::{Daemon, Trouble, ports};

/// The built program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");

/// Longest wait for what has no deadline of its own.
const SECONDS: Duration = Duration::from_secs(20);

/// The load balancer.
const TRUSTED: Ipv4Addr = Ipv4Addr::new(127, 77, 0, 1);

/// What everyone is told who is told anything.
const ANSWER: &str = "down no-socket\n";

/// What became of a connection.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// These bytes came, then the orderly end.
    Said(String),
    /// The orderly end, without a byte.
    Closed,
    /// RST, without a byte.
    Reset,
    /// Nothing within the time.
    Silent,
}

/// A daemon with this table `[admission]`.
fn setup(admission: &str) -> Result<Setup, Trouble> {
    Ok(Daemon::binding(PROGRAM, ports::free()?)
        .asking("host=/nonexistent user=monitor dbname=postgres")
        .admission(admission))
}

fn start(admission: &str) -> Result<Daemon, Trouble> {
    setup(admission)?.start()
}

/// A connection from an address of this host.
fn connect(from: Ipv4Addr, to: SocketAddrV4) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    socket.connect(&SocketAddr::from(to).into())?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(SECONDS))?;
    Ok(stream)
}

/// How the daemon ends a connection.
fn end(mut stream: TcpStream) -> End {
    let mut text = String::new();
    let read = stream.read_to_string(&mut text);
    match (read, text.is_empty()) {
        (Ok(_), true) => End::Closed,
        (Ok(_), false) => End::Said(text),
        (Err(error), true) if error.kind() == ErrorKind::ConnectionReset => End::Reset,
        (Err(error), true) if error.kind() == ErrorKind::WouldBlock => End::Silent,
        (Err(error), _) => panic!("{error} after {text:?}"),
    }
}

/// What a client from this address gets.
fn ask(from: Ipv4Addr, daemon: &Daemon) -> End {
    end(connect(from, daemon.state()).unwrap())
}

/// Whether it was refused: what a client has sent and nobody read makes an orderly close a reset.
fn is_refusal(end: &End) -> bool {
    matches!(end, End::Closed | End::Reset)
}

fn answered() -> End {
    End::Said(ANSWER.into())
}
