//! What `/proc` tells of processes: who works in a directory, under which title, in which state
//! (proc(5)); knows no server.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, RawPid};

/// A process as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: Pid,
    /// Its command line, which PostgreSQL's processes use as a title: `postgres: walreceiver …`.
    pub title: String,
}

/// The processes whose working directory is `directory` or below it.
pub fn working_in(directory: &Path) -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let pid: RawPid = path.file_name()?.to_str()?.parse().ok()?;
            let cwd = fs::read_link(path.join("cwd")).ok()?;
            cwd.starts_with(directory).then_some(())?;
            Some(Process {
                pid: Pid::from_raw(pid)?,
                title: title(&path),
            })
        })
        .collect()
}

fn title(process: &Path) -> String {
    let bytes = fs::read(process.join("cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes)
        .replace('\0', " ")
        .trim_end()
        .to_owned()
}

/// Whether a process is stopped by a signal, or gone.
pub fn is_still(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    // The state follows the command's name, which may itself contain spaces and parentheses.
    stat.map_or(true, |stat| {
        stat.rsplit_once(") ")
            .is_none_or(|(_, rest)| rest.starts_with(['T', 'Z', 'X']))
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use rustix::process::{Signal, kill_process};

    use super::*;
    use crate::scratch::Scratch;
    use crate::wait::until;

    #[test]
    fn a_process_is_found_by_its_directory_and_seen_to_stop() {
        let scratch = Scratch::new().unwrap();
        assert_eq!(working_in(scratch.path()), []);
        let mut sleeper = scratch.command("/bin/sleep").arg("60").spawn().unwrap();
        let found = working_in(scratch.path());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].pid, Pid::from_child(&sleeper));
        let patience = std::time::Duration::from_secs(30);
        until(patience, "the new program", || {
            working_in(scratch.path())[0].title == "/bin/sleep 60"
        })
        .unwrap();
        assert!(!is_still(found[0].pid));
        kill_process(found[0].pid, Signal::STOP).unwrap();
        until(patience, "the stop", || is_still(found[0].pid)).unwrap();
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
        let other = Command::new("/bin/true").current_dir("/").spawn();
        other.unwrap().wait().unwrap();
        assert_eq!(working_in(scratch.path()), []);
    }
}
