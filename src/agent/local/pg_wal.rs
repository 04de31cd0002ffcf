//! Reads the files of `pg_wal` until a deadline. Knows no record.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::histories;
use crate::base::Deadline;
use crate::base::regular_file;
use crate::base::system_clock::OnSystemClock;
use crate::postgres::control::{Checkpoint, Control};
use crate::postgres::wal::{Directory, History, Magic, Segment, Segments};

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

impl Directory for PgWal {
    fn length(&mut self, segment: Segment) -> Result<Option<u64>, WalError> {
        match fs::metadata(self.path(segment)) {
            Ok(file) => Ok(Some(file.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(WalError::File { segment, cause }),
        }
    }

    fn histories(&mut self) -> Vec<History> {
        histories::newest(&self.directory, self.deadline)
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
    use super::*;
    use crate::postgres::control::ClusterState;

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
}
