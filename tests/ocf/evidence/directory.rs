//! A data directory that was renamed or unmounted below a running server. The server goes on, and clients write.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::Trouble;
use support::kept::copy_all;
use support::procfs::working_in;
use support::running::run;

use super::ends_with;
use crate::judge::{Failure, Judged, ensure};
use crate::program::Program;
use crate::rows::is;
use crate::world::World;
use crate::world::server::Seen;

/// Every other action than a stop, and what it ends with while the server runs elsewhere.
const OTHERS: [(&str, i32); 4] = [("monitor", 1), ("start", 1), ("promote", 1), ("demote", 1)];

/// Where a renamed directory is.
fn elsewhere(world: &World) -> PathBuf {
    world.server("srv1").data().with_extension("renamed")
}

fn rename(from: &Path, to: &Path) -> Result<(), Trouble> {
    let doing = format!("rename {}", from.display());
    fs::rename(from, to).map_err(Trouble::io(doing))
}

/// Fails unless nothing but a stop touches the server that works in a directory, and a stop ends it.
fn only_a_stop_ends_what_works_in(world: &World, directory: &Path) -> Judged {
    let count = || working_in(directory).len();
    // One process less is a receiver that looks for its primary again.
    let runs = || count() > 2;
    ensure(runs(), || "no server is there".into())?;
    let probe = world.ask("srv1", "monitor").meta("interval", "0").call()?;
    ends_with(&probe, 1, "probe")?;
    for (action, status) in OTHERS {
        let ended = world.ask("srv1", action).call()?;
        ends_with(&ended, status, action)?;
        let named = ended.exit_reason().contains("another directory");
        ensure(named, || format!("{action} does not say why: {ended}"))?;
    }
    ensure(runs(), || "the server has been stopped".into())?;
    for _ in 0..2 {
        ends_with(&world.ask("srv1", "stop").call()?, 0, "stop")?;
        ensure(count() == 0, || {
            format!("{:?} are left", working_in(directory))
        })?;
    }
    Ok(())
}

fn started_by_the_agent() -> Result<World, Failure> {
    let world = World::stopped(Program::Ours)?;
    ends_with(&world.ask("srv1", "start").call()?, 0, "start")?;
    Ok(world)
}

#[test]
fn a_server_whose_directory_was_renamed_is_not_taken_for_stopped_and_is_stopped() -> Judged {
    let world = started_by_the_agent()?;
    let data = world.server("srv1").data();
    rename(&data, &elsewhere(&world))?;
    only_a_stop_ends_what_works_in(&world, &elsewhere(&world))?;
    // As before: nothing is there.
    ends_with(&world.ask("srv1", "monitor").call()?, 5, "monitor")?;
    rename(&elsewhere(&world), &data)?;
    // It could not write its end where it looks for its control file.
    ends_with(&world.ask("srv1", "start").call()?, 0, "start")?;
    is(&world, "srv1", Seen::Standby)
}

/// PostgreSQL finds its control file by the path that it was started with, and would write the end of the old server
/// into the new directory.
#[test]
fn a_new_directory_in_the_old_ones_place_hides_no_server_and_is_not_written_to() -> Judged {
    let world = started_by_the_agent()?;
    let data = world.server("srv1").data();
    rename(&data, &elsewhere(&world))?;
    copy_all(&world.server("srv2").data(), &data, world.scratch())?;
    let control = || {
        let path = world.server("srv1").control_file();
        fs::read(path).map_err(Trouble::io("read a control file"))
    };
    let before = control()?;
    only_a_stop_ends_what_works_in(&world, &elsewhere(&world))?;
    ensure(control()? == before, || {
        "the new control file is another one".into()
    })?;
    ends_with(&world.ask("srv1", "monitor").call()?, 7, "monitor")
}

