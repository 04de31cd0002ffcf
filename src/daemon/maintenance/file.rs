//! Gives an order by replacing the maintenance file atomically, and takes it back by removing the file.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use thiserror::Error;

use super::order::MaintenanceOrder;
use crate::base::folder::MissingFolders;
use crate::base::regular_file;

/// The maintenance file cannot be written or removed.
#[derive(Debug, Error)]
#[error("cannot {doing} {}; run this as root, or choose another guard.maintenance_file", path.display())]
pub struct FileError {
    doing: &'static str,
    path: PathBuf,
    source: io::Error,
}

/// 9999-12-31T23:59:59Z, in seconds since 1970: the last second that RFC 3339 can express.
const LAST: u64 = 253_402_300_799;

/// The moment `time` from now, by the wall clock; `None` if it is later than an order can express.
#[must_use]
pub fn from_now(time: Duration) -> Option<SystemTime> {
    let end = now().checked_add(time)?;
    let since_epoch = end.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    (since_epoch.as_secs() <= LAST).then_some(end)
}

#[expect(
    clippy::disallowed_methods,
    reason = "an order's end must mean the same after a restart, which no other clock can promise"
)]
pub(super) fn now() -> SystemTime {
    SystemTime::now()
}

/// Writes the order; a concurrent reader sees either the old file or the new one. Creates the folder if it is
/// missing, which otherwise only the daemon's service does.
pub fn give(path: &Path, order: MaintenanceOrder) -> Result<(), FileError> {
    let failed = |source| FileError {
        doing: "write",
        path: path.into(),
        source,
    };
    let text = format!("{order}\n");
    // The daemon runs as another user and must be able to read the file.
    let written = regular_file::replace(path, text.as_bytes(), 0o644, MissingFolders::AreCreated);
    written.map_err(failed)
}

/// Removes the maintenance file; succeeds if there is none.
pub fn take_back(path: &Path) -> Result<(), FileError> {
    match regular_file::remove(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(FileError {
            doing: "remove",
            path: path.into(),
            source,
        }),
        Ok(()) | Err(_) => Ok(()),
    }
}
