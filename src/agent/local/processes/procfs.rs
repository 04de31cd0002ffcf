//! Reads what the kernel reports of one process (proc(5)). Knows nothing of servers but the name of their program.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::SplitAsciiWhitespace;

use rustix::process::{Gid, Pid, Uid};

use crate::agent::local::files::lead_to_one;
use crate::base::regular_file;

/// How much of a process's environment and arguments is read: the process can change them.
const MOST: u64 = 8 << 20;

/// What a process is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Running,
    /// Stopped by a signal.
    Frozen,
    /// It has ended, and its parent has not waited for it yet.
    Zombie,
}

/// Returns whether a process's program is PostgreSQL, by the name of its file or of its command.
pub(super) fn is_postgres(pid: Pid) -> bool {
    let is_one = |name: &str| {
        // If the package was upgraded meanwhile, this follows the name (proc(5)).
        let name = name.trim_end().trim_end_matches(" (deleted)");
        matches!(name, "postgres" | "postmaster")
    };
    let program = program(pid);
    let name = program.as_deref().and_then(Path::file_name);
    name.and_then(|name| name.to_str()).is_some_and(is_one)
        || fs::read_to_string(proc(pid, "comm")).is_ok_and(|name| is_one(&name))
}

/// Returns the path of a process's program.
pub(super) fn program(pid: Pid) -> Option<PathBuf> {
    fs::read_link(proc(pid, "exe")).ok()
}

/// Returns the device and the inode of a process's program, whatever its path is.
pub(super) fn program_file(pid: Pid) -> Option<(u64, u64)> {
    let found = fs::metadata(proc(pid, "exe")).ok()?;
    Some((found.dev(), found.ino()))
}

/// Returns whether a process runs in a directory, by whatever path.
pub(super) fn works_in(pid: Pid, directory: &Path) -> Result<bool, ErrorKind> {
    let works_there = lead_to_one(Path::new(&self::directory(pid)), directory);
    works_there.map_err(|error| error.kind())
}

/// Returns what a process is doing, and its start time in clock ticks; `None` if it does not exist.
pub(super) fn life(pid: Pid) -> Option<(Life, u64)> {
    parse_life(&fs::read_to_string(proc(pid, "stat")).ok()?)
}

/// Returns the third field of a process's `stat` (proc(5)) and those after it.
fn fields(stat: &str) -> Option<SplitAsciiWhitespace<'_>> {
    // The command's name before them may itself contain blanks and parentheses.
    let (_, rest) = stat.rsplit_once(')')?;
    Some(rest.split_ascii_whitespace())
}

/// Parses the third and the 22nd field of a process's `stat` (proc(5)).
fn parse_life(stat: &str) -> Option<(Life, u64)> {
    let mut fields = fields(stat)?;
    let life = match fields.next()? {
        "Z" | "X" | "x" => Life::Zombie,
        "T" | "t" => Life::Frozen,
        _ => Life::Running,
    };
    Some((life, fields.nth(18)?.parse().ok()?))
}

/// Returns the CPU time of a sleeping process, in clock ticks, and how often it was switched out.
pub(super) fn rest(pid: Pid) -> Option<(u64, u64)> {
    let ticks = parse_rest(&fs::read_to_string(proc(pid, "stat")).ok()?)?;
    let switches = parse_switches(&fs::read_to_string(proc(pid, "status")).ok()?)?;
    Some((ticks, switches))
}

/// Parses the third, the 14th and the 15th field of the `stat` (proc(5)) of a sleeping process.
fn parse_rest(stat: &str) -> Option<u64> {
    let mut fields = fields(stat)?;
    fields.next().filter(|state| *state == "S")?;
    let user: u64 = fields.nth(10)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    user.checked_add(system)
}

/// Parses the two lines of a process's `status` that count its context switches (proc(5)).
fn parse_switches(status: &str) -> Option<u64> {
    let count = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().parse().ok()
    };
    count("voluntary_ctxt_switches:")?.checked_add(count("nonvoluntary_ctxt_switches:")?)
}

/// Returns the children of a process; `None` if the kernel does not tell them.
pub(super) fn children(pid: Pid) -> Option<Vec<Pid>> {
    let number = pid.as_raw_nonzero();
    let text = fs::read_to_string(proc(pid, &format!("task/{number}/children"))).ok()?;
    let numbers = text.split_ascii_whitespace();
    numbers
        .map(|number| Pid::from_raw(number.parse().ok()?))
        .collect()
}

/// Returns the files that a process has open; `None` if the kernel does not tell them.
pub(super) fn open_files(pid: Pid) -> Option<Vec<PathBuf>> {
    let entries = fs::read_dir(proc(pid, "fd")).ok()?;
    entries
        .map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .collect()
}

/// Returns a variable of the environment that a process was started with; `None` also if it may not be read.
pub(super) fn variable(pid: Pid, name: &str) -> Option<String> {
    let environment = regular_file::read(Path::new(&proc(pid, "environ")), MOST).ok()?;
    let mut variables = environment.split(|byte| *byte == 0);
    let value = variables.find_map(|variable| {
        let value = variable.strip_prefix(name.as_bytes())?;
        value.strip_prefix(b"=")
    })?;
    String::from_utf8(value.to_vec()).ok()
}