/// One server runs in the renamed directory and another in the new one, whose file does not name it.
#[test]
fn a_stop_ends_both_a_server_elsewhere_and_one_that_no_pid_file_names() -> Judged {
    for is_fifo in [false, true] {
        let world = started_by_the_agent()?;
        let data = world.server("srv1").data();
        rename(&data, &elsewhere(&world))?;
        copy_all(&world.server("srv2").data(), &data, world.scratch())?;
        world.start("srv1")?;
        let file = data.join("postmaster.pid");
        fs::remove_file(&file).map_err(Trouble::io("remove a file"))?;
        if is_fifo {
            let mut make = Command::new("mkfifo");
            make.args(["--mode=666".as_ref(), file.as_path()]);
            run(make)?;
        }
        ends_with(&world.ask("srv1", "stop").call()?, 0, "stop")?;
        for directory in [&elsewhere(&world), &data] {
            let left = working_in(directory);
            ensure(left.is_empty(), || {
                format!("{left:?} are left in {}", directory.display())
            })?;
        }
    }
    Ok(())
}

/// The resource was given another directory while nobody looked.
#[test]
fn a_server_in_an_old_directory_that_is_still_there_is_stopped_in_order() -> Judged {
    let world = started_by_the_agent()?;
    let other = elsewhere(&world).display().to_string();
    for (action, status) in [("monitor", 1), ("start", 1), ("stop", 0), ("monitor", 5)] {
        let ended = world.ask("srv1", action).parameter("pgdata", &other);
        ends_with(&ended.call()?, status, action)?;
    }
    is(&world, "srv1", Seen::Stopped)
}

/// It has no variable of an agent's, and was told the directory on its command line.
#[test]
fn a_server_that_its_administrator_started_is_found_by_its_command_line() -> Judged {
    let world = World::stopped(Program::Ours)?;
    world.start("srv1")?;
    rename(&world.server("srv1").data(), &elsewhere(&world))?;
    only_a_stop_ends_what_works_in(&world, &elsewhere(&world))
}

#[test]
fn a_frozen_server_whose_directory_was_renamed_is_ended_all_the_same() -> Judged {
    let world = started_by_the_agent()?;
    world.server("srv1").freeze()?;
    rename(&world.server("srv1").data(), &elsewhere(&world))?;
    ends_with(&world.ask("srv1", "monitor").call()?, 1, "monitor")?;
    ends_with(&world.ask("srv1", "stop").call()?, 0, "stop")?;
    let left = working_in(&elsewhere(&world));
    ensure(left.is_empty(), || format!("{left:?} are left"))
}

#[test]
fn a_server_whose_disk_was_unmounted_lazily_is_stopped() -> Judged {
    let world = World::stopped(Program::Ours)?;
    let data = world.server("srv1").data();
    rename(&data, &elsewhere(&world))?;
    fs::create_dir(&data).map_err(Trouble::io("make a folder"))?;
    let mut mount = Command::new("mount");
    mount.arg("--bind").arg(elsewhere(&world)).arg(&data);
    if run(mount).is_err() {
        // Only root may mount a directory.
        return Ok(());
    }
    let started = world.ask("srv1", "start").call();
    let mut unmount = Command::new("umount");
    run({
        unmount.arg("--lazy").arg(&data);
        unmount
    })?;
    ends_with(&started?, 0, "start")?;
    let postmaster = || {
        let file = fs::read_to_string(elsewhere(&world).join("postmaster.pid"));
        file.is_ok()
    };
    ensure(postmaster(), || "no server is there".into())?;
    ends_with(&world.ask("srv1", "monitor").call()?, 1, "monitor")?;
    ends_with(&world.ask("srv1", "stop").call()?, 0, "stop")?;
    ensure(!postmaster(), || "the server has been left".into())
}

#[test]
fn a_server_of_another_resource_is_not_this_ones_wherever_it_is() -> Judged {
    let world = World::stopped(Program::Ours)?;
    let other = format!("{}-2", world.cluster.resource());
    let started = world
        .ask("srv1", "start")
        .variable("OCF_RESOURCE_INSTANCE", &other)
        .call()?;
    ends_with(&started, 0, "start")?;
    rename(&world.server("srv1").data(), &elsewhere(&world))?;
    ends_with(&world.ask("srv1", "monitor").call()?, 5, "monitor")?;
    ends_with(&world.ask("srv1", "stop").call()?, 0, "stop")?;
    ensure(!working_in(&elsewhere(&world)).is_empty(), || {
        "another resource's server was stopped".into()
    })
}
