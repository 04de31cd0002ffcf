//! Which Debian package a missing file belongs to, and where Debian puts PostgreSQL.

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::Error;

/// Programs of PostgreSQL 15, the version of Debian 12. `psql` too is taken from here: the one in
/// `/usr/bin` is a Perl wrapper that costs four times as much.
pub(crate) const POSTGRES_PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

/// Who runs the servers; PostgreSQL refuses root.
pub(crate) const POSTGRES_USER: &str = "postgres";

/// A file that must be there, and the package that has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needed {
    file: &'static str,
    package: &'static str,
}

impl Needed {
    /// `file` from Debian's `package`.
    pub(crate) const fn new(file: &'static str, package: &'static str) -> Self {
        Self { file, package }
    }
}

/// What every contender needs to be started.
pub(crate) const FOR_ALL: &[Needed] = &[
    Needed::new("/usr/bin/setpriv", "util-linux"),
    Needed::new("/usr/bin/taskset", "util-linux"),
    Needed::new("/usr/bin/unshare", "util-linux"),
];

/// What a contender with a PostgreSQL needs.
pub(crate) const FOR_POSTGRES: &[Needed] = &[
    Needed::new("/usr/lib/postgresql/15/bin/postgres", "postgresql-15"),
    Needed::new("/usr/lib/postgresql/15/bin/psql", "postgresql-client-15"),
];

/// What starting a program by its first client needs.
pub(crate) const FOR_ACTIVATION: &[Needed] =
    &[Needed::new("/usr/bin/systemd-socket-activate", "systemd")];

/// What makes certificates.
pub(crate) const FOR_CERTIFICATES: &[Needed] = &[Needed::new("/usr/bin/openssl", "openssl")];

/// One error with every missing package.
pub(crate) fn check(needed: impl IntoIterator<Item = Needed>) -> Result<(), Error> {
    let missing: BTreeSet<&str> = needed
        .into_iter()
        .filter(|needed| !Path::new(needed.file).exists())
        .map(|needed| needed.package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::MissingPackages(
        missing.into_iter().collect::<Vec<_>>().join(" "),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_package_is_named_once() {
        let needed = [
            Needed::new("/nowhere/b", "b"),
            Needed::new("/nowhere/a", "a"),
            Needed::new("/nowhere/a2", "a"),
            Needed::new("/proc/self/stat", "there"),
        ];
        let error = check(needed).unwrap_err().to_string();
        assert_eq!(
            error,
            "missing from this machine: a b; install with: apt-get install a b"
        );
    }

    #[test]
    fn nothing_missing_is_no_error() {
        assert!(check([Needed::new("/proc/self/stat", "there")]).is_ok());
    }
}
