//! What the kernel says of one process (proc(5)). Knows no server but the name of its program.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::process::{Gid, Pid, Uid};

use crate::instance::files::lead_to_one;

/// What a process is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Running,
    /// Stopped by a signal.
    Frozen,
    /// It has ended, and somebody has yet to notice.
    Zombie,
}

/// The name of a process's program is PostgreSQL's: that of its file, or what it calls itself.
pub(super) fn is_postgres(pid: Pid) -> bool {
    let is_one = |name: &str| {
        // A package that was renewed meanwhile leaves this behind the name (proc(5)).
        let name = name.trim_end().trim_end_matches(" (deleted)");
        matches!(name, "postgres" | "postmaster")
    };
    let program = fs::read_link(proc(pid, "exe")).ok();
    let name = program.as_deref().and_then(Path::file_name);
    name.and_then(|name| name.to_str()).is_some_and(is_one)
        || fs::read_to_string(proc(pid, "comm")).is_ok_and(|name| is_one(&name))
}

/// Whether a process works in a directory, by whatever path.
pub(super) fn works_in(pid: Pid, directory: &Path) -> Result<bool, ErrorKind> {
    let works_there = lead_to_one(Path::new(&self::directory(pid)), directory);
    works_there.map_err(|error| error.kind())
}

/// What it is doing, and when it began, in ticks; none where there is no such process.
pub(super) fn life(pid: Pid) -> Option<(Life, u64)> {
    parse_life(&fs::read_to_string(proc(pid, "stat")).ok()?)
}

/// Reads the third and the 22nd field of a process's `stat` (proc(5)).
fn parse_life(stat: &str) -> Option<(Life, u64)> {
    // The command's name before them may itself contain blanks and parentheses.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let life = match fields.next()? {
        "Z" | "X" | "x" => Life::Zombie,
        "T" | "t" => Life::Frozen,
        _ => Life::Running,
    };
    Some((life, fields.nth(18)?.parse().ok()?))
}

/// A variable of the environment that a process was started with; none too where nobody may look at it.
pub(super) fn variable(pid: Pid, name: &str) -> Option<String> {
    let environment = fs::read(proc(pid, "environ")).ok()?;
    let mut variables = environment.split(|byte| *byte == 0);
    let value = variables.find_map(|variable| {
        let value = variable.strip_prefix(name.as_bytes())?;
        value.strip_prefix(b"=")
    })?;
    String::from_utf8(value.to_vec()).ok()
}

/// Its supplementary groups.
pub(super) fn groups(pid: Pid) -> Vec<Gid> {
    parse_groups(&fs::read_to_string(proc(pid, "status")).unwrap_or_default())
}

/// Reads the line `Groups:` of a process's `status` (proc(5)).
fn parse_groups(status: &str) -> Vec<Gid> {
    let line = status.lines().find_map(|line| line.strip_prefix("Groups:"));
    let numbers = line.unwrap_or_default().split_ascii_whitespace();
    numbers
        .filter_map(|number| number.parse().ok().map(Gid::from_raw))
        .collect()
}

/// Whether anything can be seen here.
pub(super) fn has_proc() -> bool {
    fs::symlink_metadata("/proc/self").is_ok()
}

/// Whose it is.
pub(super) fn owner(pid: Pid) -> Option<(Uid, Gid)> {
    let found = fs::metadata(proc(pid, "")).ok()?;
    Some((Uid::from_raw(found.uid()), Gid::from_raw(found.gid())))
}

/// The words that it was started with.
pub(super) fn arguments(pid: Pid) -> Vec<String> {
    let words = fs::read(proc(pid, "cmdline")).unwrap_or_default();
    let words = words.split(|byte| *byte == 0);
    words
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

/// The path that leads to the directory in which it works, whatever that is called.
pub(super) fn directory(pid: Pid) -> String {
    proc(pid, "cwd")
}

/// What that directory is called, or was before it was deleted.
pub(super) fn directory_name(pid: Pid) -> Option<PathBuf> {
    let name = fs::read_link(directory(pid)).ok()?;
    let name = name.to_str()?;
    Some(name.strip_suffix(" (deleted)").unwrap_or(name).into())
}

/// Whether its number is one of those that are ours, too: a container's processes have others.
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
    fn a_process_is_told_by_its_state_and_its_beginning() {
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
        }
    }
}
