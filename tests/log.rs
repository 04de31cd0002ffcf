//! The log: a line for each change, none for a check, and nothing that a stranger could make grow.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use socket2::SockRef;
use support::postgres::{MONITOR, ORDINARY};
use support::{Daemon, Mode, Postgres, Trouble, ask_flat_out, ports, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");
const SECONDS: Duration = Duration::from_secs(20);

/// A daemon that a busy machine does not make say `down timeout`.
fn start(server: &Postgres, role: &str, config: &str) -> Result<Daemon, Trouble> {
    Daemon::binding(PROGRAM, ports::free()?)
        .asking(&server.conninfo(role))
        .config("timeout = \"10s\"\n")
        .config(config)
        .start()
}

fn ask_often(daemon: &Daemon, line: &str) {
    for _ in 0..1000 {
        assert_eq!(daemon.ask().unwrap(), line);
    }
}

#[test]
fn a_thousand_checks_add_no_line() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let daemon = start(&server, MONITOR, "")?;
    daemon.wait_for(SECONDS, "production")?;
    let log = daemon.log();
    assert_eq!(log.matches("primary").count(), 1, "{log}");
    ask_often(&daemon, "production");
    assert_eq!(daemon.log(), log);

    server.stop(Mode::Fast)?;
    daemon.wait_for(SECONDS, "down no-socket")?;
    let log = daemon.log();
    assert!(log.contains("reason=\"no-socket\""), "{log}");
    ask_often(&daemon, "down no-socket");
    assert_eq!(daemon.log(), log);
    Ok(())
}

#[test]
fn a_change_of_state_is_one_line() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    let daemon = start(&standby, MONITOR, "")?;
    daemon.wait_for(SECONDS, "standby")?;
    let before = daemon.log();
    let (promoted, _) = ask_flat_out(daemon.state(), 3, || {
        standby.promote()?;
        daemon.wait_for(SECONDS, "production")
    });
    promoted?;
    let log = daemon.log();
    let added: Vec<&str> = log.strip_prefix(&before).unwrap().lines().collect();
    assert_eq!(added.len(), 1, "{added:?}");
    assert!(
        added[0].contains("primary state=\"production\""),
        "{added:?}"
    );
    Ok(())
}

#[test]
fn a_thousand_hostile_clients_add_no_line() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let daemon = start(&server, MONITOR, "")?;
    daemon.wait_for(SECONDS, "production")?;
    let before = daemon.log();
    for number in 0..1000 {
        let mut stream = TcpStream::connect(daemon.state()).map_err(Trouble::io("connect"))?;
        // Whether it still takes this does not matter.
        stream.write_all(b"\x16\x03\x01 GET / HTTP/1.1\r\n\n").ok();
        if number % 2 == 0 {
            SockRef::from(&stream)
                .set_linger(Some(Duration::ZERO))
                .map_err(Trouble::io("prepare a reset"))?;
        }
    }
    until(SECONDS, "their end", || daemon.connections() == 0)?;
    daemon.wait_for(SECONDS, "production")?;
    assert_eq!(daemon.log(), before);
    Ok(())
}

#[test]
fn a_missing_grant_is_said_once_with_its_remedy() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    let daemon = start(&standby, ORDINARY, "[standby]\nmax_lag = \"16MB\"\n")?;
    daemon.wait_for(SECONDS, "lagging no-grant")?;
    for _ in 0..10 {
        assert_eq!(daemon.ask().ok().as_deref(), Some("lagging no-grant"));
    }
    let log = daemon.log();
    assert_eq!(log.matches("GRANT pg_monitor TO").count(), 1, "{log}");
    Ok(())
}
