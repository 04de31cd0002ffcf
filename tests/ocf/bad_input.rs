//! Parameters that are wrong: the status that keeps Pacemaker from doing harm, and a reason for people, which
//! names the parameter, what was found and what was expected. PAF's reasons (weakness 7) rarely do.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use support::Trouble;

use crate::call::{End, Ended};
use crate::judge::{Judged, Paf, case, ensure};
use crate::rows::is;
use crate::world::World;
use crate::world::server::Seen;

/// What keeps the node from the resource and lets another have it: wrong here, or not installed here. Neither
/// 6, which would stop the whole cluster, nor 1, which would have it tried again.
const HARD: [i32; 2] = [2, 5];

/// Fails unless a call was refused for a reason in which all these words are.
fn is_refused(ended: &Ended, words: &[&str]) -> Judged {
    let refused = matches!(ended.end, End::Status(status) if HARD.contains(&status));
    let reason = ended.exit_reason();
    let missing = words.iter().find(|word| !reason.contains(**word));
    ensure(refused && missing.is_none(), || {
        format!("{words:?} were to be in the reason of {HARD:?}: {ended}")
    })
}

/// Plays one wrong parameter: a start, a validation and a probe refuse it, and nothing was started.
fn refused(paf: Paf, name: &str, value: impl FnOnce(&World) -> Result<String, Trouble>) -> Judged {
    case(paf, |program| {
        let world = World::stopped(program)?;
        let value = value(&world)?;
        for action in ["start", "validate-all"] {
            let ended = world.ask("srv1", action).parameter(name, &value).call()?;
            is_refused(&ended, &[name, &value])?;
        }
        is(&world, "srv1", Seen::Stopped)
    })
}

/// The same of a value that says it all.
fn refused_value(paf: Paf, name: &str, value: &str) -> Judged {
    refused(paf, name, |_| Ok(value.into())).map_err(|failure| failure.at(value))
}

/// A folder beside the servers', of the owner of the first one's data.
fn folder(world: &World, name: &str, files: &[(&str, &str)]) -> Result<PathBuf, Trouble> {
    let path = world.scratch().path().join(name);
    let doing = format!("make {}", path.display());
    fs::create_dir(&path).map_err(Trouble::io(&*doing))?;
    for (file, text) in files {
        fs::write(path.join(file), text).map_err(Trouble::io(&*doing))?;
    }
    give(&path, &world.server("srv1").data())?;
    Ok(path)
}

