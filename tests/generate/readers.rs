//! Readers keep what they have, and find the primary where there is no standby.

use support::postgres::{connect_at, rows};
use support::{Mode, Trouble, until};

use crate::{Cluster, SECONDS, led_to, wait_for_view};

const LIMITED: &str = "[standby]\nmax_lag = \"16MB\"\n";

/// Who lags keeps its sessions; new ones go to the other standby, then to the primary.
fn lags(args: &[&str], lagging: &str) -> Result<(), Trouble> {
    let cluster = Cluster::start(2, LIMITED)?;
    let haproxy = cluster.places.haproxy(args)?;
    let readers = cluster.places.readers();
    let view = |line: &str| wait_for_view(&haproxy, &[line]);
    view("stdby/srv3 Up L7OK")?;
    // Whoever comes first gets the first of two idle standbys or the second.
    let mut session = connect_at(readers)?;
    let own = "SELECT host(inet_server_addr())";
    let mut ask = || rows(&mut session, own).map_err(Trouble::sql("read on"));
    let there = ask()?;
    let host = |index: usize| cluster.places.hosts[index].to_string();
    let (lags, other) = if there == host(1) { (0, 1) } else { (1, 0) };
    assert_eq!(there, host(lags + 1));

    cluster.standbys[lags].query("SELECT pg_wal_replay_pause()")?;
    view(&format!("stdby/srv{} {lagging}", lags + 2))?;
    for _ in 0..4 {
        assert_eq!(
            led_to(readers),
            Some(format!("{} standby", host(other + 1)))
        );
    }
    assert_eq!(ask()?, there);

    cluster.standbys[other].query("SELECT pg_wal_replay_pause()")?;
    view(&format!("stdby/srv{} {lagging}", other + 2))?;
    assert_eq!(led_to(readers), Some(format!("{} primary", host(0))));
    assert_eq!(ask()?, there);

    cluster.standbys[lags].query("SELECT pg_wal_replay_resume()")?;
    view(&format!("stdby/srv{} Up L7OK", lags + 2))?;
    assert_eq!(led_to(readers), Some(format!("{} standby", host(lags + 1))));
    Ok(())
}

#[test]
fn a_standby_that_lags_keeps_its_sessions() -> Result<(), Trouble> {
    lags(&["--profile", "fast"], "NoLb L7OKC")
}

#[test]
fn a_standby_that_lags_keeps_its_sessions_where_http_is_asked() -> Result<(), Trouble> {
    lags(&["--profile", "fast", "--check", "http"], "NoLb L7OKC")
}

#[test]
fn a_standby_that_lags_keeps_its_sessions_where_an_agent_is_asked() -> Result<(), Trouble> {
    lags(&["--profile", "fast", "--check", "agent"], "NoLb L7OKC")
}

/// Version 2.0 has agents, and no check that comes to more than good and bad.
#[test]
fn a_standby_that_lags_is_drained_by_its_agent_alone() -> Result<(), Trouble> {
    let args = [
        "--profile",
        "fast",
        "--check",
        "agent",
        "--haproxy-version",
        "2.0",
    ];
    lags(&args, "NoLb L7OK")
}

#[test]
fn readers_who_find_no_standby_go_to_the_primary() -> Result<(), Trouble> {
    let mut cluster = Cluster::start(1, "")?;
    let haproxy = cluster.places.haproxy(&["--profile", "fast"])?;
    let (readers, hosts) = (cluster.places.readers(), cluster.places.hosts);
    wait_for_view(&haproxy, &["stdby/srv2 Up L7OK", "stdby/srv1 Down L7RSP"])?;
    assert_eq!(led_to(readers), Some(format!("{} standby", hosts[1])));

    cluster.standbys[0].stop(Mode::Fast)?;
    wait_for_view(&haproxy, &["stdby/srv2 Down L7RSP"])?;
    assert_eq!(led_to(readers), Some(format!("{} primary", hosts[0])));

    cluster.standbys[0].start()?;
    let back = Some(format!("{} standby", hosts[1]));
    until(SECONDS, "readers to come back", || led_to(readers) == back)
}
