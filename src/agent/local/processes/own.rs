//! Finds the servers of a resource, in whatever directory they run: the remaining way to identify one once its
//! directory was renamed or unmounted. Reads none of their files.

use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, fstat, open, stat};
use rustix::process::{Gid, Pid, PidfdFlags, Uid, pidfd_open};

use super::procfs::{
    Life, arguments, directory, directory_name, is_postgres, life, owner, shares_numbers, variable,
    works_in,
};
use super::{Process, numbers};
use crate::agent::decide::scores::Attributes;
use crate::agent::ocf::node::Node;

/// The variables in which Pacemaker passes an agent its resource (OCF 1.1, "Environment variables") and its node. A
/// server inherits them from the agent that started it.
const RESOURCE: &str = "OCF_RESOURCE_INSTANCE";
const NODE: &str = "OCF_RESKEY_CRM_meta_on_node";

/// How a resource's server is identified.
#[derive(Clone, Copy, Debug)]
pub(in crate::agent::local) struct Marks<'a> {
    /// The resource that it was started for.
    pub(in crate::agent::local) resource: &'a str,
    /// The node on which it was started: the servers of several nodes may be visible on one host.
    pub(in crate::agent::local) node: Option<&'a Node>,
    /// The directories that it may have been started with by something else than the agent.
    pub(in crate::agent::local) directories: [Option<&'a Path>; 2],
}

/// The postmaster of such a server.
#[derive(Debug)]
pub(in crate::agent::local) struct OwnPostmaster {
    pub(in crate::agent::local) process: Process,
    pub(in crate::agent::local) uid: Uid,
    pub(in crate::agent::local) gid: Gid,
    /// The directory itself, wherever it is by now.
    directory: OwnedFd,
}

impl OwnPostmaster {
    /// Returns a path to its directory, which is valid for as long as this value exists.
    pub(in crate::agent::local) fn directory(&self) -> PathBuf {
        format!("/proc/self/fd/{}", self.directory.as_raw_fd()).into()
    }

    /// Returns its directory, opened.
    pub(super) fn opened(&self) -> &OwnedFd {
        &self.directory
    }

    /// Returns whether its directory is a data directory, or was one. A postmaster that has just begun still works in
    /// the directory in which it was started (`ChangeToDataDir` in `src/backend/utils/init/miscinit.c`).
    fn works_in_data(&self) -> bool {
        let was_deleted = || fstat(&self.directory).is_ok_and(|stat| stat.st_nlink == 0);
        fs::symlink_metadata(self.directory().join("PG_VERSION")).is_ok() || was_deleted()
    }

    /// Returns whether it still runs, and in another directory than this one. A server that ends while it is examined
    /// runs nowhere: its working directory is compared by the descriptor, which outlives it.
    pub(super) fn runs_elsewhere(&self, datadir: &Path) -> bool {
        let here = stat(datadir).is_ok_and(|here| {
            fstat(&self.directory)
                .is_ok_and(|own| (own.st_dev, own.st_ino) == (here.st_dev, here.st_ino))
        });
        !here && !self.process.has_ended()
    }

    /// Returns the path at which every process finds its directory, if there is one.
    pub(in crate::agent::local) fn place(&self) -> Option<PathBuf> {
        let name = directory_name(self.process.pid)?;
        works_in(self.process.pid, &name)
            .is_ok_and(|there| there)
            .then_some(name)
    }
}

/// Returns the servers of a resource that a user runs, or any user but root if none is given.
pub(super) fn own(marks: &Marks<'_>, user: Option<Uid>) -> Vec<OwnPostmaster> {
    let mut found: Vec<OwnPostmaster> = Vec::new();
    for pid in numbers() {
        let Some(one) = examine(pid, marks, user) else {
            continue;
        };
        let identity = |one: &OwnPostmaster| {
            fstat(&one.directory).map(|stat| (one.uid, stat.st_dev, stat.st_ino))
        };
        // A child that has just been forked still looks like its postmaster, which is older. Another user's process in
        // the directory does not hide it.
        match found
            .iter_mut()
            .find(|other| identity(other) == identity(&one))
        {
            Some(other) if one.process.began < other.process.began => *other = one,
            Some(_) => {}
            None => found.push(one),
        }
    }
    found
}

