//! A process of a user of the host that looks like the resource's server, and parameters that do not lead to the server.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command};
use std::time::Duration;

use support::Trouble;

use super::ends_with;
use crate::judge::{Judged, ensure};
use crate::program::Program;
use crate::rows::is;
use crate::world::World;
use crate::world::server::Seen;

/// A process that is ended when this is dropped.
struct Impostor(Child);

impl Drop for Impostor {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Starts a process of the user `user` with the name of the server, its marks, and a directory like the server's.
fn impostor(world: &World, user: &str) -> Result<Impostor, Trouble> {
    let doing = "start a process that looks like a server";
    let folder = world.scratch().path().join(format!("of-{user}"));
    let program = folder.join("postgres");
    fs::create_dir(&folder).map_err(Trouble::io(doing))?;
    fs::copy("/bin/sleep", &program).map_err(Trouble::io(doing))?;
    fs::write(folder.join("PG_VERSION"), "15\n").map_err(Trouble::io(doing))?;
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).map_err(Trouble::io(doing))?;
    let mut command = Command::new("setpriv");
    let child = command
        .args([&format!("--reuid={user}"), "--clear-groups"])
        .arg(program)
        .arg("60")
        .current_dir(folder)
        .env_clear()
        .env("OCF_RESOURCE_INSTANCE", world.cluster.resource())
        .env("OCF_RESKEY_CRM_meta_on_node", "srv1")
        .spawn();
    let started = Impostor(child.map_err(Trouble::io(doing))?);
    let name = format!("/proc/{}/comm", started.0.id());
    support::until(Duration::from_secs(10), doing, || {
        fs::read_to_string(&name).is_ok_and(|name| name.trim() == "postgres")
    })?;
    Ok(started)
}

#[test]
fn a_process_of_another_user_is_not_stopped_in_the_servers_place() -> Judged {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let world = World::stopped(Program::Ours)?;
    // The one that was started first is seen first.
    let _impostor = impostor(&world, "nobody")?;
    ends_with(&world.ask("srv1", "start").call()?, 0, "start")?;
    let ask = |action| world.ask("srv1", action).parameter("pgdata", "data").call();
    ends_with(&ask("monitor")?, 0, "monitor")?;
    ends_with(&ask("stop")?, 0, "stop")?;
    is(&world, "srv1", Seen::Stopped)?;
    ends_with(&ask("monitor")?, 2, "monitor")?;
    ends_with(&ask("stop")?, 0, "a second stop")
}

/// The server may have been started while `system_user` was another one.
#[test]
fn a_stop_fails_where_it_is_not_certain_which_process_is_the_server() -> Judged {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let world = World::stopped(Program::Ours)?;
    let _impostor = impostor(&world, "daemon")?;
    for action in ["monitor", "stop"] {
        let ended = world
            .ask("srv1", action)
            .parameter("pgdata", "data")
            .call()?;
        ends_with(&ended, 1, action)?;
        let reason = ended.exit_reason();
        ensure(reason.contains("could be the server"), || ended.to_string())?;
    }
    Ok(())
}

#[test]
fn a_stop_fails_where_the_servers_program_is_not_the_one_in_bindir() -> Judged {
    let world = World::stopped(Program::Ours)?;
    ends_with(&world.ask("srv1", "start").call()?, 0, "start")?;
    let ask = |action| world.ask("srv1", action).parameter("pgdata", "data");
    for action in ["monitor", "stop"] {
        let ended = ask(action).parameter("bindir", "/bin").call()?;
        ends_with(&ended, 1, action)?;
        let reason = ended.exit_reason();
        ensure(reason.contains("bindir"), || ended.to_string())?;
    }
    is(&world, "srv1", Seen::Standby)
}
