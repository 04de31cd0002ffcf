//! Reads the history files of a `pg_wal`: the newest ones, up to a number, a size and a deadline. Knows no segment.
//!
//! A promotion makes one file, and no server removes one, so a database cluster has as many as it had promotions. The newest
//! count for the end of WAL: an older one than that of the last checkpoint's timeline is part of no history that has the
//! checkpoint. Without the older ones a server that has been promoted often still takes part in an election; without the
//! newest it could seem to be further than it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::base::Deadline;
use crate::base::regular_file;
use crate::base::system_clock::OnSystemClock;
use crate::postgres::Timeline;
use crate::postgres::wal::History;

/// How many files are read.
const MOST_FILES: usize = 256;

/// The largest file that is read: a timeline takes some fifty bytes of it.
const MOST_OF_ONE: u64 = 1 << 20;

/// How much is read of all files.
const MOST_OF_ALL: u64 = 16 << 20;

/// How long the names in the directory may take to be read where only the newest file is wanted.
const PATIENCE: Duration = Duration::from_secs(1);

/// Returns the newest histories whose files can be parsed, newest first. After the deadline no file is read any more; the
/// reading of segments then fails.
pub(super) fn newest(directory: &Path, deadline: Deadline) -> Vec<History> {
    let mut histories = Vec::new();
    let mut left = MOST_OF_ALL;
    for timeline in timelines(directory, deadline).into_iter().rev() {
        if deadline.has_passed() {
            break;
        }
        let path = directory.join(History::file_name(timeline));
        let text = match regular_file::read_text(&path, MOST_OF_ONE.min(left)) {
            Ok(text) => text,
            Err(error) => {
                tracing::warn!("ignoring the history file {}: {error}", path.display());
                continue;
            }
        };
        left = left.saturating_sub(u64::try_from(text.len()).unwrap_or(u64::MAX));
        match History::parse(timeline, &text) {
            Ok(history) => histories.push(history),
            Err(error) => tracing::warn!("ignoring the history file {}: {error}", path.display()),
        }
        if left == 0 {
            break;
        }
    }
    histories
}

/// Returns the history of a timeline, if its file can be parsed. Timeline 1 has no parent.
pub(super) fn of(datadir: &Path, timeline: Timeline) -> Option<History> {
    if timeline == Timeline(1) {
        return Some(History::alone(timeline));
    }
    let path = datadir.join("pg_wal").join(History::file_name(timeline));
    let text = regular_file::read_text(&path, MOST_OF_ONE).ok()?;
    History::parse(timeline, &text).ok()
}

/// Returns how long ago the newest history was written: the promotion that begins a primary's timeline writes it
/// (`writeTimeLineHistory` in `src/backend/access/transam/timeline.c`).
pub(super) fn newest_age(datadir: &Path) -> Option<Duration> {
    let directory = datadir.join("pg_wal");
    let newest = timelines(&directory, Deadline::after(PATIENCE)).pop_last()?;
    let path = directory.join(History::file_name(newest));
    let written = fs::metadata(path).ok()?.modified().ok()?;
    written.elapsed().ok()
}

/// Returns the newest timelines that have a file. If the names are not read before the deadline, returns none: the newest
/// may be missing among them.
fn timelines(directory: &Path, deadline: Deadline) -> BTreeSet<Timeline> {
    let mut newest = BTreeSet::new();
    let Ok(entries) = fs::read_dir(directory) else {
        return newest;
    };
    for entry in entries {
        if deadline.has_passed() {
            tracing::warn!(
                "ignoring the histories in {}: it has too many files",
                directory.display()
            );
            return BTreeSet::new();
        }
        let name = entry.map(|entry| entry.file_name());
        let timeline = name.ok().and_then(|name| timeline_of(name.to_str()?));
        newest.extend(timeline);
        if newest.len() > MOST_FILES {
            newest.pop_first();
        }
    }
    newest
}

