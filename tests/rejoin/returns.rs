//! A node comes back: as it is, by a rewind, by a copy, and after interruptions.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Output;

use pgsql_state::agent::actions::Server;
use pgsql_state::agent::decide::rejoin_record::RejoinPhase;
use pgsql_state::agent::local::Instance;
use pgsql_state::agent::pacemaker::Pacemaker;
use pgsql_state::base::Deadline;
use pgsql_state::base::system_clock::OnSystemClock;
use pgsql_state::rejoin::facts::ServerManager;
use pgsql_state::rejoin::plan::{Discard, Method, RejoinRequest};
use pgsql_state::rejoin::{Executor, RejoinError, SaveWal, ThisNode, Watcher, gather, plan};
use support::Postgres;
use support::scratch::Scratch;

use crate::pair::{Pair, Parting, SECONDS, command, configure, give, parameters, stop_by_program};

/// Fails with what the command has said unless it has done its work.
fn done(output: &Output) {
    let told = String::from_utf8_lossy(&output.stderr);
    let plan = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{plan}{told}");
}

/// Expects that the former primary streams from the new one, and has its rows and no others.
fn follows(pair: &Pair) {
    let row = "SELECT state FROM pg_stat_replication WHERE application_name = 'old'";
    assert!(!pair.new.query(row).unwrap().is_empty());
    let rows = "SELECT count(*), sum(n) FROM rows";
    let expected = pair.new.query(rows).unwrap();
    support::until(SECONDS, "the rows of the primary", || {
        pair.old.query(rows).is_ok_and(|rows| rows == expected)
    })
    .unwrap();
    assert!(!beside(&pair.old, ".rejoin").exists());
}

/// Returns a path beside the data directory of a server.
fn beside(server: &Postgres, suffix: &str) -> std::path::PathBuf {
    let data = server.data_dir();
    let name = data.file_name().unwrap().to_str().unwrap();
    data.with_file_name(format!("{name}{suffix}"))
}

/// Returns what is kept of the WAL that was thrown away.
fn kept(server: &Postgres) -> Vec<String> {
    let parent = server.data_dir();
    let entries = fs::read_dir(parent.parent().unwrap()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(".discarded-")).collect()
}

/// The end of a server that the command has started.
struct Started<'a>(&'a Postgres);

impl Drop for Started<'_> {
    fn drop(&mut self) {
        stop_by_program(self.0);
    }
}

#[test]
fn a_primary_that_was_shut_down_is_started_as_it_is() {
    let pair = Pair::parted(Parting::None);
    let _started = Started(&pair.old);
    done(&pair.rejoin(&[]));
    follows(&pair);
    // Once more: there is nothing to do, since it runs.
    assert!(!pair.rejoin(&[]).status.success());
}

#[test]
fn a_primary_that_has_crashed_is_recovered_and_rewound() {
    let pair = Pair::parted(Parting::Crash);
    let _started = Started(&pair.old);
    let key = pair.old.data_dir().join("own.key");
    fs::write(&key, "ours").unwrap();
    give(&pair.old, &key);
    done(&pair.rejoin(&["--yes"]));
    follows(&pair);
    assert_eq!(fs::read_to_string(key).unwrap(), "ours");
    assert_eq!(kept(&pair.old).len(), 1);
}