/// Returns the supplementary groups of a process.
pub(super) fn groups(pid: Pid) -> Vec<Gid> {
    parse_groups(&fs::read_to_string(proc(pid, "status")).unwrap_or_default())
}

/// Parses the line `Groups:` of a process's `status` (proc(5)).
fn parse_groups(status: &str) -> Vec<Gid> {
    let line = status.lines().find_map(|line| line.strip_prefix("Groups:"));
    let numbers = line.unwrap_or_default().split_ascii_whitespace();
    numbers
        .filter_map(|number| number.parse().ok().map(Gid::from_raw))
        .collect()
}

/// Returns whether /proc is mounted.
pub(super) fn has_proc() -> bool {
    fs::symlink_metadata("/proc/self").is_ok()
}

/// Returns the owner of a process.
pub(super) fn owner(pid: Pid) -> Option<(Uid, Gid)> {
    let found = fs::metadata(proc(pid, "")).ok()?;
    Some((Uid::from_raw(found.uid()), Gid::from_raw(found.gid())))
}

/// Returns the arguments that a process was started with.
pub(super) fn arguments(pid: Pid) -> Vec<String> {
    let words = regular_file::read(Path::new(&proc(pid, "cmdline")), MOST).unwrap_or_default();
    let words = words.split(|byte| *byte == 0);
    words
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

/// Returns the path that leads to the working directory of a process, whatever the directory's name is.
pub(super) fn directory(pid: Pid) -> String {
    proc(pid, "cwd")
}

/// Returns the name of that directory, or the name that it had before it was deleted.
pub(super) fn directory_name(pid: Pid) -> Option<PathBuf> {
    let name = fs::read_link(directory(pid)).ok()?;
    let name = name.to_str()?;
    Some(name.strip_suffix(" (deleted)").unwrap_or(name).into())
}

/// Returns whether a process is in this process's PID namespace: a container's processes have other process IDs.
pub(super) fn shares_numbers(pid: Pid) -> bool {
    let ours = fs::read_link("/proc/self/ns/pid");
    let others = fs::read_link(proc(pid, "ns/pid"));
    matches!((ours, others), (Ok(ours), Ok(others)) if ours == others)
}

fn proc(pid: Pid, name: &str) -> String {
    format!("/proc/{}/{name}", pid.as_raw_nonzero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_and_start_time_of_a_process_are_parsed() {
        let stat = |state: &str| {
            format!("7 (post) gres) {state} 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 1 1 1")
        };
        for (state, life) in [
            ("S", Life::Running),
            ("D", Life::Running),
            ("T", Life::Frozen),
            ("Z", Life::Zombie),
        ] {
            assert_eq!(parse_life(&stat(state)), Some((life, 4242)));
        }
        let groups = parse_groups("Gid:\t109\t109\t109\t109\nGroups:\t109 110 \nNStgid:\t1\n");
        assert_eq!(groups, [109, 110].map(Gid::from_raw));
        assert_eq!(parse_groups("Groups:\t\n"), []);
        for wrong in ["", "7 (postgres", "7 (postgres) S 1 2"] {
            assert_eq!(parse_life(wrong), None);
            assert_eq!(parse_rest(wrong), None);
        }
    }

    #[test]
    fn the_cpu_time_and_switches_of_a_sleeping_process_are_parsed() {
        let stat =
            |state: &str| format!("7 (post) gres) {state} 1 7 7 0 -1 4194560 1 0 0 0 30 12 0 0");
        assert_eq!(parse_rest(&stat("S")), Some(42));
        for other in ["R", "D", "T", "Z"] {
            assert_eq!(parse_rest(&stat(other)), None);
        }
        let status =
            "Name:\tpostgres\nvoluntary_ctxt_switches:\t40\nnonvoluntary_ctxt_switches:\t2\n";
        assert_eq!(parse_switches(status), Some(42));
        assert_eq!(parse_switches("voluntary_ctxt_switches:\t40\n"), None);
    }

    #[test]
    fn the_children_and_open_files_of_a_process_are_read() {
        let open = tempfile::NamedTempFile::new().unwrap();
        let mut child = std::process::Command::new("/bin/sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let us = rustix::process::getpid();
        assert!(
            open_files(us)
                .unwrap()
                .iter()
                .any(|file| file == open.path())
        );
        // Those of this thread: another test's are not among them.
        let this = rustix::thread::gettid();
        let tell = format!(
            "/proc/{}/task/{}/children",
            us.as_raw_nonzero(),
            this.as_raw_nonzero()
        );
        let told = fs::read_to_string(tell).unwrap();
        assert!(
            told.split_ascii_whitespace()
                .any(|one| one == child.id().to_string())
        );
        child.kill().unwrap();
        child.wait().unwrap();
        let gone = Pid::from_child(&child);
        assert_eq!(
            (children(gone), open_files(gone), rest(gone)),
            (None, None, None)
        );
    }
}
