//! A server's processes: which there are. Knows them by the directory that they work in, which is the data
//! directory of each and of no stranger who has got a dead one's number.
//!
//! - `listening`: where one of them listens over TCP.
//! - `own`: the servers of a resource, wherever they work.
//! - `process`: one of them, its signals and its end.
//! - `procfs`: what the kernel says of one.
//! - `startup`: the one that replays WAL.

mod listening;
mod own;
mod process;
mod procfs;
mod startup;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Once;

use rustix::process::{Pid, PidfdFlags, RawPid, getuid, pidfd_open, test_kill_process};

use super::privileges::UserEnvironment;
use crate::agent::decide::scores::Attributes;
use crate::postgres::{PidFile, pid_file};
pub(super) use listening::listening;
pub(super) use own::{Marks, OwnPostmaster, elsewhere, place};
pub(super) use process::{Process, wait_all};
use procfs::{Life, groups, has_proc, is_postgres, life, owner, variable, works_in};

/// A postmaster, and what it wrote of itself.
#[derive(Debug)]
pub(super) struct RunningPostmaster {
    pub(super) process: Process,
    pub(super) file: PidFile,
}

impl RunningPostmaster {
    /// The resource that it was started for, if it was for one.
    pub(super) fn started_for(&self) -> Option<Attributes> {
        own::started_for(self.process.pid)
    }

    /// What it has of its user's.
    pub(super) fn surroundings(&self) -> UserEnvironment {
        UserEnvironment {
            groups: groups(self.process.pid),
            home: variable(self.process.pid, "HOME").map(PathBuf::from),
        }
    }

    /// Whether it works in a directory, by whatever path.
    pub(super) fn works_in(&self, directory: &Path) -> bool {
        works_in(self.process.pid, directory).is_ok_and(|here| here)
    }
}

/// What the number in a `postmaster.pid` stands for.
#[derive(Debug)]
pub(super) enum NamedProcess {
    /// There is no such file, or no such process.
    Nobody,
    /// The server's postmaster.
    Postmaster(RunningPostmaster),
    /// Another process, or one that has ended, of which PostgreSQL would only see the number.
    Other(RawPid),
}

/// Who has a number that a server's file names.
#[derive(Debug)]
pub(super) enum ProcessHolder {
    /// Nobody, or another user's process: PostgreSQL takes the file for a dead server's.
    Nobody,
    /// It may be a server of the directory.
    Server(Process),
    /// Another process of the same user's, or one that has ended, which PostgreSQL takes for the server.
    Unknown,
}

/// Who has a number that a server of a directory had.
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
        // It has ended since.
        None if has_proc() => return ProcessHolder::Nobody,
        // Without /proc, all that is known is that somebody has the number.
        None => {
            return ProcessHolder::Server(Process {
                pid,
                began: 0,
                handle,
            });
        }
    };
    // Where it works may not be told to us, or be away by now: it says its name, at least.
    let is_server = works_in(pid, datadir).unwrap_or_else(|_| is_postgres(pid));
    if is_server {
        ProcessHolder::Server(Process { pid, began, handle })
    } else {
        ProcessHolder::Unknown
    }
}

/// The process that the data directory's `postmaster.pid` names.
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

/// Says once why a file that is there names nobody.
fn tell_unreadable(path: &Path, error: &io::Error) {
    static TOLD: Once = Once::new();
    let is_absent = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
    if !is_absent {
        TOLD.call_once(|| tracing::warn!("{} names no server: {error}", path.display()));
    }
}

/// The server's postmaster, if one runs.
pub(super) fn postmaster(datadir: &Path) -> Option<RunningPostmaster> {
    match named(datadir) {
        NamedProcess::Postmaster(postmaster) => Some(postmaster),
        NamedProcess::Nobody | NamedProcess::Other(_) => None,
    }
}

/// Every process of the server's, its postmaster among them.
pub(super) fn all(datadir: &Path) -> Vec<Process> {
    let user = getuid();
    let ours = |pid: &Pid| {
        works_in(*pid, datadir).is_ok_and(|here| here)
            && owner(*pid).is_some_and(|(owner, _)| owner == user)
            && is_postgres(*pid)
    };
    let opened = numbers().into_iter().filter_map(|pid| {
        ours(&pid).then_some(())?;
        let handle = pidfd_open(pid, PidfdFlags::empty()).ok();
        // Looked at again behind the handle, which may be another one's by now.
        let (life, began) = life(pid).filter(|_| ours(&pid))?;
        (life != Life::Zombie).then_some(Process { pid, began, handle })
    });
    opened.collect()
}

/// The numbers of all processes.
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
    fn nothing_in_the_place_of_a_pid_file_names_anybody() {
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
    fn a_stranger_with_a_dead_postmasters_number_is_none() {
        let datadir = tempfile::tempdir().unwrap();
        let write = |pid: u32| {
            let text = format!("{pid}\n/data\n1\n5432\n/tmp\n\n1 1\nready\n");
            fs::write(datadir.path().join("postmaster.pid"), text).unwrap();
        };
        assert!(matches!(named(datadir.path()), NamedProcess::Nobody));
        // It works elsewhere.
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
        // Nobody has waited for it yet.
        assert!(matches!(named(datadir.path()), NamedProcess::Other(_)));
        child.wait().unwrap();
        assert!(matches!(named(datadir.path()), NamedProcess::Nobody));
    }
}
