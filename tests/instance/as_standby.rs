//! A start makes a server a standby, in the directory of its parameters and with all of its WAL, whatever its
//! configuration says; and what a start that was killed has left behind starts nothing.

use std::ffi::CString;
use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;
use std::time::Duration;

use pgsql_state::agent::actions::{Server, Shutdown};
use pgsql_state::agent::decide::state::ServerState;
use pgsql_state::agent::ocf::code::Code;
use pgsql_state::agent::ocf::parameters::Parameters;
use pgsql_state::base::Deadline;
use pgsql_state::base::system_clock::OnSystemClock;
use support::postgres::Mode;
use support::{Postgres, until};

use crate::{Held, SECONDS, add, parameters, primary, soon, wait_for_stream};

/// A target that lies before everything.
const LONG_AGO: &str = "recovery_target_time = '2020-01-01 00:00:00+00'";

/// Stops a standby, and starts it by the agent with these lines in its configuration.
fn started_with(standby: &mut Postgres, lines: &str) -> Held {
    standby.stop(Mode::Fast).unwrap();
    add(standby, "postgresql.auto.conf", lines);
    let mut held = Held::of(standby);
    held.instance.start(soon()).unwrap();
    held
}

fn replays_to_the_end(primary: &Postgres, standby: &Postgres) {
    primary.query("CREATE TABLE written (n int)").unwrap();
    let end = primary.query("SELECT pg_current_wal_flush_lsn()").unwrap();
    let replayed = format!("SELECT pg_last_wal_replay_lsn() >= '{end}'");
    until(SECONDS, "the standby to replay everything", || {
        standby
            .query(&replayed)
            .is_ok_and(|replayed| replayed == "t")
    })
    .unwrap();
}

#[test]
fn a_target_that_was_left_over_neither_ends_the_replay_nor_promotes() {
    for action in ["pause", "promote", "shutdown"] {
        let primary = primary();
        let mut standby = primary.standby().start().unwrap();
        let lines = format!("{LONG_AGO}\nrecovery_target_action = '{action}'");
        let mut held = started_with(&mut standby, &lines);
        replays_to_the_end(&primary, &standby);
        assert!(matches!(held.state(), ServerState::Standby(_)), "{action}");
        let traces = held.instance.traces(soon()).unwrap();
        assert!(traces.position().is_some(), "{action}");
    }
}

#[test]
fn a_trigger_file_that_was_left_over_promotes_nobody() {
    if Postgres::major().unwrap() >= 16 {
        return;
    }
    let primary = primary();
    let mut standby = primary.standby().start().unwrap();
    let trigger = standby.data_dir().join("trigger");
    fs::write(&trigger, "").unwrap();
    let line = format!("promote_trigger_file = '{}'", trigger.display());
    let mut held = started_with(&mut standby, &line);
    replays_to_the_end(&primary, &standby);
    assert!(matches!(held.state(), ServerState::Standby(_)));
}

/// Somebody else has started it, so its target counts: after a promotion it would have what it has replayed, and no more.
#[test]
fn a_standby_whose_replay_ends_at_a_target_reports_no_position() {
    let primary = primary();
    let mut standby = primary.standby().start().unwrap();
    standby.stop(Mode::Fast).unwrap();
    add(&standby, "postgresql.auto.conf", LONG_AGO);
    standby.start().unwrap();
    wait_for_stream(&primary).unwrap();
    let mut held = Held::of(&standby);
    assert!(matches!(held.state(), ServerState::Standby(_)));
    assert_eq!(held.instance.traces(soon()).unwrap().position(), None);
}

/// A server whose data was moved to another place, as its configuration or its options say. Where it was the files are
/// still there, and the parameters name that place.
#[test]
fn a_server_whose_data_is_elsewhere_is_found_and_not_started_there() {
    let server = primary();
    let mut moved = Postgres::copied_from(&server.data_dir())
        .setting("primary_conninfo", "host=srv2 application_name=srv1")
        .create()
        .unwrap();
    let there = tempfile::tempdir().unwrap();
    let there = there.path().join("data");
    support::kept::copy_all(
        &moved.data_dir(),
        &there,
        &support::scratch::Scratch::new().unwrap(),
    )
    .unwrap();
    let place = there.display();
    let configured = parameters(&moved);
    let option = |start_opts: String| Parameters {
        start_opts,
        ..configured.clone()
    };
    let options = [
        option(format!("-c data_directory={place}")),
        option(format!("--data-directory={place}")),
        option(format!("-D {place}")),
    ];
    let local = "srv1".parse().unwrap();
    let found = |given: &Parameters| {
        let problem = Held::with(given.clone()).instance.problem(&local, soon());
        let problem = problem.unwrap();
        assert_eq!(problem.code, Code::Args, "{}", problem.sentence);
        for word in ["parameter datadir", "data_directory", &place.to_string()] {
            assert!(problem.sentence.contains(word), "{}", problem.sentence);
        }
    };
    for given in &options {
        found(given);
    }
    add(
        &moved,
        "postgresql.conf",
        &format!("data_directory = '{place}'"),
    );
    found(&configured);
    // An action that asks for no problems starts it where the parameters say, as a standby.
    for given in [configured.clone(), options[0].clone()] {
        let mut held = Held::with(given);
        held.instance.start(soon()).unwrap();
        assert!(matches!(held.state(), ServerState::Standby(_)));
        let file = fs::read_to_string(moved.data_dir().join("postmaster.pid")).unwrap();
        assert_eq!(file.lines().nth(1), moved.data_dir().to_str());
        held.instance.stop(Shutdown::Orderly, soon()).unwrap();
    }
    moved.start().unwrap_err();
}

/// Returns the processes in whose arguments a directory stands.
fn with_argument(directory: &Path) -> Vec<String> {
    let directory = directory.to_str().unwrap();
    let commands = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let command = fs::read(entry.ok()?.path().join("cmdline")).ok()?;
        let command = String::from_utf8_lossy(&command).into_owned();
        command.contains(directory).then_some(command)
    });
    commands.collect()
}

/// The log is a FIFO that nobody reads, in place of a disk that hangs.
#[test]
fn what_a_killed_start_has_left_is_gone_after_a_stop() {
    let mut server = primary();
    server.stop(Mode::Fast).unwrap();
    let mut held = Held::of(&server);
    let shared = Path::new("/var/log/postgresql");
    let folder = if rustix::process::geteuid().is_root() && shared.is_dir() {
        shared.to_owned()
    } else {
        server.data_dir()
    };
    let log = folder.join(format!("pgsqlms-{}.log", held.resource));
    make_fifo(&log, &server.data_dir());
    let begun = held
        .instance
        .start(Deadline::after(Duration::from_millis(500)));
    assert!(begun.is_err());
    assert_ne!(with_argument(&server.data_dir()), Vec::<String>::new());
    held.instance.stop(Shutdown::Orderly, soon()).unwrap();
    assert_eq!(with_argument(&server.data_dir()), Vec::<String>::new());
    drop(fs::remove_file(&log));
}

fn make_fifo(path: &Path, like: &Path) {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::MetadataExt;
    let name = CString::new(path.as_os_str().as_bytes()).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, name, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let owner = fs::metadata(like).unwrap();
    chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
}
