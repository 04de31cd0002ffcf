//! The file that a starting server writes to until it has opened its own log, and what it wrote last. Knows no
//! process.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use super::credentials::may;
use crate::base::regular_file;

/// Where Debian's packages keep the servers' logs, which logrotate rotates.
const DIRECTORY: &str = "/var/log/postgresql";

/// How much of its end is read.
const TAIL: u64 = 64 << 10;

/// The log of a resource's server.
#[derive(Clone, Debug)]
pub(super) struct StartLog {
    path: PathBuf,
    /// Its length before the start.
    before: u64,
}

impl StartLog {
    /// Returns the log of a resource's server for the current user.
    pub(super) fn of(resource: &str, datadir: &Path) -> Self {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let name: String = resource
            .chars()
            .map(|c| if is_plain(c) { c } else { '_' })
            .collect();
        let shared = Path::new(DIRECTORY);
        let is_ours = may(shared, Access::WRITE_OK | Access::EXEC_OK).is_ok();
        let directory = if is_ours { shared } else { datadir };
        let path = directory.join(format!("pgsqlms-{name}.log"));
        let before = fs::metadata(&path).map_or(0, |log| log.len());
        Self { path, before }
    }

    /// Returns its path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what the server has written since, in one line for a sentence: why it gave up, or else its last
    /// line.
    pub(super) fn last_words(&self) -> String {
        let path = self.path.display();
        match self.read() {
            Some(words) => format!("{words} (see {path})"),
            None => format!("it has written nothing to {path}"),
        }
    }

    fn read(&self) -> Option<String> {
        let mut file = regular_file::open(&self.path).ok()?;
        let length = file.metadata().ok()?.len();
        // It may have been rotated meanwhile.
        let before = if length < self.before { 0 } else { self.before };
        let from = length.saturating_sub(TAIL).max(before);
        file.seek(SeekFrom::Start(from)).ok()?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes).ok()?;
        last_words(&String::from_utf8_lossy(&bytes)).map(str::to_owned)
    }
}

/// Returns the last line in which a server gives up, or the last line of all. These two words are the same in all but
/// a few of its languages, and they only determine which line is reported.
fn last_words(text: &str) -> Option<&str> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let gives_up = |line: &&str| line.contains("FATAL:") || line.contains("PANIC:");
    lines().rfind(gives_up).or_else(|| lines().next_back())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_for_giving_up_precedes_later_lines() {
        let text = "LOG:  starting\nFATAL:  no space\nLOG:  database system is shut down\n\n";
        assert_eq!(last_words(text), Some("FATAL:  no space"));
        assert_eq!(last_words("LOG:  one\nHINT:  two\n"), Some("HINT:  two"));
        assert_eq!(last_words("\n \n"), None);
    }

    #[test]
    fn only_lines_written_since_the_start_are_reported() {
        let datadir = tempfile::tempdir().unwrap();
        let path = datadir.path().join("log");
        fs::write(&path, "FATAL:  long ago\n").unwrap();
        let before = fs::metadata(&path).unwrap().len();
        let log = StartLog {
            path: path.clone(),
            before,
        };
        assert!(log.last_words().starts_with("it has written nothing"));
        fs::write(&path, "FATAL:  long ago\nLOG:  now\n").unwrap();
        assert!(log.last_words().starts_with("LOG:  now (see "));
        // Rotated: all of its content is new.
        fs::write(&path, "LOG:  new\n").unwrap();
        assert!(log.last_words().starts_with("LOG:  new"));
    }
}
