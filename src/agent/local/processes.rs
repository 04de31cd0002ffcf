//! Finds the processes of a server. Identifies them by their working directory, which is the data
//! directory for each of them, and for no other process that has got the process ID of a dead one.
//!
//! - `launching`: the programs that are about to start one.
//! - `listening`: the TCP addresses at which one of them listens.
//! - `own`: the servers of a resource, in whatever directory.
//! - `process`: one process, its signals and its end.
//! - `procfs`: what the kernel reports of a process.
//! - `startup`: the process that replays WAL.
//! - `trusted`: which of those servers is the resource's own.

mod launching;
mod listening;
mod own;
mod process;
mod procfs;
mod startup;
mod trusted;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Once;

use rustix::process::{Pid, PidfdFlags, RawPid, geteuid, pidfd_open, test_kill_process};

use super::privileges::UserEnvironment;
use crate::agent::decide::scores::Attributes;
use crate::postgres::{PidFile, pid_file};
pub(super) use launching::{launching, place as place_option};
pub(super) use listening::listening;
pub(super) use own::{Marks, OwnPostmaster};
pub(super) use process::{Process, wait_all};
use procfs::{Life, groups, has_proc, is_postgres, life, owner, variable, works_in};
pub(super) use trusted::{Expected, UnclearServer, elsewhere, place};

/// A postmaster, and the content of its `postmaster.pid`.
#[derive(Debug)]
pub(super) struct RunningPostmaster {
    pub(super) process: Process,
    pub(super) file: PidFile,
}

impl RunningPostmaster {
    /// Returns the resource that it was started for, if it was started for one.
    pub(super) fn started_for(&self) -> Option<Attributes> {
        own::started_for(self.process.pid)
    }

    /// Returns what it has of its user.
    pub(super) fn environment(&self) -> UserEnvironment {
        UserEnvironment {
            groups: groups(self.process.pid),
            home: variable(self.process.pid, "HOME").map(PathBuf::from),
        }
    }

    /// Returns whether it runs in a directory, by whatever path.
    pub(super) fn works_in(&self, directory: &Path) -> bool {
        works_in(self.process.pid, directory).is_ok_and(|here| here)
    }
}

/// The process that a `postmaster.pid` names.
#[derive(Debug)]
pub(super) enum NamedProcess {
    /// There is no such file, or no such process.
    Nobody,
    /// The server's postmaster.
    Postmaster(RunningPostmaster),
    /// Another process, or one that has ended; PostgreSQL would only check that the process ID exists.
    Other(RawPid),
}

/// The process that has the process ID named in a server's file.
#[derive(Debug)]
pub(super) enum ProcessHolder {
    /// No process, or another user's: PostgreSQL considers the file stale.
    Nobody,
    /// It may be a server of the directory.
    Server(Process),
    /// Another process of the same user, or one that has ended, which PostgreSQL considers to be the server.
    Unknown,
}

/// Returns which process has a process ID that a server of a directory had.
pub(super) fn holder(number: RawPid, datadir: &Path) -> ProcessHolder {
    let Some(pid) = Pid::from_raw(number) else {
        return ProcessHolder::Nobody;
    };
    let handle = pidfd_open(pid, PidfdFlags::empty()).ok();
    if test_kill_process(pid).is_err() {
        return ProcessHolder::Nobody;
    }
    let began = match life(pid) {
        Some((Life::Zombie, _)) => return ProcessHolder::Unknown,
        Some((Life::Running | Life::Frozen, began)) => began,
        // It has ended meanwhile.
        None if has_proc() => return ProcessHolder::Nobody,
        // Without /proc, nothing is known but that a process has this ID.
        None => {
            return ProcessHolder::Server(Process {
                pid,
                began: 0,
                handle,
            });
        }
    };
    // Its working directory may be hidden from this user, or removed by now: then its name decides.
    let is_server = works_in(pid, datadir).unwrap_or_else(|_| is_postgres(pid));
    if is_server {
        ProcessHolder::Server(Process { pid, began, handle })
    } else {
        ProcessHolder::Unknown
    }
}

