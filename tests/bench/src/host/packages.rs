//! Which Debian package a missing file belongs to, and where Debian puts PostgreSQL.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use crate::error::Error;

/// Where Debian's packages put one directory a major version. `psql` too is taken from there: the one in
/// `/usr/bin` is a Perl wrapper that costs four times as much.
const MAJORS: &str = "/usr/lib/postgresql";

/// The newest major version that is there; none where there is no server.
static MAJOR: LazyLock<Option<u32>> = LazyLock::new(|| {
    let folders = fs::read_dir(MAJORS).into_iter().flatten().flatten();
    let served = folders.filter(|folder| folder.path().join("bin/initdb").exists());
    let majors = served.filter_map(|folder| folder.file_name().to_str()?.parse().ok());
    majors.max()
});

/// A file of the newest version, below its directory.
pub(crate) fn of_postgres(file: &str) -> String {
    format!("{MAJORS}/{}/{file}", of_major("", ""))
}

/// The name of a package of the newest version; without a server, that of whichever version there is.
pub(crate) fn of_major(before: &str, behind: &str) -> String {
    match *MAJOR {
        Some(major) => format!("{before}{major}{behind}"),
        None => format!("{before}NN{behind}"),
    }
}

/// Who runs the servers; PostgreSQL refuses root.
pub(crate) const POSTGRES_USER: &str = "postgres";

/// A file that must be there, and the package that has it.
#[derive(Clone, Debug)]
pub(crate) struct Needed {
    file: Cow<'static, str>,
    package: Cow<'static, str>,
}

impl Needed {
    /// `file` from Debian's `package`.
    pub(crate) const fn new(file: &'static str, package: &'static str) -> Self {
        let (file, package) = (Cow::Borrowed(file), Cow::Borrowed(package));
        Self { file, package }
    }

    /// A file of PostgreSQL's newest version.
    pub(crate) fn of_postgres(file: &str, package: String) -> Self {
        Self {
            file: of_postgres(file).into(),
            package: package.into(),
        }
    }
}

/// What every contender needs to be started.
pub(crate) const FOR_ALL: &[Needed] = &[
    Needed::new("/usr/bin/setpriv", "util-linux"),
    Needed::new("/usr/bin/taskset", "util-linux"),
    Needed::new("/usr/bin/unshare", "util-linux"),
];

/// What a contender with a PostgreSQL needs.
pub(crate) fn for_postgres() -> Vec<Needed> {
    vec![
        Needed::of_postgres("bin/postgres", "postgresql".into()),
        Needed::of_postgres("bin/psql", "postgresql-client".into()),
    ]
}

/// What starting a program by its first client needs.
pub(crate) const FOR_ACTIVATION: &[Needed] =
    &[Needed::new("/usr/bin/systemd-socket-activate", "systemd")];

/// What makes certificates.
pub(crate) const FOR_CERTIFICATES: &[Needed] = &[Needed::new("/usr/bin/openssl", "openssl")];

/// One error with every missing package.
pub(crate) fn check(needed: impl IntoIterator<Item = Needed>) -> Result<(), Error> {
    let missing: BTreeSet<Cow<'_, str>> = needed
        .into_iter()
        .filter(|needed| !Path::new(needed.file.as_ref()).exists())
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
