//! The lock file that shows whether an action that starts, stops, promotes or demotes a resource's server is under way.
//! Knows no action but by name, and decides nothing: no action waits for the lock, and none fails without it.
//!
//! It is a record lock and not one of flock(2), because a process can query a record lock without taking it (`F_GETLK` in
//! fcntl(2)). One that had to take it could be frozen while it has it. The kernel releases it when the agent ends,
//! however that ends, and a server that the agent starts does not inherit it.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FlockOperation, Mode, OFlags, fcntl_lock, openat};
use rustix::process::{Flock, FlockType, fcntl_getlk};

use crate::agent::decide::scores::Attributes;
use crate::agent::ocf::actions::Action;

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
    let file = match openat(CWD, path, flags, Mode::empty()) {
        Ok(file) => file,
        Err(error) if io::Error::from(error).kind() == ErrorKind::NotFound => {
            return Ok(AgentActivity::Idle);
        }
        Err(error) => return Err(error.into()),
    };
    let held = fcntl_getlk(file, &Flock::from(FlockType::WriteLock))?;
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
        .inspect_err(|error| tracing::debug!("cannot lock {}: {error}", path.display()))
        .ok()
}

fn take(path: &Path) -> io::Result<HeldLock> {
    // It may be there already, and packages differ in whether they make it.
    if let Some(directory) = path.parent() {
        DirBuilder::new().mode(0o755).create(directory).ok();
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file: File = openat(CWD, path, flags | OFlags::CLOEXEC, Mode::from(0o644))?.into();
    // Whatever the umask is: those who query it open it for reading.
    file.set_permissions(Permissions::from_mode(0o644))?;
    fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive)?;
    Ok(HeldLock { _file: file })
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
mod tests {
    use std::fs;

    use super::*;

    fn variables(directory: &Path) -> BTreeMap<String, String> {
        let set = [
            ("OCF_RESOURCE_INSTANCE", "pgsqld:1"),
            (DIRECTORY_VARIABLE, directory.to_str().unwrap()),
        ];
        set.map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn only_actions_that_change_what_runs_hold_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        // A directory that is missing is created.
        let directory = folder.path().join("resource-agents");
        for action in Action::ALL {
            let held = hold(action, &variables(&directory));
            let name = action.name();
            let expected = ["start", "stop", "promote", "demote"].contains(&name);
            assert_eq!(held.is_some(), expected, "{name}");
        }
        let file = directory.join("pgsqlms-pgsqld.lock");
        let mode = fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o644);
    }

    #[test]
    fn the_lock_is_named_after_the_resource_and_not_after_its_instance() {
        let resource: Attributes = "pgsqld:2".parse().unwrap();
        let default = Path::new("/run/resource-agents/pgsqlms-pgsqld.lock");
        assert_eq!(path(None, &resource), default);
        assert_eq!(path(Some(""), &resource), default);
        let elsewhere = path(Some("/tmp"), &resource);
        assert_eq!(elsewhere, Path::new("/tmp/pgsqlms-pgsqld.lock"));
    }

    #[test]
    fn no_link_is_followed_and_an_action_goes_on_without_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("other");
        fs::write(&other, "kept").unwrap();
        let lock = folder.path().join("pgsqlms-pgsqld.lock");
        std::os::unix::fs::symlink(&other, &lock).unwrap();
        assert!(hold(Action::Stop, &variables(folder.path())).is_none());
        assert!(activity(&lock).is_err());
        assert_eq!(fs::read_to_string(other).unwrap(), "kept");
        let file = folder.path().join("other").join("impossible");
        assert!(hold(Action::Stop, &variables(&file)).is_none());
    }

    #[test]
    fn before_the_first_action_there_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("pgsqlms-pgsqld.lock");
        assert_eq!(activity(&lock).unwrap(), AgentActivity::Idle);
        drop(hold(Action::Start, &variables(folder.path())).unwrap());
        assert_eq!(activity(&lock).unwrap(), AgentActivity::Idle);
    }
}