fn examine(pid: Pid, marks: &Marks<'_>, user: Option<Uid>) -> Option<OwnPostmaster> {
    let is_ones = |(uid, _): &(Uid, Gid)| user.map_or(!uid.is_root(), |user| *uid == user);
    let is_own = || is_postgres(pid) && shares_numbers(pid) && bears(pid, marks);
    owner(pid).filter(is_ones)?;
    is_own().then_some(())?;
    let handle = pidfd_open(pid, PidfdFlags::empty()).ok();
    // Verified again behind the handle, which may be another process's by now.
    let (life, began) = life(pid).filter(|_| is_own())?;
    let (uid, gid) = owner(pid).filter(is_ones)?;
    let path = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = open(directory(pid), path, Mode::empty()).ok()?;
    let own = OwnPostmaster {
        process: Process { pid, began, handle },
        uid,
        gid,
        directory,
    };
    (life != Life::Zombie && own.works_in_data()).then_some(own)
}

/// Returns the resource that a postmaster was started for. Unlike its children, it does not overwrite its environment
/// (`save_ps_display_args` in `src/backend/utils/misc/ps_status.c`).
pub(super) fn started_for(postmaster: Pid) -> Option<Attributes> {
    variable(postmaster, RESOURCE)?.parse().ok()
}

fn bears(pid: Pid, marks: &Marks<'_>) -> bool {
    if let Some(attributes) = started_for(pid) {
        let node = variable(pid, NODE);
        let is_here = |node: &String| marks.node.is_none_or(|here| here.name() == node);
        return attributes.resource() == marks.resource && node.as_ref().is_none_or(is_here);
    }
    let is_one = |path: &Path| {
        marks
            .directories
            .into_iter()
            .flatten()
            .any(|one| one == path)
    };
    told(&arguments(pid)).is_some_and(|told| is_one(Path::new(told)))
        || directory_name(pid).is_some_and(|name| is_one(&name))
}

/// Returns the directory in a postmaster's arguments, as `pg_ctl` and people write it (PostgreSQL manual, "postgres").
fn told(arguments: &[String]) -> Option<&str> {
    let place = arguments.iter().position(|word| word.starts_with("-D"))?;
    match arguments.get(place)?.strip_prefix("-D") {
        Some("") | None => arguments.get(place + 1).map(String::as_str),
        Some(directory) => Some(directory),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use rustix::process::{Signal, getgid, getuid};

    use super::*;
    use crate::base::Deadline;
    use crate::base::system_clock::OnSystemClock;

    /// Returns a process that works in a directory, as if it were a postmaster, and its handle.
    fn working_in(directory: &Path) -> (std::process::Child, OwnPostmaster) {
        let child = std::process::Command::new("/bin/sleep")
            .arg("60")
            .current_dir(directory)
            .spawn()
            .unwrap();
        let pid = Pid::from_child(&child);
        let (_, began) = life(pid).unwrap();
        let handle = pidfd_open(pid, PidfdFlags::empty()).ok();
        let path = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let own = OwnPostmaster {
            process: Process { pid, began, handle },
            uid: getuid(),
            gid: getgid(),
            directory: open(directory, path, Mode::empty()).unwrap(),
        };
        (child, own)
    }

    #[test]
    fn a_server_that_ends_while_it_is_examined_runs_nowhere_else() {
        let [datadir, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let (mut child, own) = working_in(datadir.path());
        assert!(!own.runs_elsewhere(datadir.path()));
        assert!(own.runs_elsewhere(other.path()));
        assert!(own.runs_elsewhere(&other.path().join("none")));
        own.process.signal(Signal::KILL);
        let ended = own.process.wait(Deadline::after(Duration::from_secs(10)));
        assert_eq!(ended, Some(()));
        for reaped in [false, true] {
            if reaped {
                child.wait().unwrap();
            }
            for directory in [datadir.path(), other.path()] {
                assert!(!own.runs_elsewhere(directory), "reaped: {reaped}");
            }
        }
    }

    #[test]
    fn the_directory_is_read_from_both_forms_of_the_option() {
        let told = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            told(&words).map(str::to_owned)
        };
        assert_eq!(
            told("postgres -D /data -c port=1").as_deref(),
            Some("/data")
        );
        assert_eq!(told("postgres -c a=b -D/data").as_deref(), Some("/data"));
        assert_eq!(told("postgres: checkpointer"), None);
        assert_eq!(told("postgres -D"), None);
    }
}
