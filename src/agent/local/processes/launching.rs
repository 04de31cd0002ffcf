//! Finds the programs that are about to start the server: one that was killed may leave them behind, waiting for a disk,
//! and a server then comes up after its stop. Starts and stops nothing.

use std::path::Path;

use rustix::process::{Pid, PidfdFlags, geteuid, pidfd_open};

use super::procfs::{Life, arguments, life, owner, program};
use super::{Process, numbers};
use crate::base::shell;

/// Returns the option that names the server's directory, as a shell takes it. Each start has it, also in the command of the
/// shell by which `pg_ctl` starts the server.
pub(in crate::agent::local) fn place(datadir: &Path) -> String {
    let setting = format!("data_directory={}", datadir.display());
    format!("-c {}", shell::quoted(&setting))
}

/// Returns `pg_ctl` and the shell that it runs, wherever they are about to start this server.
pub(in crate::agent::local) fn launching(datadir: &Path) -> Vec<Process> {
    let user = geteuid();
    let place = place(datadir);
    let is_one = |pid: Pid| {
        owner(pid).is_some_and(|(owner, _)| owner == user)
            && starts(program(pid).as_deref(), &arguments(pid), &place)
    };
    let opened = numbers().into_iter().filter_map(|pid| {
        is_one(pid).then_some(())?;
        let handle = pidfd_open(pid, PidfdFlags::empty()).ok();
        // Verified again behind the handle, which may be another process's by now.
        let (life, began) = life(pid).filter(|_| is_one(pid))?;
        (life != Life::Zombie).then_some(Process { pid, began, handle })
    });
    opened.collect()
}

/// Returns whether a program with these arguments is about to start the server: `pg_ctl`, or the shell that becomes the
/// server (`start_postmaster` in `src/bin/pg_ctl/pg_ctl.c`).
fn starts(program: Option<&Path>, arguments: &[String], place: &str) -> bool {
    let is_pg_ctl = program
        .and_then(Path::file_name)
        .is_some_and(|name| name == "pg_ctl");
    match arguments {
        [_, option, command, ..] if option == "-c" => {
            command.starts_with("exec ") && command.contains(place)
        }
        arguments => is_pg_ctl && arguments.iter().any(|one| one.contains(place)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pg_ctl_and_its_shell_are_told_from_others() {
        let place = place(Path::new("/srv/my data"));
        let words = |words: &[&str]| -> Vec<String> {
            words.iter().map(|word| (*word).to_owned()).collect()
        };
        let command =
            format!("exec \"/bin/postgres\" -D \"/etc/x\" {place} < \"/dev/null\" >> \"log\" 2>&1");
        // The kernel ends each word with a zero byte, so an empty one follows.
        let shell = words(&["/bin/sh", "-c", &command, ""]);
        assert!(starts(Some(Path::new("/bin/dash")), &shell, &place));
        let options = format!("-c port=1 {place}");
        let pg_ctl = words(&["/bin/pg_ctl", "--pgdata", "/etc/x", "-o", &options, "start"]);
        assert!(starts(Some(Path::new("/bin/pg_ctl")), &pg_ctl, &place));
        assert!(!starts(Some(Path::new("/usr/bin/vi")), &pg_ctl, &place));
        let other = super::place(Path::new("/srv/other"));
        assert!(!starts(Some(Path::new("/bin/dash")), &shell, &other));
        assert!(!starts(Some(Path::new("/bin/pg_ctl")), &pg_ctl, &other));
        let archiver = words(&["/bin/sh", "-c", "cp pg_wal/1 /archive/1"]);
        assert!(!starts(Some(Path::new("/bin/dash")), &archiver, &place));
    }
}
