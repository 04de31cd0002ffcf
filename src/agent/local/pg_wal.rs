//! Reads the files of `pg_wal`: the histories of timelines, and segments, until a deadline. Knows no record.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::base::Deadline;
use crate::base::regular_file;
use crate::base::system_clock::OnSystemClock;
use crate::postgres::Timeline;
use crate::postgres::control::{Checkpoint, Control};
use crate::postgres::wal::{Directory, History, Magic, Segment, Segments};

/// The largest history file that is read: a timeline takes some fifty bytes of it.
const MOST_HISTORY: u64 = 4 << 20;

/// The segments of a directory.
#[derive(Debug)]
pub(super) struct PgWal {
    directory: PathBuf,
    deadline: Deadline,
    open: Option<(Segment, File)>,
}

/// Why reading stopped.
#[derive(Debug, Error)]
pub(super) enum WalError {
    /// The deadline has passed.
    #[error("the deadline has passed")]
    Late,
    /// A file could not be read.
    #[error("cannot read the segment {segment}: {cause}")]
    File {
        /// The segment.
        segment: Segment,
        /// Why it could not be read.
        #[source]
        cause: io::Error,
    },
}

impl PgWal {
    /// Returns the WAL of a data directory.
    pub(super) fn of(datadir: &Path, deadline: Deadline) -> Self {
        Self {
            directory: datadir.join("pg_wal"),
            deadline,
            open: None,
        }
    }

    fn path(&self, segment: Segment) -> PathBuf {
        self.directory.join(segment.to_string())
    }

    /// Returns a timeline's history, if its file can be parsed.
    fn history(&self, timeline: Timeline) -> Option<History> {
        let path = self.directory.join(History::file_name(timeline));
        let text = regular_file::read_text(&path, MOST_HISTORY).map_err(|error| error.to_string());
        let read = text
            .and_then(|text| History::parse(timeline, &text).map_err(|error| error.to_string()));
        match read {
            Ok(history) => Some(history),
            Err(cause) => {
                tracing::warn!("ignoring the history file {}: {cause}", path.display());
                None
            }
        }
    }
}

/// Returns the history of a timeline, if its file can be parsed. Timeline 1 has no parent.
pub(super) fn history(datadir: &Path, timeline: Timeline) -> Option<History> {
    if timeline == Timeline(1) {
        return Some(History::alone(timeline));
    }
    let path = datadir.join("pg_wal").join(History::file_name(timeline));
    let text = regular_file::read_text(&path, MOST_HISTORY).ok()?;
    History::parse(timeline, &text).ok()
}

/// The mark with which the file of the last checkpoint begins.
pub(super) fn mark(datadir: &Path, control: &Control) -> io::Result<Magic> {
    let Checkpoint { at, timeline, .. } = control.checkpoint;
    let segment = Segment::holding(at, timeline, control.geometry);
    let path = datadir.join("pg_wal").join(segment.to_string());
    let mut begin = [0; Magic::SIZE];
    regular_file::open(&path)?.read_exact_at(&mut begin, 0)?;
    Ok(Magic::found(begin))
}

/// Returns how long ago the newest history was written: the promotion that begins a primary's timeline writes it
/// (`writeTimeLineHistory` in `src/backend/access/transam/timeline.c`).
pub(super) fn newest_history_age(datadir: &Path) -> Option<Duration> {
    let entries = fs::read_dir(datadir.join("pg_wal")).ok()?;
    let histories = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        Some((timeline_of(entry.file_name().to_str()?)?, entry.path()))
    });
    let (_, newest) = histories.max()?;
    let written = fs::metadata(newest).ok()?.modified().ok()?;
    written.elapsed().ok()
}

/// Returns the timeline whose history file has this name.
fn timeline_of(name: &str) -> Option<Timeline> {
    let timeline = u32::from_str_radix(name.strip_suffix(".history")?, 16).ok()?;
    (name == History::file_name(Timeline(timeline))).then_some(Timeline(timeline))
}

impl Directory for PgWal {
    fn length(&mut self, segment: Segment) -> Result<Option<u64>, WalError> {
        match fs::metadata(self.path(segment)) {
            Ok(file) => Ok(Some(file.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(WalError::File { segment, cause }),
        }
    }

    fn histories(&mut self) -> Vec<History> {
        let entries = fs::read_dir(&self.directory).into_iter().flatten();
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names
            .filter_map(|name| self.history(timeline_of(&name)?))
            .collect()
    }
}

impl Segments for PgWal {
    type Error = WalError;

    fn read(
        &mut self,
        segment: Segment,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, WalError> {
        if self.deadline.has_passed() {
            return Err(WalError::Late);
        }
        let failed = |cause| WalError::File { segment, cause };
        let file = match self.open.take() {
            Some((open, file)) if open == segment => file,
            Some(_) | None => match regular_file::open(&self.path(segment)) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(failed(error)),
            },
        };
        let length = fill(&file, offset, buffer).map_err(failed)?;
        self.open = Some((segment, file));
        Ok(Some(length))
    }
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        let from = offset.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        match file.read_at(rest, from) {
            Ok(0) => break,
            Ok(more) => length = length.saturating_add(more),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::health::Lsn;
    use crate::postgres::control::ClusterState;

    #[test]
    fn a_primary_is_as_old_as_its_newest_history() {
        let datadir = tempfile::tempdir().unwrap();
        assert_eq!(newest_history_age(datadir.path()), None);
        let directory = datadir.path().join("pg_wal");
        fs::create_dir(&directory).unwrap();
        assert_eq!(newest_history_age(datadir.path()), None);
        File::create(directory.join("00000009.history")).unwrap();
        let newest = File::create(directory.join("0000000A.history")).unwrap();
        newest.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        let age = newest_history_age(datadir.path()).unwrap();
        assert!(age >= Duration::from_secs(100), "{age:?}");
    }

    #[test]
    fn a_timeline_begins_where_the_one_before_it_ends() {
        let datadir = tempfile::tempdir().unwrap();
        let directory = datadir.path().join("pg_wal");
        fs::create_dir(&directory).unwrap();
        let text = "1\t0/3000000\tno recovery target specified\n\n2\t0/5000108\tno recovery target specified\n";
        fs::write(directory.join("00000003.history"), text).unwrap();
        let begin = |timeline| Some(history(datadir.path(), Timeline(timeline))?.begin());
        assert_eq!(begin(3), Some(Some(Lsn(0x0500_0108))));
        assert_eq!(begin(2), None);
        assert_eq!(begin(1), Some(None));
    }

    #[test]
    fn a_history_that_is_not_a_regular_file_is_ignored() {
        let datadir = tempfile::tempdir().unwrap();
        let directory = datadir.path().join("pg_wal");
        fs::create_dir(&directory).unwrap();
        regular_file::traps::each(&directory.join("00000003.history"), |trap| {
            assert_eq!(history(datadir.path(), Timeline(3)), None, "{trap}");
        });
    }

    #[test]
    fn a_segment_that_is_not_a_regular_file_has_no_mark() {
        let datadir = tempfile::tempdir().unwrap();
        let control = crate::postgres::control::example::control(ClusterState::Production);
        let Checkpoint { at, timeline, .. } = control.checkpoint;
        let segment = Segment::holding(at, timeline, control.geometry);
        let directory = datadir.path().join("pg_wal");
        fs::create_dir(&directory).unwrap();
        regular_file::traps::each(&directory.join(segment.to_string()), |trap| {
            let is_sparse = trap.starts_with("sparse");
            assert_eq!(mark(datadir.path(), &control).is_ok(), is_sparse, "{trap}");
        });
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