/// Returns the process that the data directory's `postmaster.pid` names.
pub(super) fn named(datadir: &Path) -> NamedProcess {
    let path = datadir.join("postmaster.pid");
    let text = pid_file::read(&path).inspect_err(|error| tell_unreadable(&path, error));
    let Some(file) = text.ok().and_then(|text| PidFile::parse(&text)) else {
        return NamedProcess::Nobody;
    };
    match holder(file.pid, datadir) {
        ProcessHolder::Nobody => NamedProcess::Nobody,
        ProcessHolder::Server(process) => {
            NamedProcess::Postmaster(RunningPostmaster { process, file })
        }
        ProcessHolder::Unknown => NamedProcess::Other(file.pid),
    }
}

/// Logs once why a file that exists cannot be read.
fn tell_unreadable(path: &Path, error: &io::Error) {
    static TOLD: Once = Once::new();
    let is_absent = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
    if !is_absent {
        TOLD.call_once(|| tracing::warn!("cannot read {}: {error}", path.display()));
    }
}

/// Returns the server's postmaster, if one runs.
pub(super) fn postmaster(datadir: &Path) -> Option<RunningPostmaster> {
    match named(datadir) {
        NamedProcess::Postmaster(postmaster) => Some(postmaster),
        NamedProcess::Nobody | NamedProcess::Other(_) => None,
    }
}

/// Returns the start time of a process in clock ticks, if it has not ended.
pub(super) fn began(pid: Pid) -> Option<u64> {
    let (life, began) = life(pid)?;
    (life != Life::Zombie).then_some(began)
}

/// Returns every process of the server, including its postmaster.
pub(super) fn all(datadir: &Path) -> Vec<Process> {
    let user = geteuid();
    let ours = |pid: &Pid| {
        works_in(*pid, datadir).is_ok_and(|here| here)
            && owner(*pid).is_some_and(|(owner, _)| owner == user)
            && is_postgres(*pid)
    };
    let opened = numbers().into_iter().filter_map(|pid| {
        ours(&pid).then_some(())?;
        let handle = pidfd_open(pid, PidfdFlags::empty()).ok();
        // Verified again behind the handle, which may be another process's by now.
        let (life, began) = life(pid).filter(|_| ours(&pid))?;
        (life != Life::Zombie).then_some(Process { pid, began, handle })
    });
    opened.collect()
}

/// Returns whether a process of any server works in a directory. Only its identity is looked at.
pub(super) fn any_works_in(directory: &Path) -> bool {
    let works_there = |pid: &Pid| works_in(*pid, directory).is_ok_and(|there| there);
    numbers()
        .iter()
        .any(|pid| works_there(pid) && is_postgres(*pid))
}

/// Returns the process IDs of all processes.
fn numbers() -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let numbers = entries.filter_map(|entry| {
        let number: RawPid = entry.ok()?.file_name().to_str()?.parse().ok()?;
        Pid::from_raw(number)
    });
    numbers.collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustix::process::Signal;

    use super::*;
    use crate::base::Deadline;
    use crate::base::system_clock::OnSystemClock;

    #[test]
    fn a_pid_file_that_is_not_a_regular_file_names_no_process() {
        let datadir = tempfile::tempdir().unwrap();
        let path = datadir.path().join("postmaster.pid");
        crate::base::regular_file::traps::each(&path, |trap| {
            assert!(
                matches!(named(datadir.path()), NamedProcess::Nobody),
                "{trap}"
            );
        });
    }

    #[test]
    fn another_process_with_a_dead_postmasters_id_is_no_postmaster() {
        let datadir = tempfile::tempdir().unwrap();
        let write = |pid: u32| {
            let text = format!("{pid}\n/data\n1\n5432\n/tmp\n\n1 1\nready\n");
            fs::write(datadir.path().join("postmaster.pid"), text).unwrap();
        };
        assert!(matches!(named(datadir.path()), NamedProcess::Nobody));
        // It runs in another directory.
        write(std::process::id());
        assert!(matches!(named(datadir.path()), NamedProcess::Other(_)));
        let mut child = std::process::Command::new("/bin/sleep")
            .arg("60")
            .current_dir(datadir.path())
            .spawn()
            .unwrap();
        write(child.id());
        let NamedProcess::Postmaster(found) = named(datadir.path()) else {
            panic!("it works there");
        };
        assert!(!found.process.has_ended());
        found.process.signal(Signal::KILL);
        assert_eq!(
            found.process.wait(Deadline::after(Duration::from_secs(10))),
            Some(())
        );
        // Its parent has not waited for it yet.
        assert!(matches!(named(datadir.path()), NamedProcess::Other(_)));
        child.wait().unwrap();
        assert!(matches!(named(datadir.path()), NamedProcess::Nobody));
    }
}
