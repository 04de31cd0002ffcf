//! What the lab needs of this machine, looked at before anything is made.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::fs::statvfs;
use rustix::process::geteuid;

use crate::error::Error;
use crate::places::Places;
use crate::program::{output, within};

/// Programs, and Debian's packages that bring them.
const PROGRAMS: &[(&str, &str)] = &[
    ("mmdebstrap", "mmdebstrap"),
    ("systemd-nspawn", "systemd-container"),
    ("unshare", "util-linux"),
    ("nsenter", "util-linux"),
    ("setsid", "util-linux"),
    ("mount", "mount"),
    ("mkfs.ext4", "e2fsprogs"),
    ("ip", "iproute2"),
    ("timeout", "coreutils"),
];

/// Where Debian keeps programs that root runs.
const FOLDERS: &[&str] = &[
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
];

/// What hosts are made of, tried in namespaces that end with it. The file becomes a disk.
const TRIAL: &str = "\
mount -t tmpfs tmpfs /run
mkdir /run/lower /run/upper /run/work /run/root
mount -t overlay overlay -o lowerdir=/run/lower,upperdir=/run/upper,workdir=/run/work /run/root
truncate --size=16M \"$1\"
mkfs.ext4 -q -F \"$1\"
mount -o loop \"$1\" /run/root
ip link add trial type bridge";

/// Longest that the trial may take.
const TRIAL_LIMIT: Duration = Duration::from_secs(30);

/// A base of 0.7 GB, and what four hosts write in a run: three instances keep 1 GB of WAL each.
const NEEDED_MB: u64 = 6000;

/// Only root may go on.
pub(crate) fn check_root() -> Result<(), Error> {
    if geteuid().is_root() {
        Ok(())
    } else {
        Err(Error::NotRoot)
    }
}

/// Everything else, once the lab's folder is there.
pub(crate) fn check(places: &Places) -> Result<(), Error> {
    let is_there = |program: &str| {
        FOLDERS
            .iter()
            .any(|folder| Path::new(folder).join(program).exists())
    };
    let missing = missing(PROGRAMS, is_there);
    if !missing.is_empty() {
        return Err(Error::MissingPackages(missing.join(" ")));
    }
    let path = places.lab();
    let space = statvfs(path).map_err(Error::io(format!("look at {}", path.display())))?;
    let free = space.f_bavail.saturating_mul(space.f_frsize) / 1_000_000;
    if free < NEEDED_MB {
        return Err(Error::NoSpace {
            path: path.to_owned(),
            free,
            needed: NEEDED_MB,
        });
    }
    try_kernel(places)
}

/// Some containers give root no namespaces, no mounts or no loop devices.
fn try_kernel(places: &Places) -> Result<(), Error> {
    let file = places.lab().join("trial");
    let mut command = within(TRIAL_LIMIT, "unshare");
    command
        .args(["--mount", "--net", "--pid", "--uts", "--ipc", "--cgroup"])
        .args(["--fork", "--kill-child", "sh", "-euc", TRIAL, "sh"])
        .arg(&file);
    let tried = output(&mut command, "making a host of namespaces and mounts");
    fs::remove_file(&file).ok();
    tried.map(drop)
}

/// The packages of programs that are not there, each once.
fn missing<'a>(programs: &[(&str, &'a str)], is_there: impl Fn(&str) -> bool) -> Vec<&'a str> {
    let mut packages: Vec<&str> = programs
        .iter()
        .filter(|(program, _)| !is_there(program))
        .map(|&(_, package)| package)
        .collect();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_missing_package_is_named_once() {
        assert_eq!(
            missing(PROGRAMS, |program| program == "ip" || program == "mount"),
            [
                "mmdebstrap",
                "systemd-container",
                "util-linux",
                "e2fsprogs",
                "coreutils"
            ]
        );
        assert!(missing(PROGRAMS, |_| true).is_empty());
    }
}
