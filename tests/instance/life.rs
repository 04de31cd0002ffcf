//! Start, stop, promotion, and what a dead server has left.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pgsql_state::agent::actions::{Force, Server, Shutdown};
use pgsql_state::agent::decide::state::{RoleSource, ServerState};
use pgsql_state::base::Deadline;
use pgsql_state::base::system_clock::OnSystemClock;
use rustix::process::{Signal, kill_process};
use support::postgres::Mode;
use support::{Postgres, Whom, until};

use crate::{Held, SECONDS, parameters, primary, soon, wait_for_stream};

#[test]
fn a_crashed_primary_comes_back_as_a_standby_with_everything_it_had() {
    let mut server = primary();
    let mut held = Held::of(&server);
    server
        .query("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        .unwrap();
    server.kill().unwrap();
    held.instance.start(soon()).unwrap();
    assert!(matches!(held.state(), ServerState::Standby(_)));
    assert_eq!(server.query("SELECT count(*) FROM kept").unwrap(), "1000");
    // It was never open for writers: that would have begun a timeline.
    assert_eq!(
        server
            .query("SELECT timeline_id FROM pg_control_checkpoint()")
            .unwrap(),
        "1"
    );
    // It runs already, as from a start that was broken off.
    held.instance.start(soon()).unwrap();
    assert_eq!(
        held.instance.stop(Shutdown::Orderly, soon()).unwrap(),
        Force::None
    );
    assert_eq!(server.processes(), []);
}

#[test]
fn a_started_server_keeps_nothing_of_ours_open() {
    let mut server = primary();
    server.stop(Mode::Fast).unwrap();
    let mut held = Held::of(&server);
    held.instance.start(soon()).unwrap();
    let file = fs::read_to_string(server.data_dir().join("postmaster.pid")).unwrap();
    let postmaster = file.lines().next().unwrap();
    for fd in ["0", "1", "2"] {
        let open = fs::read_link(format!("/proc/{postmaster}/fd/{fd}")).unwrap();
        let open = open.to_str().unwrap();
        let is_log = open.contains("pgsqlms-test-");
        assert!(open == "/dev/null" || is_log, "{fd} is {open}");
    }
    held.instance.stop(Shutdown::Orderly, soon()).unwrap();
    server.start().unwrap();
}

#[test]
fn a_start_that_fails_says_why_and_where_more_is() {
    let server = Postgres::primary()
        .setting("no_such_setting", "1")
        .create()
        .unwrap();
    let mut held = Held::of(&server);
    let said = held.instance.start(soon()).unwrap_err().to_string();
    assert!(said.contains("FATAL"), "{said}");
    assert!(said.contains("pgsqlms-test-"), "{said}");
}

#[test]
fn options_reach_the_server() {
    let mut server = primary();
    server.stop(Mode::Fast).unwrap();
    let mut parameters = parameters(&server);
    parameters.start_opts = "-c 'cluster_name=given options'".into();
    let mut held = Held::with(parameters);
    held.instance.start(soon()).unwrap();
    assert_eq!(server.query("SHOW cluster_name").unwrap(), "given options");
}

#[test]
fn a_stop_is_clean_or_says_that_it_was_not() {
    let mut server = primary();
    let mut held = Held::of(&server);
    assert_eq!(
        held.instance.stop(Shutdown::Orderly, soon()).unwrap(),
        Force::None
    );
    assert!(!server.is_running().unwrap());
    assert_eq!(server.processes(), []);
    server.start().unwrap();
    server.kill().unwrap();
    assert_eq!(
        held.instance.stop(Shutdown::Orderly, soon()).unwrap(),
        Force::Needed
    );
}

#[test]
fn a_server_that_does_not_end_by_itself_is_ended() {
    let server = Postgres::primary()
        .setting("archive_mode", "on")
        .setting("archive_command", "sleep 600")
        .start()
        .unwrap();
    let mut held = Held::of(&server);
    server.query("SELECT pg_switch_wal()").unwrap();
    let begin = Instant::now();
    let stopped = held
        .instance
        .stop(Shutdown::Orderly, Deadline::after(Duration::from_secs(6)));
    assert_eq!(stopped.unwrap(), Force::Needed);
    assert!(begin.elapsed() < Duration::from_secs(7));
}

#[test]
fn a_frozen_server_is_thawed_to_be_stopped() {
    let mut server = primary();
    let mut held = Held::of(&server);
    server.freeze(Whom::Everyone).unwrap();
    assert_eq!(
        held.instance.stop(Shutdown::Hasty, soon()).unwrap(),
        Force::None
    );
    assert_eq!(server.processes(), []);
}

#[test]
fn a_server_that_stays_frozen_is_killed_with_all_its_processes() {
    let mut server = primary();
    let mut held = Held::of(&server);
    let frozen: Vec<_> = server.processes();
    server.freeze(Whom::Everyone).unwrap();
    let over = AtomicBool::new(false);
    let stopped = thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                for process in &frozen {
                    kill_process(process.pid, Signal::STOP).ok();
                }
            }
        });
        let stopped = held
            .instance
            .stop(Shutdown::Hasty, Deadline::after(Duration::from_secs(5)));
        over.store(true, Ordering::Relaxed);
        stopped
    });
    assert_eq!(stopped.unwrap(), Force::Needed);
    assert_eq!(
        server
            .processes()
            .iter()
            .filter(|left| !left.title.is_empty())
            .count(),
        0
    );
}

#[test]
fn orphans_are_swept_and_a_stranger_with_the_number_is_no_hindrance() {
    let mut server = primary();
    let mut held = Held::of(&server);
    server.freeze(Whom::Child("checkpointer")).unwrap();
    server.freeze(Whom::Child("walwriter")).unwrap();
    server.kill().unwrap();
    assert_ne!(server.processes(), []);
    held.instance.sweep(soon()).unwrap();
    assert_eq!(server.processes(), []);
    // A process of the server's own user, which PostgreSQL would take for a postmaster.
    let path = server.data_dir().join("postmaster.pid");
    let mut stranger = stranger();
    let text = fs::read_to_string(&path).unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    fs::write(&path, format!("{}\n{rest}", stranger.id())).unwrap();
    held.instance.start(soon()).unwrap();
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

/// A process of the server's user that has nothing to do with it.
fn stranger() -> std::process::Child {
    use std::os::unix::process::CommandExt;
    let mut command = std::process::Command::new("/bin/sleep");
    command.arg("600").current_dir("/");
    if uzers::get_current_uid() == 0 {
        command.uid(uzers::get_user_by_name("postgres").unwrap().uid());
    }
    command.spawn().unwrap()
}

#[test]
fn a_promotion_ends_when_the_server_is_a_primary() {
    let mut primary = primary();
    let standby = primary.standby().start().unwrap();
    wait_for_stream(&primary).unwrap();
    let mut held = Held::of(&standby);
    primary.stop(Mode::Fast).unwrap();
    held.instance.promote(soon()).unwrap();
    assert_eq!(held.state(), ServerState::Primary(RoleSource::Said(None)));
    standby.query("CREATE TABLE written ()").unwrap();
    until(SECONDS, "its own log", || {
        standby.log().contains("database system is ready")
    })
    .unwrap();
}
