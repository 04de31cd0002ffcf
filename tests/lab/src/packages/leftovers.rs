//! The files of a host, and which of them are new.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::lab::On;

/// Every file system that outlives a boot but the one of PostgreSQL's data, and what is ours in `/run`.
const LIST: &str = "find / -xdev -print; find /run /dev/shm -name '*pgsql*' -print";

/// What moves by itself, or notes that a package was there: of apt, of dpkg, of the user that stays, of timers.
const ANYWAY: [&str; 9] = [
    "/etc/.pwd.lock",
    "/etc/group-",
    "/etc/gshadow-",
    "/etc/passwd-",
    "/etc/shadow-",
    "/var/cache/",
    "/var/lib/apt/",
    "/var/lib/dpkg/status-old",
    "/var/log/",
];

/// The names of the files.
pub(super) struct Files(BTreeSet<String>);

impl Files {
    /// Those that are there now.
    pub(super) fn of(on: On<'_>) -> Result<Self, Error> {
        let list = on.shell(LIST)?;
        Ok(Self(list.lines().map(str::to_owned).collect()))
    }

    /// Those that were not there `before`.
    pub(super) fn beyond<'a>(&'a self, before: &Self) -> Vec<&'a str> {
        let new = self.0.iter().filter(|name| !before.0.contains(*name));
        let left = new.filter(|name| !ANYWAY.iter().any(|anyway| name.starts_with(anyway)));
        left.map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> Files {
        Files(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn what_is_new_is_left_but_for_what_moves_by_itself() {
        let before = files(&["/etc", "/etc/hosts"]);
        let after = files(&[
            "/etc",
            "/etc/pgsql-state",
            "/etc/passwd-",
            "/var/log/apt/term.log",
        ]);
        assert_eq!(after.beyond(&before), ["/etc/pgsql-state"]);
    }
}
