//! What each process of an enclosure is, told by its name and title, and how much memory the processes
//! hold that are there for the checks.

use std::collections::BTreeMap;
use std::fs;

use super::account::{Account, Pid};
use crate::error::Error;

/// What a process is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Holds the namespaces; not part of what is measured.
    Launcher,
    /// A process of the contender that is no PostgreSQL.
    Server,
    /// The postmaster and what it runs in any case.
    PostgresItself,
    /// A PostgreSQL process that serves one client.
    Backend,
    /// A PostgreSQL process that an extension added.
    Worker,
}

/// The kinds of an enclosure's processes, asked of the system once for each process.
#[derive(Debug, Default)]
pub(crate) struct Census(BTreeMap<Pid, Kind>);

impl Census {
    /// The processes of now.
    pub(crate) fn take(account: &Account) -> Result<Self, Error> {
        let mut census = Self::default();
        census.update(account)?;
        Ok(census)
    }

    /// Follows processes that came and went.
    pub(crate) fn update(&mut self, account: &Account) -> Result<(), Error> {
        let pids = account.pids()?;
        self.0.retain(|pid, _| pids.contains(pid));
        for pid in pids {
            // A backend looks like the postmaster until it has set its title; so that one is asked again.
            if self
                .0
                .get(&pid)
                .is_none_or(|kind| *kind == Kind::PostgresItself)
                && let Some(kind) = kind_of(pid)
            {
                self.0.insert(pid, kind);
            }
        }
        Ok(())
    }

    /// How many processes serve a client of PostgreSQL.
    pub(crate) fn backends(&self) -> u32 {
        let backends = self
            .0
            .values()
            .filter(|kind| **kind == Kind::Backend)
            .count();
        u32::try_from(backends).unwrap_or(u32::MAX)
    }

    /// Memory of what would not be there without the checks, in kB: each page's share for the
    /// processes that have it (`Pss` of `/proc/PID/smaps_rollup`, proc(5)), so that a library that a
    /// hundred processes share counts once.
    pub(crate) fn memory_of_checks(&self) -> u32 {
        let serving = self.0.iter().filter(|(_, kind)| match kind {
            Kind::Server | Kind::Backend | Kind::Worker => true,
            Kind::Launcher | Kind::PostgresItself => false,
        });
        serving
            .filter_map(|(pid, _)| size(*pid, "smaps_rollup", "Pss:"))
            .sum()
    }

    /// Resident memory of the contender's own processes in kB (`VmRSS` of `/proc/PID/status`).
    pub(crate) fn resident_of_server(&self) -> u32 {
        let servers = self.0.iter().filter(|(_, kind)| **kind == Kind::Server);
        servers
            .filter_map(|(pid, _)| size(*pid, "status", "VmRSS:"))
            .sum()
    }
}

fn kind_of(pid: Pid) -> Option<Kind> {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    let title = fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?;
    Some(classify(name.trim_end(), &title))
}

/// What PostgreSQL runs by itself; the titles are set in `src/backend/utils/misc/ps_status.c` from
/// the names of `src/backend/utils/init/miscinit.c`.
const OF_POSTGRES_ITSELF: [&str; 9] = [
    "archiver",
    "autovacuum launcher",
    "autovacuum worker",
    "background writer",
    "checkpointer",
    "logger",
    "logical replication launcher",
    "startup recovering",
    "walwriter",
];

fn classify(name: &str, title: &str) -> Kind {
    match (name, title.strip_prefix("postgres: ")) {
        ("unshare", _) => Kind::Launcher,
        ("postgres", None) => Kind::PostgresItself,
        (_, None) => Kind::Server,
        (_, Some(title)) if OF_POSTGRES_ITSELF.iter().any(|own| title.contains(own)) => {
            Kind::PostgresItself
        }
        (_, Some(title)) if title.contains("bgw_replstatus") => Kind::Worker,
        (_, Some(_)) => Kind::Backend,
    }
}

fn size(pid: Pid, file: &str, key: &str) -> Option<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_postgres_processes_are_told_apart_by_their_titles() {
        let kind = |title| classify("postgres", title);
        assert_eq!(
            kind("/usr/lib/postgresql/15/bin/postgres\0-D\0/d\0"),
            Kind::PostgresItself
        );
        assert_eq!(kind("postgres: checkpointer "), Kind::PostgresItself);
        assert_eq!(kind("postgres: bench: walwriter "), Kind::PostgresItself);
        assert_eq!(kind("postgres: bgw_replstatus "), Kind::Worker);
        assert_eq!(
            kind("postgres: postgres postgres [local] idle"),
            Kind::Backend
        );
        assert_eq!(
            kind("postgres: bench: postgres postgres [local] SELECT"),
            Kind::Backend
        );
    }

    #[test]
    fn the_holder_of_the_namespaces_is_not_measured() {
        assert_eq!(
            classify("unshare", "unshare\0--pid\0setpriv\0"),
            Kind::Launcher
        );
        assert_eq!(
            classify("pgsql-state", "/tmp/pgsql-state\0serve\0"),
            Kind::Server
        );
    }

    #[test]
    fn sizes_of_this_process_can_be_read() {
        let own = std::process::id();
        assert!(size(own, "status", "VmRSS:").unwrap() > 0);
        assert!(size(own, "smaps_rollup", "Pss:").unwrap() > 0);
        assert_eq!(size(own, "status", "Nothing:"), None);
    }
}