/// Returns the timeline whose history file has this name.
fn timeline_of(name: &str) -> Option<Timeline> {
    let timeline = u32::from_str_radix(name.strip_suffix(".history")?, 16).ok()?;
    (name == History::file_name(Timeline(timeline))).then_some(Timeline(timeline))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::SystemTime;

    use super::*;
    use crate::health::Lsn;

    fn soon() -> Deadline {
        Deadline::after(Duration::from_secs(60))
    }

    /// Creates a `pg_wal` in a data directory.
    fn pg_wal() -> (tempfile::TempDir, std::path::PathBuf) {
        let datadir = tempfile::tempdir().unwrap();
        let directory = datadir.path().join("pg_wal");
        fs::create_dir(&directory).unwrap();
        (datadir, directory)
    }

    #[test]
    fn a_primary_is_as_old_as_its_newest_history() {
        assert_eq!(newest_age("/nowhere".as_ref()), None);
        let (datadir, directory) = pg_wal();
        assert_eq!(newest_age(datadir.path()), None);
        File::create(directory.join("00000009.history")).unwrap();
        let newest = File::create(directory.join("0000000A.history")).unwrap();
        newest.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        let age = newest_age(datadir.path()).unwrap();
        assert!(age >= Duration::from_secs(100), "{age:?}");
    }

    #[test]
    fn a_timeline_begins_where_the_one_before_it_ends() {
        let (datadir, directory) = pg_wal();
        let text = "1\t0/3000000\tno recovery target specified\n\n2\t0/5000108\tno recovery target specified\n";
        fs::write(directory.join("00000003.history"), text).unwrap();
        let begin = |timeline| Some(of(datadir.path(), Timeline(timeline))?.begin());
        assert_eq!(begin(3), Some(Some(Lsn(0x0500_0108))));
        assert_eq!(begin(2), None);
        assert_eq!(begin(1), Some(None));
    }

    #[test]
    fn a_history_that_is_not_a_regular_file_is_ignored() {
        let (datadir, directory) = pg_wal();
        regular_file::traps::each(&directory.join("00000003.history"), |trap| {
            assert_eq!(of(datadir.path(), Timeline(3)), None, "{trap}");
            assert_eq!(newest(&directory, soon()), [], "{trap}");
        });
    }

    #[test]
    fn of_many_histories_the_newest_are_read() {
        let (_datadir, directory) = pg_wal();
        let first = 1000;
        let count = u32::try_from(MOST_FILES).unwrap() + 50;
        for timeline in first..first + count {
            let path = directory.join(History::file_name(Timeline(timeline)));
            fs::write(path, format!("{}\t0/3000000\tpromoted\n", timeline - 1)).unwrap();
        }
        let read = newest(&directory, soon());
        let targets: Vec<u32> = read.iter().map(|one| one.target().0).collect();
        let expected: Vec<u32> = (first + 50..first + count).rev().collect();
        assert_eq!(targets, expected);
        assert_eq!(newest(&directory, Deadline::after(Duration::ZERO)), []);
    }

    #[test]
    fn what_is_read_of_all_histories_is_bounded() {
        let (_datadir, directory) = pg_wal();
        let comment = format!("# {}\n", "x".repeat((1 << 20) - 4));
        let whole = directory.join("10000000.history");
        fs::write(&whole, comment).unwrap();
        for number in 1..40 {
            let name = History::file_name(Timeline(0x1000_0000 + number));
            fs::hard_link(&whole, directory.join(name)).unwrap();
        }
        let most = usize::try_from(MOST_OF_ALL / MOST_OF_ONE).unwrap();
        assert!(newest(&directory, soon()).len() <= most + 1);
    }

    #[test]
    fn only_whole_names_are_histories() {
        assert_eq!(timeline_of("0000000A.history"), Some(Timeline(10)));
        for wrong in [
            "0000000a.history",
            "A.history",
            "0000000A.history.ready",
            "00000001000000000000000A",
            "+000000A.history",
        ] {
            assert_eq!(timeline_of(wrong), None, "{wrong}");
        }
    }
}
