//! Servers on several timelines, and the beginnings of standbys: how far each is, whatever it has been.

use std::fs;

use pgsql_state::agent::actions::{Force, Server, Shutdown};
use pgsql_state::agent::decide::state::{ServerState, Was};
use pgsql_state::postgres::Timeline;
use pgsql_state::postgres::position::Position;
use support::postgres::{SUPERUSER, Wal};
use support::{Postgres, until};

use crate::{Held, SECONDS, add, primary, soon, wait_for_stream};

/// How far a server is.
fn position(server: &Postgres) -> Position {
    let traces = Held::of(server).instance.traces(soon());
    traces.unwrap().position().unwrap()
}

/// Has the next standby that this server is follow another.
fn follow(server: &Postgres, upstream: &Postgres) {
    let (conninfo, name) = (upstream.conninfo(SUPERUSER), server.name());
    let line = format!("primary_conninfo = '{conninfo} application_name={name}'");
    add(server, "postgresql.auto.conf", &line);
}

/// Starts a server as a standby of another.
fn start_after(server: &Postgres, upstream: &Postgres) {
    follow(server, upstream);
    Held::of(server).instance.start(soon()).unwrap();
}

/// Stops a server cleanly and tells where its WAL ends.
fn stop(server: &Postgres) -> Position {
    let mut held = Held::of(server);
    let stopped = held.instance.stop(Shutdown::Orderly, soon()).unwrap();
    assert_eq!(stopped, Force::None);
    held.instance.shutdown_checkpoint(soon()).unwrap().unwrap()
}

fn wait_until_at(server: &Postgres, goal: Position) {
    until(SECONDS, "a standby to be there", || {
        position(server) == goal
    })
    .unwrap();
}

#[test]
fn everybody_knows_how_far_it_is_on_whichever_timeline() {
    let first = primary();
    let second = first.standby().name("second").start().unwrap();
    let third = first.standby().name("third").start().unwrap();
    until(SECONDS, "two standbys", || {
        let streaming = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
        first.query(streaming).is_ok_and(|count| count == "2")
    })
    .unwrap();
    first.query("CREATE TABLE one ()").unwrap();
    let end = stop(&first);
    assert_eq!(end.timeline, Timeline(1));
    // All of them have the shutdown checkpoint; whoever has it is as good as the others.
    for server in [&first, &second, &third] {
        wait_until_at(server, end);
    }

    Held::of(&second).instance.promote(soon()).unwrap();
    assert_eq!(position(&second).timeline, Timeline(2));
    // Those that follow do not know of it yet.
    assert_eq!(position(&third), end);
    stop_standby(&third);
    for server in [&first, &third] {
        start_after(server, &second);
    }
    second.query("CREATE TABLE two ()").unwrap();
    let flushed = position(&second);
    for server in [&first, &third] {
        until(SECONDS, "what the second has written", || {
            position(server) >= flushed
        })
        .unwrap();
        assert_eq!(position(server).timeline, Timeline(2));
    }
    let end = stop(&second);
    assert_eq!(end.timeline, Timeline(2));
    for server in [&first, &second, &third] {
        wait_until_at(server, end);
    }

    Held::of(&third).instance.promote(soon()).unwrap();
    start_after(&second, &third);
    third.query("CREATE TABLE three ()").unwrap();
    let flushed = position(&third);
    assert_eq!(flushed.timeline, Timeline(3));
    // The first gets it from the second, whom it still follows.
    for server in [&first, &second] {
        until(SECONDS, "what the third has written", || {
            position(server) >= flushed
        })
        .unwrap();
        assert_eq!(position(server).timeline, Timeline(3));
    }
    let end = stop(&third);
    wait_until_at(&second, end);
    stop_standby(&second);
    assert_eq!(position(&second), end);
}

/// Stops a standby, which leaves no checkpoint of its own.
fn stop_standby(server: &Postgres) {
    let mut held = Held::of(server);
    held.instance.stop(Shutdown::Orderly, soon()).unwrap();
    assert!(matches!(held.state(), ServerState::Stopped(Was::Standby)));
}

#[test]
fn a_fresh_backup_is_neither_a_primary_nor_further_than_one() {
    let primary = primary();
    for wal in [Wal::Included, Wal::Missing] {
        primary.query("SELECT pg_switch_wal()").unwrap();
        let backup = primary.backup().wal(wal).setup().create().unwrap();
        let mut held = Held::of(&backup);
        assert_eq!(held.state(), ServerState::Stopped(Was::Backup));
        assert_eq!(held.instance.shutdown_checkpoint(soon()).unwrap(), None);
        assert!(position(&backup) <= position(&primary), "{wal:?}");
        held.instance.start(soon()).unwrap();
        assert!(matches!(held.state(), ServerState::Standby(_)));
        wait_for_stream(&primary).unwrap();
        assert!(!fs::exists(backup.data_dir().join("backup_label")).unwrap());
        let identifier = held.instance.system_identifier().unwrap();
        let of_primary = Held::of(&primary).instance.system_identifier();
        assert_eq!(identifier, of_primary.unwrap());
    }
}
