//! The harness's servers do what tests will ask of them.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use postgres::error::SqlState;
use support::postgres::{ORDINARY, SUPERUSER, Wal};
use support::{Mode, Postgres, Trouble, Whom, until, until_ok};

/// Enough on a machine that does everything at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the primary sees its only standby.
const STANDBY: &str = "SELECT application_name, state FROM pg_stat_replication";

/// Whether the postmaster itself answers: it says N to a request for TLS (PostgreSQL manual,
/// "Message Formats", `SSLRequest`).
fn door_answers(server: &Postgres) -> bool {
    let path = server
        .socket_dir()
        .join(format!(".s.PGSQL.{}", server.port()));
    let mut stream = UnixStream::connect(path).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).unwrap();
    stream.read_exact(&mut [0]).is_ok()
}

#[test]
fn a_standby_streams_and_can_be_promoted() -> Result<(), Trouble> {
    let mut primary = Postgres::primary().start()?;
    let standby = primary.standby().name("second").start()?;
    until_ok(PATIENCE, "the standby to stream", || {
        let seen = primary.query(STANDBY).unwrap();
        if seen == "second|streaming" {
            Ok(())
        } else {
            Err(seen)
        }
    })?;
    primary.query("CREATE TABLE kept AS SELECT 42 AS answer")?;
    until(PATIENCE, "the table", || {
        standby
            .query("SELECT answer FROM kept")
            .is_ok_and(|answer| answer == "42")
    })?;
    assert!(standby.query("DROP TABLE kept").is_err());

    primary.stop(Mode::Fast)?;
    let before = Instant::now();
    let promoted = standby.promote()?;
    assert!(before < promoted && promoted < Instant::now());
    assert_eq!(
        standby.query("DROP TABLE kept; SELECT pg_is_in_recovery()")?,
        "f"
    );
    Ok(())
}

/// Why a server lets the superuser not in.
fn refusal(server: &Postgres) -> String {
    server
        .connect(SUPERUSER)
        .map_or_else(|trouble| format!("{trouble:?}"), |_| "it lets us in".into())
}

#[test]
fn a_standby_without_any_wal_starts_until_its_primary_is_there() -> Result<(), Trouble> {
    let mut primary = Postgres::primary().start()?;
    let mut standby = primary.backup().wal(Wal::Missing).setup().create()?;
    primary.stop(Mode::Fast)?;
    standby.launch()?;
    until_ok(PATIENCE, "its refusal", || {
        let said = refusal(&standby);
        said.contains("is starting up").then_some(()).ok_or(said)
    })?;
    primary.start()?;
    until_ok(PATIENCE, "the standby to let us in", || {
        standby.connect(SUPERUSER).map(drop)
    })
}

#[test]
fn a_standby_that_lost_its_newest_wal_is_not_consistent() -> Result<(), Trouble> {
    let mut primary = Postgres::primary().start()?;
    let mut standby = primary.standby().start()?;
    standby.lose_newest_wal(&mut primary)?;
    standby.launch()?;
    until_ok(PATIENCE, "its refusal", || {
        let said = refusal(&standby);
        let right = said.contains("is not yet accepting connections");
        right.then_some(()).ok_or(said)
    })?;
    primary.start()?;
    until_ok(PATIENCE, "the standby to let us in", || {
        standby.connect(SUPERUSER).map(drop)
    })
}

#[test]
fn a_killed_server_recovers_at_its_next_start() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    server.query("CREATE TABLE kept (); SELECT pg_switch_wal()")?;
    server.kill()?;
    assert!(!server.is_running()?);
    assert!(server.query("SELECT 1").is_err());
    server.start()?;
    assert!(
        server
            .log()
            .contains("database system was not properly shut down")
    );
    assert_eq!(server.query("SELECT count(*) FROM kept")?, "0");
    Ok(())
}

