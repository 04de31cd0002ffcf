//! What a dead server has left beside its Unix socket and in its directory: files with its number, which PostgreSQL
//! takes for a running server's where a process has that number.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command};

use support::Trouble;

use super::ends_with;
use crate::call::End;
use crate::judge::{Judged, ensure};
use crate::program::Program;
use crate::rows::is;
use crate::world::World;
use crate::world::server::Seen;

fn lock(world: &World, node: &str) -> PathBuf {
    let server = world.server(node).postgres();
    let name = format!(".s.PGSQL.{}.lock", server.port());
    server.socket_dir().join(name)
}

/// A process of the servers' user that is none of theirs, and works in no directory of theirs.
fn stranger(world: &World) -> Result<Child, Trouble> {
    let owner = fs::metadata(world.server("srv1").data()).map_err(Trouble::io("find the owner"))?;
    let mut command = Command::new("/bin/sleep");
    command.arg("600").current_dir(world.scratch().path());
    if rustix::process::geteuid().is_root() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    command.spawn().map_err(Trouble::io("start a process"))
}

/// Writes what a server of a node would have left that had this number.
fn leave(world: &World, node: &str, pid: u32) -> Result<(), Trouble> {
    let server = world.server(node);
    let text = format!(
        "{pid}\n{}\n1763774400\n{}\n{}\n",
        server.data().display(),
        server.postgres().port(),
        server.postgres().socket_dir().display()
    );
    let (path, doing) = (lock(world, node), "leave a file beside a socket");
    fs::write(&path, text).map_err(Trouble::io(doing))?;
    let owner = fs::metadata(server.data()).map_err(Trouble::io(doing))?;
    chown(path, Some(owner.uid()), Some(owner.gid())).map_err(Trouble::io(doing))
}

#[test]
fn a_dead_servers_number_that_another_process_has_keeps_no_server_from_its_start() -> Judged {
    let world = World::stopped(Program::Ours)?;
    let mut stranger = stranger(&world)?;
    leave(&world, "srv1", stranger.id())?;
    let started = world.ask("srv1", "start").call()?;
    stranger.kill().ok();
    stranger.wait().ok();
    ends_with(&started, 0, "start")?;
    is(&world, "srv1", Seen::Standby)
}

#[test]
fn a_number_that_a_server_process_of_another_directory_has_keeps_no_server_either() -> Judged {
    let world = World::stopped(Program::Ours)?;
    world.start("srv2")?;
    let other = world.server("srv2").postmaster();
    let other = other.map_or(0, |pid| pid.as_raw_nonzero().get().unsigned_abs());
    leave(&world, "srv1", other)?;
    ends_with(&world.ask("srv1", "start").call()?, 0, "start")?;
    is(&world, "srv2", Seen::Standby)
}

/// After a crash of the host the file may be there without its content.
#[test]
fn an_empty_file_in_its_directory_keeps_no_server_from_its_start() -> Judged {
    let world = World::stopped(Program::Ours)?;
    let path = world.server("srv1").data().join("postmaster.pid");
    fs::write(path, "").map_err(Trouble::io("leave a file"))?;
    ends_with(&world.ask("srv1", "start").call()?, 0, "start")?;
    is(&world, "srv1", Seen::Standby)
}

/// Two servers at one place: the second must not take the first one's socket away.
#[test]
fn a_running_servers_file_is_not_removed_by_another_one_at_its_place() -> Judged {
    let world = World::stopped(Program::Ours)?;
    world.start("srv1")?;
    let (first, second) = (world.server("srv1"), world.server("srv2"));
    let place = first.postgres().socket_dir().display().to_string();
    let port = first.postgres().port().to_string();
    second.configure(&format!(
        "unix_socket_directories = '{place}'\nport = {port}\n"
    ))?;
    let ask = world.ask("srv2", "start").parameter("pghost", &place);
    let refused = ask.parameter("pgport", &port).call()?;
    ensure(refused.end == End::Status(1), || refused.to_string())?;
    ensure(lock(&world, "srv1").exists(), || "the file is gone".into())?;
    is(&world, "srv1", Seen::Primary)
}
