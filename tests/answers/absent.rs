//! Servers that are not there: stopped, closed to TCP, killed.

use std::time::{Duration, Instant};

use support::postgres::MONITOR;
use support::{Mode, Postgres, Trouble, ask_flat_out, ports, until};

use crate::history::History;
use crate::{SECONDS, answer, asking};

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
    assert_eq!(answer(&daemon)?, "down refused");
    server.start()?;
    daemon.wait_for(NOTICED, "production")
}

/// An orphaned backend that finds its next question waiting answers it before it looks for its
/// postmaster; the fresh connections bound how long that can go on.
#[test]
fn a_postmaster_killed_under_checks_flat_out_is_seen_by_all_of_them() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let daemon = asking(&server.conninfo(MONITOR))?.start()?;
    let (killed, exchanges) = ask_flat_out(daemon.state(), 4, || {
        server.kill()?;
        let killed = Instant::now();
        until(SECONDS, "checks long after", || {
            killed.elapsed() > 2 * NOTICED
        })?;
        Ok::<_, Trouble>(killed)
    });
    let (killed, history) = (killed?, History::of(exchanges)?);
    let refused = history.first(|line| line == "down refused").unwrap();
    assert_eq!(history.lines_since(refused), ["down refused"]);
    assert_eq!(history.lines_since(killed + NOTICED), ["down refused"]);
    for line in history.lines() {
        assert!(line == "production" || line.starts_with("down "), "{line}");
    }
    println!(
        "MEASURE kill seen after {:?}",
        refused.saturating_duration_since(killed)
    );
    Ok(())
}
