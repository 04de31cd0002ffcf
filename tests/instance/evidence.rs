//! What is seen of a server in every state.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use pgsql_state::agent::actions::Server;
use pgsql_state::agent::decide::state::{RoleSource, ServerState, Was, judge};
use pgsql_state::base::Deadline;
use pgsql_state::base::system_clock::OnSystemClock;
use pgsql_state::health::Failure;
use support::postgres::Mode;
use support::{Postgres, Whom};

use crate::{Held, parameters, primary, wait_for_stream};

#[test]
fn a_primary_is_seen_alive_stopped_and_crashed() {
    let mut server = primary();
    let mut held = Held::of(&server);
    assert_eq!(held.state(), ServerState::Primary(RoleSource::Said(None)));
    server.stop(Mode::Fast).unwrap();
    assert_eq!(held.state(), ServerState::Stopped(Was::Primary));
    server.start().unwrap();
    server.kill().unwrap();
    assert_eq!(held.state(), ServerState::Crashed(Was::Primary));
    fs::write(server.data_dir().join("backup_label"), "").unwrap();
    assert_eq!(held.state(), ServerState::Stopped(Was::Backup));
}

#[test]
fn a_standby_is_seen_alive_stopped_and_crashed() {
    let primary = primary();
    let mut standby = primary.standby().start().unwrap();
    wait_for_stream(&primary).unwrap();
    let mut held = Held::of(&standby);
    let ServerState::Standby(RoleSource::Said(Some(said))) = held.state() else {
        panic!("{:?}", held.state());
    };
    assert!(said.replication.is_some());
    standby.stop(Mode::Fast).unwrap();
    assert_eq!(held.state(), ServerState::Stopped(Was::Standby));
    standby.start().unwrap();
    standby.kill().unwrap();
    assert_eq!(held.state(), ServerState::Crashed(Was::Standby));
}

#[test]
fn a_server_that_was_killed_while_it_shut_down_has_crashed() {
    let mut server = primary();
    let mut held = Held::of(&server);
    // Its last checkpoint never ends.
    server.freeze(Whom::Child("checkpointer")).unwrap();
    server.ask_to_stop(Mode::Fast).unwrap();
    support::until(crate::SECONDS, "the shutdown", || {
        held.state() == ServerState::Stopping
    })
    .unwrap();
    server.kill().unwrap();
    assert_eq!(held.state(), ServerState::Crashed(Was::Primary));
}

#[test]
fn a_frozen_server_is_silent_and_is_not_waited_for_longer_than_allowed() {
    let mut server = primary();
    let mut held = Held::of(&server);
    server.freeze(Whom::Everyone).unwrap();
    let begin = Instant::now();
    let evidence = held
        .instance
        .evidence(Deadline::after(Duration::from_millis(300)));
    assert_eq!(judge(&evidence), ServerState::Silent);
    assert!(begin.elapsed() < Duration::from_secs(5));
    server.thaw().unwrap();
    assert_eq!(held.state(), ServerState::Primary(RoleSource::Said(None)));
}

#[test]
fn the_reserved_slots_are_the_agents_and_none_at_all_is_no_failure() {
    let server = primary();
    let _slots = server.fill_slots().unwrap();
    assert_eq!(
        Held::of(&server).state(),
        ServerState::Primary(RoleSource::Said(None))
    );
    let mut reserved = Vec::new();
    while let Ok(session) = server.connect(support::postgres::SUPERUSER) {
        reserved.push(session);
    }
    assert_eq!(
        Held::of(&server).state(),
        ServerState::Primary(RoleSource::ControlFile(Failure::Full))
    );
}

#[test]
fn a_wrong_port_or_socket_directory_does_not_hide_a_server() {
    let server = primary();
    let right = parameters(&server);
    let mut wrong = right.clone();
    wrong.pghost = "/nowhere".into();
    assert_eq!(
        Held::with(wrong).state(),
        ServerState::Primary(RoleSource::Said(None))
    );
    let mut wrong = right.clone();
    wrong.pgport = 1;
    assert_eq!(
        Held::with(wrong).state(),
        ServerState::Primary(RoleSource::Said(None))
    );
}

#[test]
fn another_server_behind_the_parameters_is_not_taken_for_it() {
    let primary = primary();
    let standby = primary.standby().start().unwrap();
    let mut wrong = parameters(&standby);
    wrong.pghost = primary.socket_dir().to_str().unwrap().into();
    wrong.pgport = primary.port();
    assert!(matches!(Held::with(wrong).state(), ServerState::Standby(_)));
}

#[test]
fn what_another_server_refuses_says_nothing_of_it() {
    let mut server = Postgres::primary().start().unwrap();
    let other = Postgres::primary().start().unwrap();
    let mut wrong = parameters(&server);
    wrong.pghost = other.socket_dir().to_str().unwrap().into();
    fs::write(
        other.data_dir().join("pg_hba.conf"),
        "local all all reject\n",
    )
    .unwrap();
    other.query("SELECT pg_reload_conf()").unwrap();
    let mut held = Held::with(wrong);
    support::until(crate::SECONDS, "the refusal", || other.query("").is_err()).unwrap();
    assert_eq!(held.state(), ServerState::Primary(RoleSource::Said(None)));
    server.freeze(Whom::Everyone).unwrap();
    let evidence = held
        .instance
        .evidence(Deadline::after(Duration::from_millis(300)));
    assert_eq!(judge(&evidence), ServerState::Silent);
}

#[test]
fn a_server_to_which_the_way_is_closed_is_what_its_control_file_says_unless_it_is_frozen() {
    let mut server = Postgres::primary().start().unwrap();
    let mut held = Held::of(&server);
    let socket = server.socket_dir();
    let closed = |mode| fs::set_permissions(&socket, Permissions::from_mode(mode));
    closed(0).unwrap();
    let written = ServerState::Primary(RoleSource::ControlFile(Failure::Denied));
    assert_eq!(held.state(), written);
    server.freeze(Whom::Everyone).unwrap();
    assert_eq!(held.state(), ServerState::Silent);
    server.thaw().unwrap();
    assert_eq!(held.state(), written);
    closed(0o755).unwrap();
}

#[test]
fn a_server_that_can_let_nobody_in_has_failed() {
    let server = Postgres::primary().start().unwrap();
    server
        .query("ALTER SYSTEM SET session_preload_libraries = 'not_to_be_found'")
        .unwrap();
    server.query("SELECT pg_reload_conf()").unwrap();
    let mut held = Held::of(&server);
    support::until(crate::SECONDS, "the failure", || {
        held.state() == ServerState::Refusing(Failure::MissingFile)
    })
    .unwrap();
}

#[test]
fn a_number_that_is_another_process_is_no_postmaster() {
    let mut server = primary();
    let mut held = Held::of(&server);
    server.kill().unwrap();
    let path = server.data_dir().join("postmaster.pid");
    let text = fs::read_to_string(&path).unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    fs::write(&path, format!("{}\n{rest}", std::process::id())).unwrap();
    assert_eq!(held.state(), ServerState::Crashed(Was::Primary));
}

#[test]
fn nothing_where_a_data_directory_should_be_is_missing() {
    let server = Postgres::primary().create().unwrap();
    let mut nowhere = parameters(&server);
    nowhere.datadir = server.socket_dir();
    assert_eq!(Held::with(nowhere.clone()).state(), ServerState::Missing);
    nowhere.datadir = "/nowhere/at/all".into();
    assert_eq!(Held::with(nowhere).state(), ServerState::Missing);
}
