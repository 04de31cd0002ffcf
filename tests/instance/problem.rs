//! What is found wrong with an installation, a configuration or a parameter, and what Pacemaker is told then.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};
use std::path::Path;

use pgsql_state::agent::actions::Server;
use pgsql_state::agent::decide::state::ServerState;
use pgsql_state::agent::ocf::code::Code;
use pgsql_state::agent::ocf::parameters::Parameters;
use support::Postgres;
use support::postgres::Mode;
use tempfile::TempDir;

use crate::{Held, add, parameters, soon};

const GOOD: &str = "host=srv2 application_name=srv1";

/// A server that could be part of a cluster as `srv1`.
fn fit() -> Postgres {
    let setup = Postgres::primary().setting("primary_conninfo", GOOD);
    setup.create().unwrap()
}

/// What is found, if anything is.
fn found(parameters: Parameters) -> Option<(Code, String)> {
    let local = "srv1".parse().unwrap();
    let problem = Held::with(parameters).instance.problem(&local, soon());
    problem.map(|problem| (problem.code, problem.sentence))
}

/// That one thing is found, and told in these words.
fn assert_found(parameters: &Parameters, code: Code, words: &[&str]) {
    let (said, sentence) = found(parameters.clone()).unwrap();
    assert_eq!(said, code, "{sentence}");
    for word in words {
        assert!(sentence.contains(word), "{word:?} is not in {sentence:?}");
    }
}

/// A directory that everybody may enter, with programs in it.
fn programs(programs: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let everybody = || Permissions::from_mode(0o755);
    fs::set_permissions(directory.path(), everybody()).unwrap();
    for (name, script) in programs {
        let path = directory.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, everybody()).unwrap();
    }
    directory
}

#[test]
fn a_fit_server_has_no_problem_whether_it_runs_or_not() {
    let mut server = fit();
    assert_eq!(found(parameters(&server)), None);
    server.start().unwrap();
    assert_eq!(found(parameters(&server)), None);
}

#[test]
fn each_wrong_setting_is_found_whether_the_server_runs_or_not() {
    let mut server = fit();
    let right = parameters(&server);
    let path = server.data_dir().join("postgresql.conf");
    let before = fs::read_to_string(&path).unwrap();
    for (line, words) in [
        (
            "hot_standby = off",
            &["hot_standby is \"off\"", "\"on\" was expected"][..],
        ),
        (
            "recovery_target_timeline = 'current'",
            &["recovery_target_timeline is \"current\"", "\"latest\""],
        ),
        (
            "primary_conninfo = 'host=srv2 application_name=srv'",
            &["\"srv\" in setting primary_conninfo", "\"srv1\""],
        ),
        (
            "primary_conninfo = 'host=srv2 application_name=''srv10'''",
            &["\"srv10\" in setting primary_conninfo", "\"srv1\""],
        ),
        // The server's cluster_name, "primary", is what it would call itself.
        (
            "primary_conninfo = 'host=srv2'",
            &["\"primary\" in setting primary_conninfo", "\"srv1\""],
        ),
        (
            "primary_conninfo = ''",
            &["\"\" in setting primary_conninfo", "\"srv1\""],
        ),
        (
            "primary_conninfo = 'srv2'",
            &["cannot parse setting primary_conninfo"],
        ),
    ] {
        fs::write(&path, &before).unwrap();
        add(&server, "postgresql.conf", line);
        assert_found(&right, Code::Args, words);
        server.start().unwrap();
        assert_found(&right, Code::Args, words);
        server.stop(Mode::Fast).unwrap();
    }
}

#[test]
fn a_name_may_be_quoted_or_that_of_the_cluster() {
    let server = fit();
    for lines in [
        "primary_conninfo = 'host=srv2 application_name=''srv1'''",
        "primary_conninfo = 'host=srv2'\ncluster_name = 'srv1'",
    ] {
        add(&server, "postgresql.conf", lines);
        assert_eq!(found(parameters(&server)), None, "{lines}");
    }
}

#[test]
fn options_count_as_they_do_at_a_start() {
    let server = fit();
    let mut given = parameters(&server);
    given.start_opts = "-c hot_standby=off".into();
    assert_found(&given, Code::Args, &["hot_standby is \"off\""]);
    given.start_opts = "-c 'hot_standby=off".into();
    assert_found(&given, Code::Args, &["parameter start_opts", "quote"]);
    given.start_opts = "-c no_such_setting=1".into();
    assert_found(&given, Code::Args, &["no_such_setting"]);
}

#[test]
fn too_little_wal_for_a_standby_is_found() {
    let mut server = Postgres::primary()
        .setting("primary_conninfo", GOOD)
        .setting("wal_level", "minimal")
        .setting("max_wal_senders", "0")
        .start()
        .unwrap();
    let words = ["wal_level is minimal", "replica or logical was expected"];
    assert_found(&parameters(&server), Code::Args, &words);
    server.stop(Mode::Fast).unwrap();
    assert_found(&parameters(&server), Code::Args, &words);
}

#[test]
fn a_template_has_no_effect() {
    let server = fit();
    let right = parameters(&server);
    fs::write(&right.recovery_template, "standby_mode = off\n").unwrap();
    assert_eq!(found(right), None);
}

