//! Servers whose processes stand still, all of them or the postmaster alone.

use std::time::{Duration, Instant};

use support::postgres::MONITOR;
use support::{Daemon, Postgres, Trouble, Whom};

use crate::history::History;
use crate::{FOR_A_WHILE, SECONDS, TIMEOUT, answer, asking, keep_saying, until_unasked};

/// Most that may pass beyond the timeout before the word is right.
const NOTICED: Duration = TIMEOUT.saturating_add(Duration::from_millis(1500));

#[test]
fn a_server_that_stands_still_times_out_until_it_goes_on() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let daemon = asking(&server.conninfo(MONITOR))?.start()?;
    freeze_and_thaw(
        &mut server,
        &daemon,
        Whom::Everyone,
        ["production", "down timeout"],
    )
}

#[test]
fn a_postmaster_that_stands_still_hangs_until_it_goes_on() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let mut standby = primary.standby().start()?;
    let daemon = asking(&standby.conninfo(MONITOR))?.start()?;
    freeze_and_thaw(
        &mut standby,
        &daemon,
        Whom::Postmaster,
        ["standby", "down hung"],
    )
}

/// A daemon that never saw the server alive has no session that could still be answered.
#[test]
fn a_daemon_started_beside_a_hung_postmaster_times_out() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    server.freeze(Whom::Postmaster)?;
    let daemon = asking(&server.conninfo(MONITOR))?.start()?;
    assert_eq!(answer(&daemon)?, "down timeout");
    server.thaw()?;
    daemon.wait_for(NOTICED, "production")
}

/// Nobody asked for long, so no fresh connection tells how it was a moment ago.
#[test]
fn a_hung_postmaster_times_out_where_nobody_asked_before() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let daemon = asking(&server.conninfo(MONITOR))?.start()?;
    assert_eq!(answer(&daemon)?, "production");
    until_unasked(&server)?;
    server.freeze(Whom::Postmaster)?;
    assert_eq!(answer(&daemon)?, "down timeout");
    server.thaw()?;
    daemon.wait_for(NOTICED, "production")
}

/// The server has `alive` for an answer, and `frozen` while these processes stand still.
fn freeze_and_thaw(
    server: &mut Postgres,
    daemon: &Daemon,
    whom: Whom,
    [alive, frozen]: [&str; 2],
) -> Result<(), Trouble> {
    assert_eq!(answer(daemon)?, alive);
    let ((still, going, recovered), history) = History::during(daemon, || {
        server.freeze(whom)?;
        let still = Instant::now();
        daemon.wait_for(SECONDS, frozen)?;
        keep_saying(frozen, FOR_A_WHILE, [daemon])?;
        server.thaw()?;
        let going = Instant::now();
        daemon.wait_for(SECONDS, alive)?;
        Ok((still, going, Instant::now()))
    })?;
    assert_eq!(history.lines(), [alive, frozen]);
    let noticed = history
        .first(|line| line == frozen)
        .map(|seen| seen - still);
    let recovered = recovered - going;
    assert!(noticed <= Some(NOTICED), "noticed after {noticed:?}");
    assert!(recovered <= NOTICED, "right again after {recovered:?}");
    Ok(())
}
