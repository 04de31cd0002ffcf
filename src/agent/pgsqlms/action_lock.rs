//! The lock file that shows whether an action that starts, stops, promotes or demotes a resource's server is under way.
//! Knows no action but by name, and decides nothing: no action waits for the lock, and none fails without it.
//!
//! It is a record lock and not one of flock(2), because a process can query a record lock without taking it (`F_GETLK` in
//! fcntl(2)). One that had to take it could be frozen while it has it. The kernel releases it when the agent ends,
//! however that ends, and a server that the agent starts does not inherit it.
//!
//! Whoever may read a file may take a shared lock on it, which keeps others from an exclusive one. So the file is its owner's alone.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, Permissions};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FlockOperation, Mode, OFlags, fcntl_lock, openat, unlinkat};
use rustix::io::Errno;
use rustix::process::{Flock, FlockType, fcntl_getlk, geteuid};

use crate::agent::decide::scores::Attributes;
use crate::agent::ocf::actions::Action;
use crate::base::folder::is_open_to_others;

/// The variable with the directory in which agents keep files until the next reboot, and its value where it is not set, as
/// in `ocf-directories` of resource-agents.
pub const DIRECTORY_VARIABLE: &str = "HA_RSCTMP";
const DIRECTORY: &str = "/run/resource-agents";

/// Whether an action is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentActivity {
    /// A process of the agent holds the lock.
    Acting,
    /// No process holds it, or no action has begun since the host was booted.
    Idle,
}

/// The lock of an action; it ends with this value.
#[derive(Debug)]
pub(super) struct HeldLock {
    /// The lock lasts until this file is closed.
    _file: File,
}

/// Returns the lock file of a resource; `directory` is the value of [`DIRECTORY_VARIABLE`].
#[must_use]
pub fn path(directory: Option<&str>, resource: &Attributes) -> PathBuf {
    let directory = directory.filter(|directory| !directory.is_empty());
    let name = format!("pgsqlms-{}.lock", resource.resource());
    Path::new(directory.unwrap_or(DIRECTORY)).join(name)
}

/// Returns whether an action of the agent is under way on this host.
pub fn activity(path: &Path) -> io::Result<AgentActivity> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file: File = match openat(CWD, path, flags, Mode::empty()) {
        Ok(file) => file.into(),
        Err(Errno::NOENT) => return Ok(AgentActivity::Idle),
        Err(error) => return Err(error.into()),
    };
    let owner = file.metadata()?.uid();
    if !is_trusted(owner) {
        return Err(foreign("the file", owner));
    }
    // A shared lock would be granted beside other shared ones: what stands in its way is the agent's.
    let held = fcntl_getlk(file, &Flock::from(FlockType::ReadLock))?;
    Ok(match held {
        Some(_) => AgentActivity::Acting,
        None => AgentActivity::Idle,
    })
}

/// Takes the lock for the action of a call, if the action is one of those that change what runs. Without the lock such an
/// action goes on: it is worth no failure.
pub(super) fn hold(action: Action, variables: &BTreeMap<String, String>) -> Option<HeldLock> {
    if !changes_the_server(action) {
        return None;
    }
    let resource = variables.get("OCF_RESOURCE_INSTANCE")?.parse().ok()?;
    let directory = variables.get(DIRECTORY_VARIABLE).map(String::as_str);
    let path = path(directory, &resource);
    let taken = take(&path);
    taken
        .inspect_err(|error| {
            let path = path.display();
            tracing::warn!("cannot lock {path}: {error}; pgsql-state keeper may report what this action does as a failure");
        })
        .ok()
}

/// How often a file that others could lock is replaced.
const MOST_TRIES: usize = 3;

fn take(path: &Path) -> io::Result<HeldLock> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(ErrorKind::InvalidInput.into());
    };
    // It may be there already, and packages differ in whether they make it.
    DirBuilder::new().mode(0o755).create(directory).ok();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory: File = openat(CWD, directory, flags, Mode::empty())?.into();
    let found = directory.metadata()?;
    if !is_trusted(found.uid()) {
        return Err(foreign("its directory", found.uid()));
    }
    if is_open_to_others(found.mode()) {
        return Err(io::Error::other(
            "other users may replace files in its directory",
        ));
    }
    let directory = OwnedFd::from(directory);
    let flags =
        OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    for _ in 0..MOST_TRIES {
        let file: File = match openat(&directory, name, flags, Mode::RUSR | Mode::WUSR) {
            Ok(file) => file.into(),
            // A link, a FIFO, or a file of another user in a directory such as /tmp (fs.protected_regular in proc(5)).
            Err(Errno::LOOP | Errno::NXIO | Errno::ACCESS) => {
                unlinkat(&directory, name, AtFlags::empty())?;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let found = file.metadata()?;
        let mode = Mode::from_raw_mode(found.mode());
        let is_closed = !mode.intersects(Mode::RWXG | Mode::RWXO);
        if found.is_file() && found.uid() == geteuid().as_raw() && is_closed {
            // Whatever the umask is.
            file.set_permissions(Permissions::from_mode(0o600))?;
            fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive)?;
            return Ok(HeldLock { _file: file });
        }
        // Somebody may have it open already, as of an earlier version, whose file was for everybody to read.
        unlinkat(&directory, name, AtFlags::empty())?;
    }
    Err(io::Error::other("other users replace the file"))
}

/// Whether a user is root, or this process's own.
fn is_trusted(user: u32) -> bool {
    user == 0 || user == geteuid().as_raw()
}

fn foreign(what: &str, owner: u32) -> io::Error {
    io::Error::other(format!("{what} belongs to user {owner}"))
}

/// Returns whether a server may end because of an action.
fn changes_the_server(action: Action) -> bool {
    match action {
        Action::Start | Action::Stop | Action::Promote | Action::Demote => true,
        Action::Monitor
        | Action::Status
        | Action::Notify
        | Action::Reload
        | Action::ReloadAgent
        | Action::ValidateAll
        | Action::MetaData
        | Action::Methods => false,
    }
}

#[cfg(test)]
mod tests;