#[test]
fn a_held_start_goes_on_where_it_was_held() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    server.query("CREATE TABLE kept ()")?;
    server.kill()?;
    let held = server.hold_next_start()?;
    server.launch()?;
    until_ok(PATIENCE, "its refusal", || {
        let said = refusal(&server);
        said.contains("is starting up").then_some(()).ok_or(said)
    })?;
    held.release(PATIENCE)?;
    until_ok(PATIENCE, "the server to let us in", || {
        server.connect(SUPERUSER).map(drop)
    })?;
    assert_eq!(server.query("SELECT count(*) FROM kept")?, "0");
    Ok(())
}

#[test]
fn a_smart_shutdown_waits_for_sessions() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let session = server.connect(ORDINARY)?;
    server.ask_to_stop(Mode::Smart)?;
    until(PATIENCE, "the door to close", || {
        server.connect(SUPERUSER).is_err()
    })?;
    assert!(server.is_running()?);
    drop(session);
    server.wait_stopped(PATIENCE)
}

#[test]
fn a_frozen_postmaster_answers_old_sessions_only() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let mut session = server.connect(ORDINARY)?;
    assert!(door_answers(&server));
    server.freeze(Whom::Postmaster)?;
    assert!(!door_answers(&server));
    assert!(session.simple_query("SELECT 1").is_ok());
    server.thaw()?;
    until(PATIENCE, "the door to answer", || door_answers(&server))
}

#[test]
fn everything_frozen_is_silent_until_it_is_thawed() -> Result<(), Trouble> {
    let mut server = Postgres::primary().name("cold").start()?;
    let mut session = server.connect(ORDINARY)?;
    server.freeze(Whom::Everyone)?;
    assert!(server.processes().len() > 4, "{:?}", server.processes());
    assert!(!door_answers(&server));
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| session.simple_query("SELECT 1").is_ok());
        assert!(
            until(Duration::from_millis(300), "an answer", || asked
                .is_finished())
            .is_err()
        );
        server.thaw()?;
        assert!(asked.join().unwrap());
        Ok(())
    })
}

#[test]
fn one_child_is_frozen_by_its_title() -> Result<(), Trouble> {
    let mut server = Postgres::primary().name("cold").start()?;
    assert!(server.freeze(Whom::Child("walreceiver")).is_err());
    server.freeze(Whom::Child("checkpointer"))?;
    server.ask_to_stop(Mode::Fast)?;
    until(PATIENCE, "the door to close", || {
        server.connect(SUPERUSER).is_err()
    })?;
    assert!(server.wait_stopped(Duration::from_millis(300)).is_err());
    server.thaw()?;
    server.wait_stopped(PATIENCE)
}

#[test]
fn filled_slots_leave_room_for_the_superuser_alone() -> Result<(), Trouble> {
    let server = Postgres::primary()
        .setting("max_connections", "8")
        .start()?;
    let slots = server.fill_slots()?;
    assert_eq!(slots.count(), 5);
    let Err(Trouble::Sql { source, .. }) = server.connect(ORDINARY) else {
        panic!("an ordinary role got in");
    };
    assert_eq!(source.code(), Some(&SqlState::TOO_MANY_CONNECTIONS));
    assert_eq!(server.query("SELECT 1")?, "1");
    drop(slots);
    until(PATIENCE, "a free slot", || server.connect(ORDINARY).is_ok())
}

#[test]
fn access_rules_and_settings_are_read_again() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    server.connect(ORDINARY)?;
    server.set_hba("local all ordinary reject\nlocal all all trust\n")?;
    assert!(server.connect(ORDINARY).is_err());
    server.query("ALTER SYSTEM SET work_mem = '77kB'")?;
    server.reload()?;
    assert_eq!(server.query("SHOW work_mem")?, "77kB");
    Ok(())
}

#[test]
fn rows_are_printed_as_psql_does() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let rows = server.query("SELECT 1, 'a' UNION ALL SELECT 2, NULL ORDER BY 1")?;
    assert_eq!(rows, "1|a\n2|");
    Ok(())
}
