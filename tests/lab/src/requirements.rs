//! What the lab needs of this machine, looked at before anything is made.

use std::path::Path;

use rustix::fs::statvfs;
use rustix::process::geteuid;

use crate::error::Error;
use crate::places::Places;

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
    Ok(())
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
