//! Lag, replication and connections of real servers, against their limits.

use support::postgres::{MONITOR, ORDINARY};
use support::{Mode, Postgres, Trouble, Whom, until_ok};

use crate::{Plugin, SECONDS, line, pair, serving};

#[test]
fn a_lag_above_its_limit_shows_in_line_status_and_weight() -> Result<(), Trouble> {
    let (primary, mut standby) = pair()?;
    let plugin = Plugin::asking(&standby.conninfo(MONITOR))?;
    standby.freeze(Whom::Child("startup"))?;
    primary.query("CREATE TABLE written AS SELECT generate_series(1, 60000)")?;
    until_ok(SECONDS, "the lag to show", || {
        match plugin.status("lag --warning 1MB --critical 1GB") {
            1 => Ok(()),
            other => Err(format!("it ends with {other}")),
        }
    })?;
    let output = plugin.run("lag --warning 1MB --critical 1GB");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("LAG WARNING - "), "{said}");
    assert!(said.contains("B;1048576;1073741824;0"), "{said}");
    assert_eq!(plugin.status("lag --critical 1MB"), 2);
    assert_eq!(plugin.status("lag --critical 1MB --keepalived"), 1);
    assert_eq!(plugin.status("lag --critical 1MB --misc-dynamic"), 1);
    let weight = plugin.status("lag --critical 16MB --misc-dynamic");
    assert!((3..102).contains(&weight), "{weight}");
    standby.thaw()
}

#[test]
fn a_standby_without_its_primary_has_a_lag_that_is_not_known() -> Result<(), Trouble> {
    let (mut primary, standby) = pair()?;
    primary.stop(Mode::Fast)?;
    let plugin = Plugin::asking(&standby.conninfo(MONITOR))?;
    until_ok(SECONDS, "the receiver to go", || {
        match plugin.status("replication") {
            2 => Ok(()),
            other => Err(format!("it ends with {other}")),
        }
    })?;
    assert_eq!(plugin.status("lag --critical 1GB"), 3);
    assert_eq!(plugin.status("lag --critical 1GB --consul"), 2);
    assert_eq!(plugin.status("lag --critical 1GB --keepalived"), 1);
    assert_eq!(plugin.status("lag --critical 1GB --misc-dynamic"), 1);
    Ok(())
}

#[test]
fn a_role_without_pg_monitor_cannot_judge_replication() -> Result<(), Trouble> {
    let (primary, standby) = pair()?;
    for server in [&primary, &standby] {
        let plugin = Plugin::asking(&server.conninfo(ORDINARY))?;
        let (said, status) = plugin.said("replication");
        assert!(
            said.starts_with("REPLICATION UNKNOWN - no-grant: "),
            "{said}"
        );
        assert_eq!(status, 3);
        assert_eq!(plugin.status("role"), 0);
    }
    Ok(())
}

#[test]
fn a_client_gets_in_or_does_not() -> Result<(), Trouble> {
    let mut primary = Postgres::primary().start()?;
    // The daemon is never asked whether a client gets in.
    let (_daemon, http) = serving(&primary, "")?;
    let through = Plugin::through(http)?;
    assert_eq!(
        through.said("connect"),
        line("CONNECT CRITICAL - no-socket", 2)
    );
    let plugin = Plugin::asking(&primary.conninfo(MONITOR))?;
    let (said, status) = plugin.said("connect --critical 10s");
    assert!(said.starts_with("CONNECT OK - connected in 0."), "{said}");
    assert_eq!(status, 0);
    assert_eq!(plugin.status("connect --warning 1ns"), 1);
    let stranger = primary.conninfo("nobody-knows-me");
    assert_eq!(Plugin::asking(&stranger)?.status("connect"), 3);
    primary.stop(Mode::Fast)?;
    let output = plugin.run("connect");
    assert_eq!(output.status.code(), Some(2));
    assert!(!output.stderr.is_empty());
    Ok(())
}
