//! How far a server is, and whether a standby gets what is committed.

use std::time::Duration;

use pgsql_state::agent::actions::Server;
use pgsql_state::agent::actions::server::CommitProof;
use pgsql_state::base::Deadline;
use pgsql_state::base::system_clock::OnSystemClock;
use pgsql_state::health::Lsn;
use pgsql_state::postgres::Timeline;
use support::postgres::Mode;
use support::{Postgres, Whom, until};

use crate::{Held, SECONDS, primary, soon, wait_for_stream};

fn lsn(server: &Postgres, sql: &str) -> Lsn {
    server.query(sql).unwrap().parse().unwrap()
}

#[test]
fn a_restarted_standby_knows_more_than_its_receiver_says() {
    let mut primary = primary();
    let mut standby = primary.standby().start().unwrap();
    wait_for_stream(&primary).unwrap();
    primary
        .query("CREATE TABLE kept AS SELECT generate_series(1, 1000)")
        .unwrap();
    primary.stop(Mode::Fast).unwrap();
    standby.stop(Mode::Fast).unwrap();
    let mut held = Held::of(&primary);
    let end = held.instance.shutdown_checkpoint(soon()).unwrap().unwrap();
    let mut held = Held::of(&standby);
    assert_eq!(
        held.instance.shutdown_checkpoint(soon()).unwrap(),
        Some(end)
    );
    let stopped = held.instance.traces(soon()).unwrap();
    assert_eq!(stopped.position(), Some(end));
    standby.start().unwrap();
    let rounded = "SELECT coalesce(pg_last_wal_receive_lsn(), '0/0')";
    until(SECONDS, "the receiver to be asked for", || {
        lsn(&standby, rounded) != Lsn(0)
    })
    .unwrap();
    assert!(lsn(&standby, rounded) < end.lsn, "it is rounded");
    let traces = held.instance.traces(soon()).unwrap();
    assert_eq!(traces.position(), Some(end));
}

#[test]
fn what_is_on_the_disk_of_a_restarted_standby_counts_though_nobody_says_so() {
    let mut primary = primary();
    let mut standby = primary
        .standby()
        .setting("recovery_min_apply_delay", "1h")
        .start()
        .unwrap();
    wait_for_stream(&primary).unwrap();
    primary.query("CREATE TABLE late ()").unwrap();
    primary.stop(Mode::Fast).unwrap();
    let mut held = Held::of(&primary);
    let end = held.instance.shutdown_checkpoint(soon()).unwrap().unwrap();
    standby.stop(Mode::Fast).unwrap();
    standby.start().unwrap();
    let traces = Held::of(&standby).instance.traces(soon()).unwrap();
    assert_eq!(traces.received, None);
    assert!(traces.replayed.unwrap() < end);
    assert_eq!(traces.position(), Some(end));
}

#[test]
fn what_was_received_and_not_replayed_counts() {
    let primary = primary();
    let standby = primary
        .standby()
        .setting("recovery_min_apply_delay", "1h")
        .start()
        .unwrap();
    wait_for_stream(&primary).unwrap();
    primary.query("CREATE TABLE late ()").unwrap();
    let flushed = lsn(&primary, "SELECT pg_current_wal_flush_lsn()");
    until(SECONDS, "the standby to have it", || {
        lsn(&standby, "SELECT pg_last_wal_receive_lsn()") >= flushed
    })
    .unwrap();
    let traces = Held::of(&standby).instance.traces(soon()).unwrap();
    assert!(traces.replayed.unwrap().lsn < flushed);
    assert!(traces.received.unwrap().lsn >= flushed);
    assert!(traces.on_disk.unwrap().lsn >= flushed);
    assert_eq!(
        Held::of(&primary)
            .instance
            .traces(soon())
            .unwrap()
            .position()
            .unwrap()
            .timeline,
        Timeline(1)
    );
}

#[test]
fn a_promotion_is_known_by_its_timeline_before_any_checkpoint() {
    let mut primary = primary();
    let mut standby = primary.standby().start().unwrap();
    wait_for_stream(&primary).unwrap();
    primary.stop(Mode::Fast).unwrap();
    let mut held = Held::of(&standby);
    held.instance.promote(soon()).unwrap();
    let running = held.instance.traces(soon()).unwrap().position().unwrap();
    assert_eq!(running.timeline, Timeline(2));
    standby.query("CREATE TABLE written ()").unwrap();
    let flushed = lsn(&standby, "SELECT pg_current_wal_flush_lsn()");
    standby.kill().unwrap();
    let crashed = held.instance.traces(soon()).unwrap().position().unwrap();
    assert_eq!(crashed.timeline, Timeline(2));
    assert!(crashed.lsn >= flushed);
    assert_eq!(held.instance.shutdown_checkpoint(soon()).unwrap(), None);
}

#[test]
fn a_standby_that_gets_everything_is_proved_and_one_that_is_cut_off_is_not() {
    let primary = primary();
    let mut standby = primary.standby().name("srv2").start().unwrap();
    wait_for_stream(&primary).unwrap();
    let mut held = Held::of(&primary);
    let node = "srv2".parse().unwrap();
    assert_eq!(
        held.instance.prove(&node, soon()).unwrap(),
        CommitProof::Given
    );
    let (end, senders) = held.instance.senders(soon()).unwrap();
    assert_eq!(senders.len(), 1);
    assert_eq!(senders[0].application_name, "srv2");
    assert!(senders[0].written.unwrap() <= end);
    standby.freeze(Whom::Child("walreceiver")).unwrap();
    let short = || Deadline::after(Duration::from_millis(700));
    let CommitProof::Missing(why) = held.instance.prove(&node, short()).unwrap() else {
        panic!("it is frozen");
    };
    assert!(why.contains("lacks"), "{why}");
    let nobody = "srv".parse().unwrap();
    let CommitProof::Missing(why) = held.instance.prove(&nobody, short()).unwrap() else {
        panic!("there is no such standby");
    };
    assert!(why.contains("does not replicate"), "{why}");
}
