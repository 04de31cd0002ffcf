//! SIGTERM: checks that were taken are answered, within the grace; then the daemon ends.

use std::io::Read;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use support::postgres::MONITOR;
use support::{Daemon, Postgres, Trouble, Whom, ports, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");
const SECONDS: Duration = Duration::from_secs(20);

/// A daemon that has answered; `config` continues the table `[postgres]`.
fn start(server: &Postgres, config: &str) -> Result<Daemon, Trouble> {
    let daemon = Daemon::binding(PROGRAM, ports::free()?)
        .asking(&server.conninfo(MONITOR))
        .config(config)
        .start()?;
    daemon.wait_for(SECONDS, "production")?;
    until(SECONDS, "the end of that check", || {
        daemon.connections() == 0
    })?;
    Ok(daemon)
}

/// A check that the daemon has taken.
fn begin_check(daemon: &Daemon) -> Result<TcpStream, Trouble> {
    let stream = TcpStream::connect(daemon.state()).map_err(Trouble::io("connect"))?;
    until(SECONDS, "the check to be taken", || {
        daemon.connections() == 1
    })?;
    Ok(stream)
}

/// What came before the stream was closed or reset.
fn read_to_end(mut stream: TcpStream) -> String {
    let mut received = Vec::new();
    stream.read_to_end(&mut received).ok();
    String::from_utf8_lossy(&received).into_owned()
}

#[test]
fn an_idle_daemon_ends_at_once_and_says_so() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    for signal in [Signal::TERM, Signal::INT] {
        let mut daemon = start(&server, "")?;
        let before = Instant::now();
        daemon.signal(signal)?;
        let status = daemon.end_within(SECONDS)?;
        assert_eq!(status.code(), Some(0));
        assert!(before.elapsed() < Duration::from_secs(2));
        // Whoever receives them may read the last one only after the daemon has ended.
        until(SECONDS, "STOPPING=1", || {
            daemon.notifications().count("STOPPING=1") == 1
        })?;
        let lines = daemon.notifications().lines();
        assert_eq!(lines.last().map(String::as_str), Some("STOPPING=1"));
        assert!(daemon.log().ends_with("stopped\n"), "{}", daemon.log());
    }
    Ok(())
}

#[test]
fn a_check_under_way_is_answered_first() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let mut daemon = start(&server, "timeout = \"10s\"\n[service]\ngrace = \"20s\"\n")?;
    server.freeze(Whom::Everyone)?;
    let check = begin_check(&daemon)?;
    daemon.signal(Signal::TERM)?;
    until(SECONDS, "STOPPING=1", || {
        daemon.notifications().contains("STOPPING=1")
    })?;
    // The next check is for the next daemon.
    until(SECONDS, "the socket's end", || {
        TcpStream::connect(daemon.state()).is_err()
    })?;
    server.thaw()?;
    assert_eq!(read_to_end(check), "production\n");
    assert_eq!(daemon.end_within(SECONDS)?.code(), Some(0));
    Ok(())
}

#[test]
fn a_check_that_outlasts_the_grace_gets_no_answer() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let mut daemon = start(&server, "timeout = \"10s\"\n[service]\ngrace = \"300ms\"\n")?;
    server.freeze(Whom::Everyone)?;
    let check = begin_check(&daemon)?;
    let before = Instant::now();
    daemon.signal(Signal::TERM)?;
    assert_eq!(daemon.end_within(SECONDS)?.code(), Some(0));
    let took = before.elapsed();
    assert!(took > Duration::from_millis(300), "{took:?}");
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert_eq!(read_to_end(check), "");
    let log = daemon.log();
    assert!(log.contains("still open when service.grace ended"), "{log}");
    Ok(())
}

#[test]
fn a_silent_client_holds_the_end_up_no_longer_than_it_may_last() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let mut daemon = start(&server, "[service]\ngrace = \"20s\"\n")?;
    let silent = begin_check(&daemon)?;
    let before = Instant::now();
    assert_eq!(daemon.stop()?.code(), Some(0));
    let took = before.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(read_to_end(silent), "production\n");
    Ok(())
}
