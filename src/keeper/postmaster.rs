//! Finds the postmaster of a data directory, and waits for its end by a handle that belongs to this one process, even if
//! its process ID is reused. Knows no resource.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rustix::time::{ClockId, Timespec, clock_gettime};
use thiserror::Error;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::agent::local::process_began;
use crate::base::Deadline;
use crate::base::program::wait_for_end;
use crate::base::system_clock::OnSystemClock;
use crate::postgres::server_socket::{PostmasterSocket, SocketProblem};
use crate::postgres::{PidFile, pid_file};

/// Clock ticks in a second, of times in /proc (`USER_HZ`).
const TICKS: u64 = 100;

/// How far the start time of a process and the one in its file may differ: both are whole seconds, and a host that is
/// busy writes the file later.
const NEAR: Duration = Duration::from_secs(5);

/// A postmaster that is watched.
#[derive(Debug)]
pub(super) struct WatchedPostmaster {
    /// Its process ID.
    pub(super) pid: i32,
    /// To whom its data directory belongs.
    owner: u32,
    file: PathBuf,
    handle: AsyncFd<OwnedFd>,
}

/// Why a postmaster that may run is not watched.
#[derive(Debug, Error)]
pub(super) enum NotWatched {
    /// Its file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// Its file names another directory.
    #[error("{} names another data directory", .0.display())]
    OtherDirectory(PathBuf),
    /// The process is not known to be the postmaster.
    #[error(
        "process {pid} is not known to be the postmaster of {}: it began at another time than postmaster.pid says, and \
         does not listen at its socket",
        directory.display()
    )]
    Unproven { pid: i32, directory: PathBuf },
    /// The kernel gives no handle: before Linux 5.3.
    #[error("cannot wait for the end of process {pid}: {source}")]
    NoHandle { pid: i32, source: io::Error },
}

impl WatchedPostmaster {
    /// Waits for its end.
    pub(super) async fn end(&self) {
        // A process that has ended is readable (pidfd_open(2)), and stays so. An error means that the runtime ends.
        drop(self.handle.readable().await);
    }

    /// Returns the socket that its file names by now: while a server starts, the file has fewer lines.
    pub(super) fn socket(&self) -> Result<PostmasterSocket, SocketProblem> {
        let file = read(&self.file).ok().flatten();
        let own = file.filter(|file| file.pid == self.pid);
        PostmasterSocket::of(&own.ok_or(SocketProblem::NotNamed)?, self.owner)
    }
}

/// Returns the postmaster of a data directory; `None` if none runs, or it has not written its file yet.
pub(super) async fn find(datadir: &Path) -> Result<Option<WatchedPostmaster>, NotWatched> {
    let path = datadir.join("postmaster.pid");
    let Some(file) = read(&path)? else {
        return Ok(None);
    };
    let Some(pid) = Pid::from_raw(file.pid) else {
        return Ok(None);
    };
    let no_handle = |source: io::Error| NotWatched::NoHandle {
        pid: file.pid,
        source,
    };
    let handle = match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(handle) => handle,
        Err(Errno::SRCH) => return Ok(None),
        Err(error) => return Err(no_handle(error.into())),
    };
    // Everything is looked at behind the handle: what had the process ID before may be another process by now.
    if read(&path)?.map(|now| (now.pid, now.started)) != Some((file.pid, file.started)) {
        return Ok(None);
    }
    if !file
        .data_directory
        .as_deref()
        .is_some_and(|named| is_same(named, datadir))
    {
        return Err(NotWatched::OtherDirectory(path));
    }
    if has_ended(&handle) {
        return Ok(None);
    }
    let owner = match fs::metadata(datadir) {
        Ok(found) => found.uid(),
        Err(source) => return Err(NotWatched::Unreadable { path, source }),
    };
    // It is not visible where /proc hides the processes of other users.
    let began = process_began(file.pid);
    let is_then = began.is_some_and(|began| began_then(began, file.started));
    if !is_then && !listens(&file, owner).await {
        return Err(NotWatched::Unproven {
            pid: file.pid,
            directory: datadir.to_owned(),
        });
    }
    #[expect(
        deprecated,
        reason = "the successor is unsafe, for types whose descriptor may change; std's owned descriptor is one for life, \
                  and unsafe code is forbidden here"
    )]
    let handle = AsyncFd::with_interest(handle, Interest::READABLE).map_err(no_handle)?;
    Ok(Some(WatchedPostmaster {
        pid: file.pid,
        owner,
        file: path,
        handle,
    }))
}

fn read(path: &Path) -> Result<Option<PidFile>, NotWatched> {
    match pid_file::read(path) {
        Ok(text) => Ok(PidFile::parse(&text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(NotWatched::Unreadable {
            path: path.to_owned(),
            source,
        }),
    }
}

fn has_ended(handle: &OwnedFd) -> bool {
    let now = Deadline::after(Duration::ZERO);
    wait_for_end(Some(handle), || Ok(false), now).is_ok_and(|ended| ended)
}

fn is_same(named: &Path, datadir: &Path) -> bool {
    let place = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
    matches!((place(named), place(datadir)), (Ok(one), Ok(other)) if one == other)
}

/// Whether a process began when its file says.
fn began_then(ticks: u64, started: Option<i64>) -> bool {
    let Some(started) = started.and_then(|started| u64::try_from(started).ok()) else {
        return false;
    };
    let now = |clock| duration(clock_gettime(clock));
    let began = Duration::from_millis(ticks.saturating_mul(1000 / TICKS));
    let ago = now(ClockId::Boottime).saturating_sub(began);
    let began = now(ClockId::Realtime).saturating_sub(ago);
    began.abs_diff(Duration::from_secs(started)) <= NEAR
}

fn duration(time: Timespec) -> Duration {
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// Whether the process listens at the socket that its file names, which shows its identity also after the host's clock
/// was set.
async fn listens(file: &PidFile, owner: u32) -> bool {
    match PostmasterSocket::of(file, owner) {
        Ok(socket) => socket.ask().await.is_ok(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests;
