//! A server's startup process, which replays WAL: whether it waits for more than there is. Parses no WAL.

use std::path::Path;
use std::time::Duration;

use rustix::process::Pid;

use super::RunningPostmaster;
use super::procfs::{arguments, children, open_files, rest};
use crate::agent::decide::replay::{Startup, Work, has_rested};
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;

/// How long it is observed, and the interval between two observations.
const WATCH: Duration = Duration::from_millis(100);
const STEP: Duration = Duration::from_millis(10);

/// The the titles of processes.
const STARTUP: &str = "startup";
const WAL_RECEIVER: &str = "walreceiver";

impl RunningPostmaster {
    /// Returns whether its startup process waits for WAL that the server does not have. It requests a WAL receiver
    /// only if neither the archive nor `pg_wal` has more (`WaitForWALToBecomeAvailable` in
    /// `src/backend/access/transam/xlogrecovery.c`), and the receiver may exist for no more than a moment if its
    /// primary does not answer.
    pub(in crate::agent::local) fn waits_for_wal(&self, deadline: Deadline) -> bool {
        let end = deadline.within(WATCH);
        let before = self.startup();
        loop {
            if self.child(WAL_RECEIVER).is_some() {
                return true;
            }
            if before == Startup::Busy || deadline.has_passed() {
                return false;
            }
            if end.has_passed() {
                return has_rested(before, self.startup());
            }
            end.pause(STEP);
        }
    }

    /// Returns what the startup process does.
    fn startup(&self) -> Startup {
        let seen = self.child(STARTUP).and_then(seen);
        seen.map_or(Startup::Busy, Startup::Resting)
    }

    /// Returns the child with one of these titles.
    fn child(&self, name: &str) -> Option<Pid> {
        let mut children = children(self.process.pid)?.into_iter();
        children.find(|child| {
            let words = arguments(*child);
            words.first().is_some_and(|title| is_called(title, name))
        })
    }
}

/// Returns what a startup process has done so far, if it is at rest.
fn seen(startup: Pid) -> Option<Work> {
    let (ticks, switches) = rest(startup)?;
    let is_alone = children(startup)?.is_empty();
    let reads = open_files(startup)?.iter().any(|file| is_segment(file));
    (is_alone && !reads).then_some(Work { ticks, switches })
}

/// Returns whether a title is that of such a process: "postgres: ", the name of the cluster if it has one, the kind of
/// process, and what it does (`init_ps_display` in `src/backend/utils/misc/ps_status.c`).
fn is_called(title: &str, name: &str) -> bool {
    let Some((_, told)) = title.rsplit_once(": ") else {
        return false;
    };
    let rest = told.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Returns whether a file is a WAL segment, or was one, or is about to become one.
fn is_segment(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = name.trim_end_matches(" (deleted)");
    let is_hex = |c: char| matches!(c, '0'..='9' | 'A'..='F');
    name == "RECOVERYXLOG" || name.len() == 24 && name.chars().all(is_hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_title_whatever_its_cluster_is_called() {
        for title in [
            "postgres: startup",
            "postgres: startup recovering 000000010000000000000002",
            "postgres: srv1: startup waiting for 000000010000000000000002",
            "postgres: walreceiver: startup recovering 000000010000000000000002",
        ] {
            assert!(is_called(title, STARTUP), "{title}");
            assert!(!is_called(title, WAL_RECEIVER), "{title}");
        }
        for title in [
            "postgres: walreceiver ",
            "postgres: srv1: walreceiver streaming 0/3000000",
        ] {
            assert!(is_called(title, WAL_RECEIVER), "{title}");
            assert!(!is_called(title, STARTUP), "{title}");
        }
        for title in ["", "postgres: ", "startup", "postgres: walreceivers"] {
            assert!(!is_called(title, STARTUP) && !is_called(title, WAL_RECEIVER));
        }
    }

    #[test]
    fn a_segment_is_known_by_its_name_wherever_pg_wal_is() {
        for file in [
            "/data/pg_wal/000000010000000000000002",
            "/elsewhere/0000000A00000000000000FF (deleted)",
            "/data/pg_wal/RECOVERYXLOG",
        ] {
            assert!(is_segment(Path::new(file)), "{file}");
        }
        for file in [
            "/data/base/5/16384_fsm",
            "/data/global/pg_control",
            "/data/pg_wal/00000002.history",
            "socket:[123456789012345678901234]",
            "/",
        ] {
            assert!(!is_segment(Path::new(file)), "{file}");
        }
    }
}
