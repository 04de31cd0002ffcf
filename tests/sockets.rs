//! Listening sockets: passed by systemd under names, inherited by one daemon after the other, or
//! bound at the start.
#![expect(
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail by panicking"
)]

use std::io::{self, Read};
use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::time::Duration;

use nix::sys::socket::setsockopt;
use nix::{libc, setsockopt_impl, sockopt_impl};
use support::daemon::Setup;
use support::postgres::MONITOR;
use support::{Daemon, Postgres, Trouble, ask_flat_out, ports};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");
const SECONDS: Duration = Duration::from_secs(20);

/// Where no server ever is.
const NOWHERE: &str = "host=/nonexistent user=monitor dbname=postgres";

/// A daemon to which these sockets are passed under these names.
fn passing(sockets: &[(&str, SocketAddrV4)]) -> Setup {
    let setup = Daemon::binding(PROGRAM, sockets[0].1);
    sockets
        .iter()
        .fold(setup, |setup, (name, address)| {
            setup.passing(name, *address)
        })
        .asking(NOWHERE)
}

fn listen() -> Result<TcpListener, Trouble> {
    TcpListener::bind(ports::free()?).map_err(Trouble::io("listen"))
}

fn connect(address: SocketAddrV4) -> Result<TcpStream, Trouble> {
    let connect = || {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(SECONDS))?;
        Ok(stream)
    };
    connect().map_err(Trouble::io(format!("connect to {address}")))
}

/// What came before the stream was closed or reset.
fn read_to_end(mut stream: TcpStream) -> Vec<u8> {
    let mut received = Vec::new();
    stream.read_to_end(&mut received).ok();
    received
}

/// What the daemon itself said, without the activator's words.
fn said(daemon: &Daemon) -> Vec<String> {
    let log = daemon.log();
    let own = log.lines().filter(|line| line.starts_with("pgsql-state: "));
    own.map(str::to_owned).collect()
}

/// Lets the activator start the daemon, which must end with one sentence and without an answer.
fn refusal(sockets: &[(&str, SocketAddrV4)]) -> Result<String, Trouble> {
    let mut daemon = passing(sockets).start()?;
    assert_eq!(read_to_end(connect(sockets[0].1)?), b"");
    assert_eq!(daemon.end_within(SECONDS)?.code(), Some(1));
    let said = said(&daemon);
    assert_eq!(said.len(), 1, "{}", daemon.log());
    Ok(said[0].clone())
}

#[test]
fn the_socket_named_state_is_answered_on() -> Result<(), Trouble> {
    let address = ports::free()?;
    let daemon = passing(&[("state", address)]).start()?;
    daemon.wait_for(SECONDS, "down no-socket")
}

#[test]
fn several_sockets_named_state_are_all_answered_on() -> Result<(), Trouble> {
    let (first, second) = (ports::free()?, ports::free()?);
    let daemon = passing(&[("state", first), ("state", second)]).start()?;
    daemon.wait_for(SECONDS, "down no-socket")?;
    assert_eq!(
        support::ask(second, SECONDS).ok().as_deref(),
        Some("down no-socket")
    );
    Ok(())
}

#[test]
fn a_single_socket_without_a_name_is_answered_on() -> Result<(), Trouble> {
    let address = ports::free()?;
    let daemon = passing(&[("", address)]).start()?;
    daemon.wait_for(SECONDS, "down no-socket")
}

#[test]
fn sockets_from_systemd_replace_those_of_the_configuration() -> Result<(), Trouble> {
    let passed = ports::free()?;
    // Could not be bound: somebody else has it.
    let taken = listen()?;
    let configured = taken.local_addr().map_err(Trouble::io("listen"))?;
    let daemon = Daemon::activated(PROGRAM, passed)
        .config(&format!("[listen]\nstate = [\"{configured}\"]\n"))
        .asking(NOWHERE)
        .start()?;
    daemon.wait_for(SECONDS, "down no-socket")
}

#[test]
fn a_socket_with_an_unknown_name_is_refused_by_its_name() -> Result<(), Trouble> {
    let said = refusal(&[("stat", ports::free()?)])?;
    assert!(said.contains("named \"stat\""), "{said}");
    assert!(
        said.contains("set FileDescriptorName= to state, http"),
        "{said}"
    );
    Ok(())
}