#[test]
fn a_directory_has_to_be_one_and_the_users() {
    let server = fit();
    let right = parameters(&server);
    let with_datadir = |path: &Path| Parameters {
        datadir: path.into(),
        ..right.clone()
    };
    let nowhere = with_datadir("/nowhere/at/all".as_ref());
    let words = ["parameter datadir is /nowhere/at/all,", "No such file"];
    assert_found(&nowhere, Code::Installed, &words);
    let file = server.data_dir().join("PG_VERSION");
    let words = ["parameter datadir", "is not a directory"];
    assert_found(&with_datadir(&file), Code::Installed, &words);
    let user = &right.system_user;
    let words = ["/usr/lib", "belongs to root", user];
    assert_found(&with_datadir("/usr/lib".as_ref()), Code::Args, &words);
    let words = ["parameter datadir", "PG_VERSION"];
    let socket = server.socket_dir();
    assert_found(&with_datadir(&socket), Code::Installed, &words);
    let mut wrong = right.clone();
    wrong.pgdata = "/nowhere".into();
    let words = ["parameter pgdata is /nowhere,"];
    assert_found(&wrong, Code::Installed, &words);
}

/// The server's user owns the directory in which its data directory is.
#[test]
fn a_link_of_the_servers_user_to_the_directory_of_another_one_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let server = fit();
    let right = parameters(&server);
    let [victim, folder] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    chown(victim.path(), Some(34), Some(34)).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let link = folder.path().join("main");
    symlink(victim.path(), &link).unwrap();
    let owner = fs::metadata(&right.datadir).unwrap();
    lchown(&link, Some(owner.uid()), Some(owner.gid())).unwrap();
    let foreign = Parameters {
        pgdata: link.clone(),
        datadir: link.clone(),
        ..right.clone()
    };
    let words = ["parameter pgdata", "main", "has to belong to", "user 34"];
    assert_found(&foreign, Code::Args, &words);
    let mut held = Held::with(foreign.clone());
    assert_eq!(held.state(), ServerState::Unreadable);
    let error = held.instance.start(soon()).unwrap_err();
    assert!(error.to_string().contains("user 34"), "{error}");
    // Nothing runs there, so it is stopped.
    held.instance.sweep(soon()).unwrap();
    assert!(fs::read_dir(victim.path()).unwrap().next().is_none());
    // A link to a directory of its own is good.
    fs::remove_file(&link).unwrap();
    symlink(&right.datadir, &link).unwrap();
    assert_eq!(found(foreign), None);
}

#[test]
fn a_configuration_elsewhere_has_to_be_the_data_directorys() {
    let server = fit();
    let other = fit();
    let elsewhere = programs(&[]);
    let mut given = parameters(&server);
    given.pgdata = elsewhere.path().into();
    let configure = |server: &Postgres| {
        let data = server.data_dir();
        let text = fs::read_to_string(data.join("postgresql.conf")).unwrap();
        let text = format!("{text}data_directory = '{}'\n", data.display());
        fs::write(elsewhere.path().join("postgresql.conf"), text).unwrap();
    };
    configure(&server);
    assert_eq!(found(given.clone()), None);
    configure(&other);
    let data = other.data_dir();
    let words = [
        "parameter datadir",
        "data_directory",
        data.to_str().unwrap(),
    ];
    assert_found(&given, Code::Args, &words);
}

#[test]
fn a_version_has_to_be_known_and_the_programs() {
    let server = fit();
    let right = parameters(&server);
    let path = server.data_dir().join("PG_VERSION");
    let is = fs::read_to_string(&path).unwrap();
    for (version, code, words) in [
        ("9.6\n", Code::Installed, &["PG_VERSION", "9.6"][..]),
        ("11\n", Code::Installed, &["PostgreSQL 11;", "12 or newer"]),
        // Its control file is one that is known, so it is tried, and has other programs.
        (
            "99\n",
            Code::Args,
            &["parameter bindir", is.trim(), "is of PostgreSQL 99"],
        ),
    ] {
        fs::write(&path, version).unwrap();
        assert_found(&right, code, words);
    }
    // The version of its format stands behind the system identifier.
    let control = server.data_dir().join("global/pg_control");
    let mut bytes = fs::read(&control).unwrap();
    bytes[8..12].copy_from_slice(&9_900_u32.to_ne_bytes());
    fs::write(&control, bytes).unwrap();
    let words = ["PostgreSQL 99", "12 to 18", "9900", "a newer version"];
    assert_found(&right, Code::Installed, &words);
}

#[test]
fn a_user_has_to_be_there() {
    let server = fit();
    let mut wrong = parameters(&server);
    wrong.system_user = "nobody-of-that-name".into();
    let words = ["system_user", "nobody-of-that-name", "no such user"];
    assert_found(&wrong, Code::Installed, &words);
}

#[test]
fn programs_have_to_be_there_and_to_run() {
    let server = fit();
    let with_bindir = |path: &Path| Parameters {
        bindir: path.into(),
        ..parameters(&server)
    };
    let none = programs(&[]);
    let words = ["parameter bindir", "pg_ctl cannot be executed"];
    assert_found(&with_bindir(none.path()), Code::Installed, &words);
    let one = programs(&[("pg_ctl", "")]);
    let words = ["parameter bindir", "postgres cannot be executed"];
    assert_found(&with_bindir(one.path()), Code::Installed, &words);
    let broken = programs(&[("pg_ctl", ""), ("postgres", "echo broken >&2; exit 1")]);
    let words = ["parameter bindir", "broken"];
    assert_found(&with_bindir(broken.path()), Code::Args, &words);
}

#[test]
fn a_place_where_it_would_not_listen_is_named() {
    let server = fit();
    let mut given = parameters(&server);
    given.pgport ^= 1;
    let port = given.pgport.to_string();
    assert_found(&given, Code::Args, &["pgport is", &port, "port is"]);
    let mut given = parameters(&server);
    let socket = std::mem::replace(&mut given.pghost, "/nowhere".into());
    let words = ["pghost is /nowhere", "unix_socket_directories", &socket];
    assert_found(&given, Code::Args, &words);
    // By another path it is the same; a name says nothing.
    for same in [format!("{socket}/."), "localhost".into()] {
        given.pghost = same;
        assert_eq!(found(given.clone()), None);
    }
}
