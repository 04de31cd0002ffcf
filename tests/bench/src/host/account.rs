//! CPU time and process ids of one group of processes, ended children included: by the kernel where a
//! cgroup can be made, else by following the processes.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::cgroup::Cgroup;
use super::tree;
use crate::error::Error;

/// A process id as seen from outside its namespace.
pub(crate) type Pid = u32;

/// Where the use of one group of processes is counted.
#[derive(Debug)]
pub(crate) enum Account {
    /// By the kernel, exactly.
    Cgroup(Cgroup),
    /// By summing the trees below the processes that were started, in clock ticks.
    Trees(Vec<Pid>),
}

impl Account {
    /// A new group, counted as well as this machine can.
    pub(crate) fn open(name: &str) -> Self {
        Cgroup::create(name).map_or(Self::Trees(Vec::new()), Self::Cgroup)
    }

    /// The file a process writes `0` to in order to join, if joining is needed.
    pub(crate) fn door(&self) -> Option<PathBuf> {
        match self {
            Self::Cgroup(cgroup) => Some(cgroup.procs()),
            Self::Trees(_) => None,
        }
    }

    /// Notes a process that was started in the group.
    pub(crate) fn add(&mut self, pid: Pid) {
        match self {
            Self::Cgroup(_) => (),
            Self::Trees(roots) => roots.push(pid),
        }
    }

    /// CPU time used so far by all processes that are or were in the group.
    pub(crate) fn cpu(&self) -> Result<Duration, Error> {
        match self {
            Self::Cgroup(cgroup) => cgroup.cpu(),
            Self::Trees(roots) => tree::cpu(roots),
        }
    }

    /// The processes in the group now.
    pub(crate) fn pids(&self) -> Result<BTreeSet<Pid>, Error> {
        match self {
            Self::Cgroup(cgroup) => cgroup.pids(),
            Self::Trees(roots) => tree::pids(roots),
        }
    }

    /// Removes an empty group; false while processes are still ending in it.
    pub(crate) fn close(&self) -> bool {
        match self {
            Self::Cgroup(cgroup) => cgroup.remove(),
            Self::Trees(_) => true,
        }
    }
}