#[test]
fn an_unknown_name_among_known_ones_is_refused_too() -> Result<(), Trouble> {
    let said = refusal(&[("state", ports::free()?), ("https", ports::free()?)])?;
    assert!(said.contains("named \"https\""), "{said}");
    Ok(())
}

#[test]
fn several_sockets_without_names_are_refused() -> Result<(), Trouble> {
    let said = refusal(&[("", ports::free()?), ("", ports::free()?)])?;
    assert!(
        said.contains("set FileDescriptorName= to state, http"),
        "{said}"
    );
    Ok(())
}

#[test]
fn an_address_in_use_is_one_sentence_with_a_remedy() -> Result<(), Trouble> {
    let taken = ports::free()?;
    let _listener = TcpListener::bind(taken).map_err(Trouble::io("listen"))?;
    let mut daemon = Daemon::binding(PROGRAM, taken).asking(NOWHERE).launch()?;
    assert_eq!(daemon.end_within(SECONDS)?.code(), Some(1));
    let log = daemon.log();
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(
        log.starts_with(&format!("pgsql-state: cannot listen on {taken}; ")),
        "{log}"
    );
    assert!(log.contains("stop it or change listen.state"), "{log}");
    assert!(!daemon.notifications().contains("READY=1"));
    Ok(())
}

#[test]
fn an_inherited_socket_that_blocks_holds_nothing_up() -> Result<(), Trouble> {
    let listener = listen()?;
    listener
        .set_nonblocking(false)
        .map_err(Trouble::io("make a socket blocking"))?;
    let mut daemon = Daemon::inheriting(PROGRAM, &listener)?
        .asking(NOWHERE)
        .start()?;
    for _ in 0..3 {
        assert_eq!(daemon.ask().ok().as_deref(), Some("down no-socket"));
    }
    // In a call that waits for the next connection it would not hear this.
    assert!(daemon.stop()?.success());
    Ok(())
}

sockopt_impl!(
    /// How many seconds the kernel holds a connection back whose client does not speak (tcp(7)).
    DeferAccept,
    SetOnly,
    libc::IPPROTO_TCP,
    libc::TCP_DEFER_ACCEPT,
    i32
);

/// With `DeferAcceptSec=` the kernel hands a connection over once its client has spoken, and one of the state port waits
/// for the answer first.
#[test]
fn a_socket_that_holds_connections_back_is_made_to_hand_them_over() -> Result<(), Trouble> {
    let listener = listen()?;
    let set = setsockopt(&listener, DeferAccept, &60).map_err(io::Error::from);
    set.map_err(Trouble::io("have a socket hold connections back"))?;
    let daemon = Daemon::inheriting(PROGRAM, &listener)?
        .asking(NOWHERE)
        .start()?;
    assert_eq!(
        support::ask(daemon.state(), SECONDS).ok().as_deref(),
        Some("down no-socket")
    );
    let log = daemon.log();
    assert_eq!(log.matches("disabled DeferAcceptSec=").count(), 1, "{log}");
    Ok(())
}

#[test]
fn restarts_lose_no_check_while_the_socket_is_kept() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let listener = listen()?;
    let start = || {
        let daemon = Daemon::inheriting(PROGRAM, &listener)?
            .asking(&server.conninfo(MONITOR))
            .config("timeout = \"10s\"\n")
            .start()?;
        daemon.wait_for(SECONDS, "production")?;
        Ok::<_, Trouble>(daemon)
    };
    let first = start()?;
    let address = first.state();
    let (last, exchanges) = ask_flat_out(address, 4, || {
        let mut daemon = first;
        for _ in 0..3 {
            assert!(daemon.stop()?.success());
            let between = connect(address)?;
            daemon = start()?;
            assert_eq!(read_to_end(between), b"production\n");
        }
        Ok::<_, Trouble>(daemon)
    });
    drop(last?);
    assert!(!exchanges.is_empty());
    for exchange in exchanges {
        assert_eq!(exchange.answer.ok().as_deref(), Some("production"));
    }
    Ok(())
}