/// Gives a folder and its files to the owner of another.
fn give(path: &Path, like: &Path) -> Result<(), Trouble> {
    use std::os::unix::fs::MetadataExt;
    let doing = format!("give {} away", path.display());
    let owner = fs::metadata(like).map_err(Trouble::io(&*doing))?;
    let files = fs::read_dir(path).map_err(Trouble::io(&*doing))?;
    let files = files.filter_map(|file| Some(file.ok()?.path()));
    for one in files.chain([path.to_owned()]) {
        chown(one, Some(owner.uid()), Some(owner.gid())).map_err(Trouble::io(&*doing))?;
    }
    Ok(())
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn a_data_directory_that_is_not_there_is_named() -> Judged {
    refused_value(Paf::Wrong(7), "pgdata", "/nowhere/data")?;
    refused_value(Paf::Wrong(7), "datadir", "/nowhere/data")
}

#[test]
fn a_data_directory_that_is_empty_or_of_another_version_is_named() -> Judged {
    refused(Paf::Wrong(7), "datadir", |world| {
        Ok(text(&folder(world, "empty", &[])?))
    })?;
    refused(Paf::Wrong(7), "datadir", |world| {
        Ok(text(&folder(world, "old", &[("PG_VERSION", "9.6\n")])?))
    })
}

#[test]
fn a_data_directory_of_somebody_else_is_named() -> Judged {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    refused(Paf::Wrong(7), "pgdata", |world| {
        let data = world.server("srv1").data();
        chown(&data, Some(1), Some(1)).map_err(Trouble::io("give a folder away"))?;
        Ok(text(&data))
    })
}

/// Pacemaker asks whether the second one runs, starts it where it does not, and stops what has failed to start.
#[test]
fn a_second_resource_with_the_same_directory_leaves_the_first_ones_server_alone() -> Judged {
    case(Paf::Wrong(7), |program| {
        let world = World::stopped(program)?;
        let started = world.ask("srv1", "start").call()?;
        ensure(started.end == End::Status(0), || {
            format!("start: {started}")
        })?;
        let data = text(&world.server("srv1").data());
        let parameters = [("pgdata", data.as_str())];
        let first = world.cluster.resource();
        let both = [(first, &parameters[..]), ("second", &parameters)];
        world.cluster.set_resources("srv1", &both)?;
        let second = |action| {
            let ask = world.ask("srv1", action).meta("interval", "0");
            ask.variable("OCF_RESOURCE_INSTANCE", "second").call()
        };
        for (action, status) in [("monitor", 7), ("stop", 0)] {
            let ended = second(action)?;
            ensure(ended.end == End::Status(status), || {
                format!("{action}: not {status}, but {ended}")
            })?;
        }
        for action in ["start", "validate-all", "demote", "promote"] {
            is_refused(&second(action)?, &["pgdata of second", first])?;
        }
        is(&world, "srv1", Seen::Standby)?;
        let first = world.ask("srv1", "monitor").call()?;
        ensure(first.end == End::Status(0), || {
            format!("the first: {first}")
        })?;
        // Under another name it is the same resource.
        world.cluster.set_resources("srv1", &both[1..])?;
        let renamed = second("monitor")?;
        ensure(renamed.end == End::Status(0), || {
            format!("renamed: {renamed}")
        })
    })
}

#[test]
fn a_path_that_is_none_is_named() -> Judged {
    for name in ["pgdata", "datadir", "bindir"] {
        refused_value(Paf::Wrong(7), name, "data")?;
    }
    Ok(())
}

#[test]
fn programs_that_are_not_there_or_of_another_version_are_named() -> Judged {
    refused_value(Paf::Wrong(7), "bindir", "/nowhere/bin")?;
    refused(Paf::Wrong(7), "bindir", |world| {
        let says = "#!/bin/sh\necho 'postgres (PostgreSQL) 9.6.24'\n";
        let folder = folder(world, "bin", &[("postgres", says), ("pg_ctl", says)])?;
        for name in ["postgres", "pg_ctl"] {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::Permissions::from_mode(0o755);
            fs::set_permissions(folder.join(name), mode).map_err(Trouble::io("make a program"))?;
        }
        Ok(text(&folder))
    })
}

#[test]
fn numbers_that_are_none_are_named() -> Judged {
    for (name, value, paf) in [
        ("pgport", "a port", Paf::Wrong(7)),
        ("pgport", "-1", Paf::Wrong(7)),
        ("pgport", "65536", Paf::Wrong(7)),
        ("maxlag", "1 MB", Paf::Right),
        ("maxlag", "-1", Paf::Wrong(7)),
    ] {
        refused_value(paf, name, value)?;
    }
    Ok(())
}

#[test]
fn a_place_where_the_server_would_not_listen_is_named() -> Judged {
    refused_value(Paf::Wrong(7), "pghost", "/nowhere/socket")?;
    refused_value(Paf::Wrong(7), "pgport", "1")
}

#[test]
fn options_that_the_server_does_not_take_are_named() -> Judged {
    refused_value(Paf::Wrong(7), "start_opts", "--no-such-option")?;
    refused_value(Paf::Wrong(7), "start_opts", "-c work_mem='1MB")
}

#[test]
fn a_user_who_is_not_there_is_named() -> Judged {
    refused_value(Paf::Wrong(7), "system_user", "nobody-of-that-name")
}

#[test]
fn a_standby_that_would_not_bear_its_nodes_name_is_told() -> Judged {
    case(Paf::Right, |program| {
        let world = World::stopped(program)?;
        let lines = "primary_conninfo = 'host=srv1 application_name=another'\n";
        world.server("srv1").configure(lines)?;
        let ended = world.ask("srv1", "start").call()?;
        is_refused(&ended, &["primary_conninfo", "another", "srv1"])
    })
}

#[test]
fn a_configuration_that_follows_no_promotion_is_told() -> Judged {
    misconfigured(Paf::Right, "recovery_target_timeline", "current", "latest")
}

#[test]
fn a_configuration_that_lets_no_reader_in_is_told() -> Judged {
    misconfigured(Paf::Wrong(7), "hot_standby", "off", "on")
}

fn misconfigured(paf: Paf, name: &str, value: &str, expected: &str) -> Judged {
    case(paf, |program| {
        let world = World::stopped(program)?;
        let line = format!("{name} = {value}\n");
        world.server("srv1").configure(&line)?;
        let ended = world.ask("srv1", "start").call()?;
        is_refused(&ended, &[name, value, expected])
    })
}
