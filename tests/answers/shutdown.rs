//! Servers that are being stopped, from the first word to the last.

use std::time::{Duration, Instant};

use support::postgres::{MONITOR, ORDINARY};
use support::{Mode, Postgres, Trouble, Whom, ports};

use crate::history::History;
use crate::{FOR_A_WHILE, SECONDS, answer, asking, both_ways, keep_saying, until_unasked};

/// Most that may pass before a smart shutdown is seen.
const SEEN: Duration = Duration::from_secs(2);

/// Most that a daemon may hold up a smart shutdown.
const ENDED: Duration = Duration::from_secs(3);

/// A checkpointer that stands still is a checkpoint that takes as long as the test wants.
#[test]
fn a_fast_shutdown_is_shutting_down_as_long_as_its_checkpoint_takes() -> Result<(), Trouble> {
    let mut server = Postgres::primary().tcp(ports::free()?).start()?;
    let daemons = both_ways(&server)?;
    for daemon in &daemons {
        assert_eq!(answer(daemon)?, "production");
    }
    server.freeze(Whom::Child("checkpointer"))?;
    server.ask_to_stop(Mode::Fast)?;
    for daemon in &daemons {
        daemon.wait_for(SEEN, "down shutting-down")?;
    }
    keep_saying("down shutting-down", FOR_A_WHILE, &daemons)?;
    server.thaw()?;
    server.wait_stopped(SECONDS)?;
    let [by_socket, by_tcp] = &daemons;
    by_socket.wait_for(ENDED, "down no-socket")?;
    by_tcp.wait_for(ENDED, "down refused")
}

/// A smart shutdown waits for the daemon's own session, and nothing ends that but the daemon.
#[test]
fn a_smart_shutdown_under_checks_is_seen_and_not_held_up() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let daemon = asking(&server.conninfo(MONITOR))?.start()?;
    assert_eq!(answer(&daemon)?, "production");
    let (asked, history) = History::during(&daemon, || {
        let asked = Instant::now();
        server.ask_to_stop(Mode::Smart)?;
        server.wait_stopped(ENDED)?;
        daemon.wait_for(SECONDS, "down no-socket")?;
        Ok(asked)
    })?;
    let refused = history.first(|line| line != "production").unwrap();
    assert_eq!(
        history.lines(),
        ["production", "down shutting-down", "down no-socket"]
    );
    assert!(!history.lines_since(refused).contains(&"production"));
    let seen = refused - asked;
    assert!(seen <= SEEN, "seen after {seen:?}");
    Ok(())
}

#[test]
fn a_smart_shutdown_that_waits_for_a_client_is_shutting_down() -> Result<(), Trouble> {
    let mut server = Postgres::primary().tcp(ports::free()?).start()?;
    let daemons = both_ways(&server)?;
    for daemon in &daemons {
        assert_eq!(answer(daemon)?, "production");
    }
    let client = server.connect(ORDINARY)?;
    server.ask_to_stop(Mode::Smart)?;
    let asked = Instant::now();
    for daemon in &daemons {
        daemon.wait_for(SEEN.saturating_sub(asked.elapsed()), "down shutting-down")?;
    }
    keep_saying("down shutting-down", FOR_A_WHILE, &daemons)?;
    assert!(server.is_running()?);
    drop(client);
    server.wait_stopped(ENDED)
}

/// Nobody asks, so nobody needs the session that the shutdown waits for.
#[test]
fn a_daemon_that_nobody_asks_does_not_hold_up_a_smart_shutdown() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let daemon = asking(&server.conninfo(MONITOR))?.start()?;
    assert_eq!(answer(&daemon)?, "production");
    until_unasked(&server)?;
    server.ask_to_stop(Mode::Smart)?;
    server.wait_stopped(ENDED)?;
    assert_eq!(answer(&daemon)?, "down no-socket");
    Ok(())
}
