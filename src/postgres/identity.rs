//! Decides whether the server that answers is that of a postmaster on this host: another server or a load balancer may
//! listen at the address.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use thiserror::Error;

use super::pid_file::{self, PidFile};

/// The difference allowed between the start time that a server reports and that in its file. A postmaster writes the
/// time into its file before it creates its shared memory, and takes the time that it reports afterwards
/// (`MyStartTime` and `PgStartTime` in `src/backend/postmaster/postmaster.c`); the clock may be set in between.
const START_SECONDS: std::ops::RangeInclusive<i64> = -10..=300;

/// What a server reports about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedIdentity {
    /// When its postmaster started, in seconds of Unix time (`pg_postmaster_start_time`).
    pub started: i64,
    /// The ID of the process that answers (`pg_backend_pid`).
    pub backend: i32,
    /// Its system identifier, if it was asked for.
    pub system_identifier: Option<u64>,
    /// Its data directory, if it was asked for and the role may read it.
    pub data_directory: Option<PathBuf>,
}

/// A postmaster of this host, as its files describe it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalPostmaster {
    /// Its process ID.
    pub pid: i32,
    /// When it started, in seconds of Unix time.
    pub started: Option<i64>,
    /// The system identifier in the control file, if that was read.
    pub system_identifier: Option<u64>,
}

/// Why a server is not that of a postmaster.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Difference {
    /// The server belongs to another database cluster.
    #[error("another server answers: its system identifier is {reported}, not {local}")]
    SystemIdentifier {
        /// What it tells.
        reported: u64,
        /// What the control file has.
        local: u64,
    },
    /// The server's postmaster started at another time.
    #[error(
        "another server answers: it has run since {reported}, not since {local} (seconds of Unix time)"
    )]
    Started {
        /// What it tells.
        reported: i64,
        /// What `postmaster.pid` has.
        local: i64,
    },
    /// The process that answers is not a child of the postmaster.
    #[error(
        "another server answers: its process {backend} is not a child of the postmaster {postmaster}"
    )]
    Process {
        /// The ID of the process that answers.
        backend: i32,
        /// The process ID of the postmaster.
        postmaster: i32,
    },
    /// No server runs in the data directory that it reports.
    #[error(
        "another server answers: it reports the data directory {}, in which no server runs on this host",
        .0.display()
    )]
    NoneRuns(PathBuf),
}

/// The parent of a process on this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parent {
    Of(i32),
    /// There is no such process.
    NoProcess,
    /// The process cannot be seen.
    Hidden,
}

impl ReportedIdentity {
    /// Compares the server with a postmaster in this process's PID namespace.
    pub fn compare(&self, local: &LocalPostmaster) -> Result<(), Difference> {
        self.differ(local, parent(self.backend))
    }

    /// Compares the server with the postmaster of the data directory that it reports, if that can be read on this host.
    /// If nothing can be compared, no difference is found: the server may run in a container, or intentionally on
    /// another host.
    pub fn compare_here(&self) -> Result<(), Difference> {
        let Some(directory) = &self.data_directory else {
            return Ok(());
        };
        if !directory.is_absolute() {
            return Ok(());
        }
        match read(&directory.join("postmaster.pid")) {
            Ok(Some(file)) => {
                let local = LocalPostmaster {
                    pid: file.pid,
                    started: file.started,
                    system_identifier: None,
                };
                let parent = if is_postgres(file.pid) {
                    parent(self.backend)
                } else {
                    // The server runs in another PID namespace.
                    Parent::Hidden
                };
                self.differ(&local, parent)
            }
            Ok(None) if fs::symlink_metadata(directory.join("PG_VERSION")).is_ok() => {
                Err(Difference::NoneRuns(directory.clone()))
            }
            Ok(None) | Err(_) => Ok(()),
        }
    }

    fn differ(&self, local: &LocalPostmaster, parent: Parent) -> Result<(), Difference> {
        if let (Some(reported), Some(local)) = (self.system_identifier, local.system_identifier)
            && reported != local
        {
            return Err(Difference::SystemIdentifier { reported, local });
        }
        if let Some(began) = local.started
            && !START_SECONDS.contains(&self.started.saturating_sub(began))
        {
            return Err(Difference::Started {
                reported: self.started,
                local: began,
            });
        }
        match parent {
            Parent::Of(parent) if parent == local.pid => Ok(()),
            // The start time does not suffice: the servers of a cluster are often started at the same moment.
            Parent::Of(_) | Parent::NoProcess => Err(Difference::Process {
                backend: self.backend,
                postmaster: local.pid,
            }),
            Parent::Hidden => Ok(()),
        }
    }
}

/// Reads a `postmaster.pid`; returns `None` if it does not exist.
fn read(path: &Path) -> io::Result<Option<PidFile>> {
    match pid_file::read(path) {
        Ok(text) => {
            let read = PidFile::parse(&text);
            read.map(Some).ok_or_else(|| ErrorKind::InvalidData.into())
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn is_postgres(pid: i32) -> bool {
    let name = fs::read_to_string(format!("/proc/{pid}/comm"));
    name.is_ok_and(|name| matches!(name.trim_end(), "postgres" | "postmaster"))
}

fn parent(pid: i32) -> Parent {
    let positive = Some(pid).filter(|pid| *pid > 0);
    let Some(number) = positive.and_then(Pid::from_raw) else {
        return Parent::NoProcess;
    };
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
    if let Some(parent) = stat.ok().and_then(|stat| parse_parent(&stat)) {
        return Parent::Of(parent);
    }
    match test_kill_process(number) {
        Err(Errno::SRCH) => Parent::NoProcess,
        Ok(()) | Err(_) => Parent::Hidden,
    }
}

/// Reads the fourth field of a process's `stat` (proc(5)).
fn parse_parent(stat: &str) -> Option<i32> {
    // The name of the command before this field may itself contain blanks and parentheses.
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests;
