//! A control group of our own, in whichever version the machine has: version 2 counts CPU time in
//! `cpu.stat`, version 1 in `cpuacct.usage`; both may be mounted side by side.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::account::Pid;
use crate::error::Error;

/// A control group below the one this process is in.
#[derive(Debug)]
pub(crate) struct Cgroup {
    folder: PathBuf,
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

impl Cgroup {
    /// A new empty group, or `None` where the machine lets nobody make one.
    pub(super) fn create(name: &str) -> Option<Self> {
        let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
        let own = fs::read_to_string("/proc/self/cgroup").ok()?;
        parents(&mounts, &own)
            .into_iter()
            .find_map(|(parent, version)| {
                let group = Self {
                    folder: parent.join(name),
                    version,
                };
                fs::create_dir(&group.folder).ok()?;
                if group.cpu().is_ok() {
                    return Some(group);
                }
                group.remove();
                None
            })
    }

    /// The file a process writes `0` to in order to join.
    pub(super) fn procs(&self) -> PathBuf {
        self.folder.join("cgroup.procs")
    }

    /// CPU time used so far by all processes that are or were in the group.
    pub(super) fn cpu(&self) -> Result<Duration, Error> {
        let file = self.folder.join(match self.version {
            Version::One => "cpuacct.usage",
            Version::Two => "cpu.stat",
        });
        let text = fs::read_to_string(&file).map_err(Error::file(file))?;
        used(&text, self.version).ok_or(Error::Form {
            what: "a group's CPU time",
            text,
        })
    }

    /// The processes in the group now.
    pub(super) fn pids(&self) -> Result<BTreeSet<Pid>, Error> {
        let file = self.procs();
        let text = fs::read_to_string(&file).map_err(Error::file(file))?;
        Ok(text.lines().filter_map(|line| line.parse().ok()).collect())
    }

    /// Removes the group; false while it has processes.
    pub(super) fn remove(&self) -> bool {
        fs::remove_dir(&self.folder).is_ok()
    }
}

/// The groups this process is in, version 2 first, from `/proc/self/mounts` and `/proc/self/cgroup`
/// (cgroups(7)).
fn parents(mounts: &str, own: &str) -> Vec<(PathBuf, Version)> {
    let mut found: Vec<_> = mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            let (mount, kind, options) = (fields.next()?, fields.next()?, fields.next()?);
            let version = match kind {
                "cgroup2" => Version::Two,
                "cgroup" if options.split(',').any(|option| option == "cpuacct") => Version::One,
                _ => return None,
            };
            let inside = own_group(own, version)?;
            Some((
                Path::new(mount).join(inside.trim_start_matches('/')),
                version,
            ))
        })
        .collect();
    found.sort_by_key(|(_, version)| *version != Version::Two);
    found
}

fn own_group(own: &str, wanted: Version) -> Option<&str> {
    own.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        let matches = match wanted {
            Version::One => controllers
                .split(',')
                .any(|controller| controller == "cpuacct"),
            Version::Two => controllers.is_empty(),
        };
        matches.then_some(path)
    })
}

/// Version 1 counts nanoseconds (kernel documentation, `cgroup-v1/cpuacct.rst`), version 2
/// microseconds (`cgroup-v2.rst`).
fn used(text: &str, version: Version) -> Option<Duration> {
    match version {
        Version::One => text.trim().parse().ok().map(Duration::from_nanos),
        Version::Two => text
            .lines()
            .find_map(|line| line.strip_prefix("usage_usec "))
            .and_then(|usage| usage.parse().ok())
            .map(Duration::from_micros),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str = "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0\n\
        cgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0\n\
        cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0\n";

    #[test]
    fn the_second_version_is_preferred_to_the_first() {
        let own = "4:pids:/p\n2:cpu,cpuacct:/one\n0::/two/deep\n";
        let expected = [
            (
                PathBuf::from("/sys/fs/cgroup/unified/two/deep"),
                Version::Two,
            ),
            (
                PathBuf::from("/sys/fs/cgroup/cpu,cpuacct/one"),
                Version::One,
            ),
        ];
        assert_eq!(parents(BOTH, own), expected);
    }

    #[test]
    fn a_mount_this_process_has_no_group_in_is_left_out() {
        assert_eq!(parents(BOTH, "4:pids:/p\n"), []);
    }

    #[test]
    fn usage_is_read_in_the_unit_of_its_version() {
        assert_eq!(
            used("1500\n", Version::One),
            Some(Duration::from_nanos(1500))
        );
        let stat = "usage_usec 42\nuser_usec 30\nsystem_usec 12\n";
        assert_eq!(used(stat, Version::Two), Some(Duration::from_micros(42)));
        assert_eq!(used("", Version::Two), None);
    }
}
