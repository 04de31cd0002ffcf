//! The control file as the agent reads it and as `pg_controldata` does, in everything that both tell, for
//! servers of the newest version installed. The layouts of the others are held against their C structures
//! in `src/postgres/control/read/tests.rs`.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::fs;
use std::time::Duration;

use pgsql_state::health::Lsn;
use pgsql_state::postgres::Position;
use pgsql_state::postgres::control::{ClusterState, Control, HintBits, WalLevel, read};
use support::postgres::Mode;
use support::running::run;
use support::scratch::Scratch;
use support::{Postgres, until};

const SECONDS: Duration = Duration::from_secs(30);

/// The file as it is now, read by us, after `pg_controldata` told the same of the same bytes.
fn control(server: &Postgres) -> Control {
    let bytes = fs::read(server.data_dir().join("global/pg_control")).unwrap();
    let control = read(&bytes).unwrap();
    let told = pg_controldata(&bytes);
    for line in lines(&control) {
        assert!(
            told.contains(&line),
            "{line}\nis not in\n{}",
            told.join("\n")
        );
    }
    control
}

/// What the program says of a file, in lines with one blank where it pads.
fn pg_controldata(file: &[u8]) -> Vec<String> {
    let scratch = Scratch::new().unwrap();
    fs::create_dir(scratch.path().join("global")).unwrap();
    fs::write(scratch.path().join("global/pg_control"), file).unwrap();
    let mut command = scratch.command(Postgres::program("pg_controldata").unwrap());
    command.arg("--pgdata").arg(scratch.path());
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    run(command).unwrap().lines().map(words).collect()
}

/// The same lines, of what was read here.
fn lines(control: &Control) -> Vec<String> {
    let checkpoint = control.checkpoint;
    let (minimum_timeline, minimum) = control
        .minimum_recovery
        .map_or((0, Lsn(0)), |Position { timeline, lsn }| (timeline.0, lsn));
    let or_nothing = |lsn: Option<Lsn>| lsn.unwrap_or(Lsn(0));
    let level = match control.wal_level {
        WalLevel::Minimal => "minimal",
        WalLevel::Replica => "replica",
        WalLevel::Logical => "logical",
    };
    let required = if control.backup_end_required {
        "yes"
    } else {
        "no"
    };
    vec![
        format!("pg_control version number: {}", control.control_version),
        format!("Catalog version number: {}", control.catalog_version),
        format!("Database system identifier: {}", control.system_identifier),
        format!("Database cluster state: {}", control.state),
        format!("Latest checkpoint location: {}", checkpoint.at),
        format!("Latest checkpoint's REDO location: {}", checkpoint.redo),
        format!("Latest checkpoint's TimeLineID: {}", checkpoint.timeline),
        format!(
            "Latest checkpoint's PrevTimeLineID: {}",
            checkpoint.previous_timeline
        ),
        format!("Minimum recovery ending location: {minimum}"),
        format!("Min recovery ending loc's timeline: {minimum_timeline}"),
        format!(
            "Backup start location: {}",
            or_nothing(control.backup_start)
        ),
        format!("Backup end location: {}", or_nothing(control.backup_end)),
        format!("End-of-backup record required: {required}"),
        format!("wal_level setting: {level}"),
        format!("WAL block size: {}", control.geometry.page()),
        format!("Bytes per WAL segment: {}", control.geometry.segment()),
    ]
}

#[test]
fn a_primary_is_read_alive_stopped_and_killed() {
    let mut primary = Postgres::primary()
        .setting("wal_level", "logical")
        .start()
        .unwrap();
    let alive = control(&primary);
    assert_eq!(alive.state, ClusterState::Production);
    assert_eq!(alive.wal_level, WalLevel::Logical);
    assert_eq!(
        alive.system_identifier.to_string(),
        primary
            .query("SELECT system_identifier FROM pg_control_system()")
            .unwrap()
    );
    primary.stop(Mode::Fast).unwrap();
    let stopped = control(&primary);
    assert_eq!(stopped.state, ClusterState::ShutDown);
    assert!(stopped.checkpoint.at > alive.checkpoint.at);
    primary.start().unwrap();
    primary.kill().unwrap();
    assert_eq!(control(&primary).state, ClusterState::Production);
}

#[test]
fn a_standby_is_read_unborn_alive_stopped_killed_and_promoted() {
    let primary = Postgres::primary()
        .tcp(support::ports::free().unwrap())
        .start()
        .unwrap();
    let mut standby = primary.standby().create().unwrap();
    // A base backup copies the primary's file.
    assert_eq!(control(&standby).state, ClusterState::Production);
    standby.start().unwrap();
    let alive = control(&standby);
    assert_eq!(alive.state, ClusterState::ArchiveRecovery);
    assert!(alive.minimum_recovery.is_some());
    assert_eq!(alive.backup_start, None);
    standby.stop(Mode::Fast).unwrap();
    assert_eq!(control(&standby).state, ClusterState::ShutDownInRecovery);
    standby.start().unwrap();
    standby.stop(Mode::Immediate).unwrap();
    assert_eq!(control(&standby).state, ClusterState::ArchiveRecovery);
    standby.start().unwrap();
    standby.promote().unwrap();
    standby.query("CHECKPOINT").unwrap();
    until(SECONDS, "the control file of a primary", || {
        control(&standby).state == ClusterState::Production
    })
    .unwrap();
    let promoted = control(&standby);
    assert_eq!(promoted.checkpoint.timeline.0, 2);
    assert_eq!(promoted.minimum_recovery, None);
    assert_eq!(promoted.system_identifier, alive.system_identifier);
}

#[test]
fn a_server_tells_whether_its_hint_bits_are_in_wal() {
    for setting in ["off", "on"] {
        let primary = Postgres::primary()
            .setting("wal_log_hints", setting)
            .start()
            .unwrap();
        // From PostgreSQL 18 on a database cluster has checksums unless initdb is told otherwise.
        let logged =
            "SELECT 'on' IN (current_setting('wal_log_hints'), current_setting('data_checksums'))";
        let expected = match primary.query(logged).unwrap().as_str() {
            "t" => HintBits::Logged,
            _ => HintBits::NotLogged,
        };
        assert_eq!(control(&primary).hint_bits, expected);
    }
}