#[test]
fn nothing_is_rewound_without_a_yes_and_no_wal_is_kept_if_none_is_wanted() {
    let pair = Pair::parted(Parting::Clean);
    let _started = Started(&pair.old);
    let refused = pair.rejoin(&[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--yes"));
    assert!(!beside(&pair.old, ".rejoin").exists());
    done(&pair.rejoin(&["--yes", "--no-save"]));
    follows(&pair);
    assert!(kept(&pair.old).is_empty());
}

#[test]
fn a_new_copy_replaces_everything_but_the_configuration() {
    let pair = Pair::parted(Parting::Crash);
    let _started = Started(&pair.old);
    fs::write(pair.old.data_dir().join("global/pg_control"), "").unwrap();
    done(&pair.rejoin(&["--yes"]));
    follows(&pair);
}

#[test]
fn wal_that_waits_for_the_archive_is_archived_before_the_rewind() {
    let archive = Scratch::new().unwrap();
    let folder = archive.path().join("archive");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let failing = |old: support::postgres::Setup<'static>| {
        old.setting("archive_mode", "on")
            .setting("archive_command", "false")
    };
    let pair = Pair::with(Parting::Clean, failing, |new| new);
    let _started = Started(&pair.old);
    let copy = format!("test ! -e {0}/%f && cp %p {0}/%f", folder.display());
    // The last segment before the promotion waits, which the primary has as well.
    let ready = pair
        .old
        .data_dir()
        .join("pg_wal/archive_status/000000010000000000000001.ready");
    let segment = pair.old.data_dir().join("pg_wal/000000010000000000000001");
    for path in [&ready, &segment] {
        fs::write(path, "").unwrap();
        give(&pair.old, path);
    }
    configure(&pair.old, &format!("archive_command = '{copy}'"));
    done(&pair.rejoin(&["--yes"]));
    follows(&pair);
    assert!(folder.join("000000010000000000000001").exists());
}

/// Ends the work when a phase begins.
struct Until(RejoinPhase);

impl Watcher for Until {
    fn begins(&mut self, phase: RejoinPhase) -> Result<(), RejoinError> {
        if phase == self.0 {
            return Err(RejoinError::Interrupted(phase.word()));
        }
        Ok(())
    }

    fn says(&mut self, _line: &str) {}
}

/// Brings a server back until a phase begins.
fn interrupted(server: &Postgres, method: Method, phase: RejoinPhase) {
    let mut node = ThisNode {
        instance: Instance::new(parameters(server), "rejoin"),
        manager: ServerManager::Nobody,
        name: Some(server.name().parse().unwrap()),
        nodes: [].into(),
        primary: None,
    };
    Executor::finish_swap(&mut node).unwrap();
    let gathered = gather(&mut node).unwrap();
    let request = RejoinRequest {
        method: Some(method),
        discard: Discard::Refused,
    };
    let planned = plan(&gathered.facts, request);
    assert_eq!(
        planned.decision,
        Some(method),
        "before {phase:?}: {:?}",
        planned.refusals
    );
    let mut executor = Executor {
        node: &mut node,
        pacemaker: &Pacemaker::new(Path::new("/nowhere"), []),
        watcher: &mut Until(phase),
        save: SaveWal::Kept,
    };
    let ended = executor.bring_back(gathered, planned, request).unwrap_err();
    assert!(matches!(ended, RejoinError::Interrupted(_)), "{ended}");
    let may_start = Instance::new(parameters(server), "rejoin").start(Deadline::after(SECONDS));
    if phase.may_be_started() {
        // It may, and is a primary of the past then: it was not started here.
        drop(may_start);
        stop_by_program(server);
    } else {
        let refused = may_start.unwrap_err().to_string();
        assert!(refused.contains("rejoin"), "{refused}");
    }
}

#[test]
fn a_rewind_that_ends_at_any_phase_is_repeated_and_never_started_half_done() {
    for phase in [
        RejoinPhase::KeepOff,
        RejoinPhase::Archive,
        RejoinPhase::Save,
        RejoinPhase::Rewind,
        RejoinPhase::Restore,
    ] {
        let pair = Pair::parted(Parting::Clean);
        let _started = Started(&pair.old);
        interrupted(&pair.old, Method::Rewind, phase);
        done(&pair.rejoin(&["--yes"]));
        follows(&pair);
    }
}

#[test]
fn a_recovery_and_a_start_that_were_interrupted_are_repeated() {
    for phase in [
        RejoinPhase::Recover,
        RejoinPhase::Start,
        RejoinPhase::Follow,
    ] {
        let pair = Pair::parted(Parting::Crash);
        let _started = Started(&pair.old);
        interrupted(&pair.old, Method::Rewind, phase);
        done(&pair.rejoin(&["--yes"]));
        follows(&pair);
    }
}

#[test]
fn a_copy_that_ends_at_any_phase_is_repeated() {
    for phase in [
        RejoinPhase::KeepOff,
        RejoinPhase::Save,
        RejoinPhase::Copy,
        RejoinPhase::Swap,
        RejoinPhase::Start,
    ] {
        let pair = Pair::parted(Parting::Clean);
        let _started = Started(&pair.old);
        interrupted(&pair.old, Method::Copy, phase);
        done(&pair.rejoin(&["--yes"]));
        follows(&pair);
    }
}

/// PostgreSQL's programs, of which `pg_rewind` is a script.
fn programs(script: &str) -> Scratch {
    let scratch = Scratch::new().unwrap();
    let real = Postgres::program("pg_ctl").unwrap();
    for entry in fs::read_dir(real.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "pg_rewind" {
            symlink(entry.path(), scratch.path().join(entry.file_name())).unwrap();
        }
    }
    let text = script.replace(
        "REAL",
        Postgres::program("pg_rewind").unwrap().to_str().unwrap(),
    );
    let path = scratch.path().join("pg_rewind");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    scratch
}

/// Damages what `pg_rewind` replaces, and goes on until it is told to end; the next time it does its work.
const DAMAGES: &str = "#!/bin/sh
set -eu
data=$3
[ ! -e \"$data/damaged\" ] || { rm \"$data/damaged\" && exec REAL \"$@\"; }
: >\"$data/global/pg_control\"
rm \"$data\"/pg_wal/0000*
echo theirs >\"$data/postgresql.conf\"
: >\"$data/damaged\"
until [ -e \"$data/../end\" ]; do sleep 0.05; done
";

#[test]
fn a_command_that_is_killed_in_the_middle_of_pg_rewind_is_repeated() {
    for method in ["--rewind", "--copy"] {
        let pair = Pair::parted(Parting::Crash);
        let _started = Started(&pair.old);
        let programs = programs(DAMAGES);
        let rejoin = |arguments: &[&str]| {
            let mut rejoin = command(&pair.old);
            rejoin.arg("--bindir").arg(programs.path()).args(arguments);
            rejoin
        };
        let mut killed = rejoin(&["--rewind", "--yes"]).spawn().unwrap();
        let damaged = pair.old.data_dir().join("damaged");
        support::until(SECONDS, "the script", || damaged.exists()).unwrap();
        killed.kill().unwrap();
        killed.wait().unwrap();
        let mut instance = Instance::new(parameters(&pair.old), "rejoin");
        let refused = instance.start(Deadline::after(SECONDS)).unwrap_err();
        assert!(
            refused.to_string().contains("in the phase rewind"),
            "{refused}"
        );
        assert_eq!(pair.plan(&[])["plan"], "rewind");
        // What it has started still works.
        let meanwhile = rejoin(&["--yes"]).output().unwrap();
        assert_eq!(meanwhile.status.code(), Some(1), "{meanwhile:?}");
        assert!(String::from_utf8_lossy(&meanwhile.stderr).contains("still works"));
        fs::write(beside(&pair.old, "").with_file_name("end"), "").unwrap();
        support::until(SECONDS, "the end of the script", || {
            let again = rejoin(&[method, "--yes"]).output().unwrap();
            let is_under_way = String::from_utf8_lossy(&again.stderr).contains("still works");
            if !is_under_way {
                done(&again);
            }
            !is_under_way
        })
        .unwrap();
        follows(&pair);
    }
}
