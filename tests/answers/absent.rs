//! Servers that are not there: stopped, closed to TCP, killed.

use std::time::{Duration, Instant};

use support::postgres::MONITOR;
use support::{Mode, Postgres, Trouble, ports};

use crate::history::History;
use crate::{answer, asking};

/// A server that had a backend to refuse us is tried once a second.
const NOTICED: Duration = Duration::from_millis(1500);

#[test]
fn a_stopped_server_has_no_socket_until_it_is_started() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let daemon = asking(&server.conninfo(MONITOR))?.start()?;
    assert_eq!(answer(&daemon)?, "production");
    server.stop(Mode::Fast)?;
    assert_eq!(answer(&daemon)?, "down no-socket");
    server.start()?;
    daemon.wait_for(NOTICED, "production")
}

#[test]
fn a_daemon_may_be_started_before_its_server() -> Result<(), Trouble> {
    let mut server = Postgres::primary().create()?;
    let daemon = asking(&server.conninfo(MONITOR))?.start()?;
    assert_eq!(answer(&daemon)?, "down no-socket");
    server.start()?;
    daemon.wait_for(NOTICED, "production")
}

#[test]
fn a_closed_port_refuses_until_it_is_opened() -> Result<(), Trouble> {
    let mut server = Postgres::primary().tcp(ports::free()?).create()?;
    let daemon = asking(&server.tcp_conninfo(MONITOR))?.start()?;
    assert_eq!(answer(&daemon)?, "down refused");
    server.start()?;
    daemon.wait_for(NOTICED, "production")?;
    server.stop(Mode::Fast)?;
    assert_eq!(answer(&daemon)?, "down refused");
    Ok(())
}

/// The kernel kills no other process with the postmaster, and the socket's file stays.
#[test]
fn a_killed_postmaster_is_seen_by_the_next_check() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let daemon = asking(&server.conninfo(MONITOR))?.start()?;
    assert_eq!(answer(&daemon)?, "production");
    server.kill()?;
    let next = answer(&daemon)?;
    assert!(next.starts_with("down "), "{next}");
    daemon.wait_for(NOTICED, "down refused")?;
    server.start()?;
    daemon.wait_for(NOTICED, "production")
}

/// A backend may outlive its postmaster for a moment and answer, but nobody is told.
#[test]
fn a_postmaster_killed_under_checks_flat_out_is_seen_by_all_of_them() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let daemon = asking(&server.conninfo(MONITOR))?.start()?;
    let (killed, history) = History::flat_out(4, &daemon, || {
        server.kill()?;
        let killed = Instant::now();
        daemon.wait_for(NOTICED, "down refused")?;
        Ok(killed)
    })?;
    assert_eq!(history.lines().first(), Some(&"production"));
    let down = |line: &&str| line.starts_with("down ");
    let since = history.lines_since(killed);
    assert!(since.iter().all(down), "{since:?}");
    let first = history.first(|line| line != "production").unwrap();
    let later = history.lines_since(first);
    assert!(later.iter().all(down), "{later:?}");
    Ok(())
}
