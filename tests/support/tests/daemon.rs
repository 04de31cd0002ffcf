//! The harness starts a program as systemd would. The program is a script here: what the daemon does
//! with it is for the daemon's own tests.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

use std::net::{SocketAddrV4, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use support::scratch::Scratch;
use support::{Daemon, Trouble, ports, until};

/// Enough on a machine that does everything at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// Written by a process of its own: were it open for writing in ours, another test's fork could keep
/// it so, and the kernel would refuse to run it.
fn script(scratch: &Scratch, text: &str) -> PathBuf {
    let path = scratch.path().join("script");
    let mut shell = scratch.command("/bin/sh");
    shell.args([
        "-c",
        "printf '#!/bin/sh\\n%s\\n' \"$0\" >script; chmod 755 script",
        text,
    ]);
    assert!(shell.status().unwrap().success());
    path
}

#[test]
fn a_program_is_started_once_it_says_that_it_is_ready() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let program = script(
        &scratch,
        "echo \"$1 $2 $COLOUR\" >&2; cat \"$3\" >&2
        trap 'exit 7' TERM
        systemd-notify --ready --status='standby, 0 bytes behind'
        while :; do sleep 0.1; done",
    );
    let state = SocketAddrV4::new([127, 1, 2, 3].into(), 5431);
    let mut daemon = Daemon::binding(program, state)
        .asking("host=/run dbname=postgres password='a\"b'")
        .config("timeout = \"1s\"\n")
        .env("COLOUR", "blue")
        .start()?;
    assert_eq!(
        daemon.notifications().status().as_deref(),
        Some("standby, 0 bytes behind")
    );
    assert_eq!(
        daemon.log(),
        "serve --config blue\n\
         [listen]\nstate = [\"127.1.2.3:5431\"]\n\
         [postgres]\nconninfo = \"host=/run dbname=postgres password='a\\\"b'\"\ntimeout = \"1s\"\n\
         [admission]\ntrusted = [\"127.0.0.0/8\", \"::1/128\"]\n"
    );
    assert_eq!(daemon.stop()?.code(), Some(7));
    Ok(())
}

#[test]
fn sockets_are_passed_by_name_at_the_first_connection() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let program = script(
        &scratch,
        "[ \"$LISTEN_PID\" = $$ ] && echo \"got $LISTEN_FDS $LISTEN_FDNAMES\" >&2; exec sleep 60",
    );
    let (state, http) = (ports::free()?, ports::free()?);
    let daemon = Daemon::activated(program, state)
        .passing("http", http)
        .start()?;
    assert!(!daemon.log().contains("got "), "{}", daemon.log());
    TcpStream::connect(state).map_err(Trouble::io("connect"))?;
    until(PATIENCE, "the program", || {
        daemon.log().contains("got 2 state:http")
    })
}

#[test]
fn a_program_that_ends_at_its_start_is_an_error_with_its_words() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let program = script(&scratch, "echo 'this key is unknown' >&2; exit 78");
    let said = Daemon::binding(program, ports::free()?)
        .start()
        .unwrap_err();
    assert!(said.to_string().contains("exit status: 78"), "{said}");
    assert!(said.to_string().contains("this key is unknown"), "{said}");
    Ok(())
}
