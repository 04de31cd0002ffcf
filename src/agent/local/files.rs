//! Reads the files of a data directory: its version, its control file, whether it is a backup. Knows no
//! process.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use super::polling::PollPace;
use crate::agent::actions::ServerError;
use crate::agent::decide::state::{BackupLabel, DataDirectory};
use crate::base::Deadline;
use crate::base::regular_file;
use crate::base::system_clock::OnSystemClock;
use crate::postgres::control::{self, Control, ControlError};

/// How often a control file with a wrong checksum is read, and how long all reads may take: a server
/// writes it at once, so a torn one is complete again soon.
const READINGS: usize = 4;
const PATIENCE: Duration = Duration::from_millis(200);

/// How much is read: a control file has 8 kB (`PG_CONTROL_FILE_SIZE` in `src/include/catalog/pg_control.h`).
const MOST: u64 = 64 << 10;

/// Reads everything, as it is now.
pub(super) fn look(datadir: &Path) -> DataDirectory {
    if !is_one(datadir) {
        return DataDirectory::Missing;
    }
    DataDirectory::Present {
        control: control(datadir).map_err(|error| error.to_string()),
        backup: backup_label(datadir),
    }
}

/// Returns whether a file of PostgreSQL is there, or may be there without being visible.
fn is_one(datadir: &Path) -> bool {
    let is_absent = |name: &str| {
        let found = fs::symlink_metadata(datadir.join(name));
        found.is_err_and(|error| {
            matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
        })
    };
    !(is_absent(VERSION) && is_absent(CONTROL))
}

/// Returns how many files of WAL are ready to be archived, of at most [`MOST_ENTRIES`].
pub(super) fn unarchived(datadir: &Path) -> Result<usize, ServerError> {
    let directory = datadir.join("pg_wal/archive_status");
    let entries = fs::read_dir(&directory).map_err(|error| ServerError::File {
        what: format!("cannot read {}", directory.display()),
        cause: error.to_string(),
    })?;
    let names = entries.take(MOST_ENTRIES).flatten();
    let ready = names.filter(|entry| entry.path().extension() == Some(OsStr::new("ready")));
    Ok(ready.count())
}

/// How many entries of a directory are looked at.
const MOST_ENTRIES: usize = 100_000;

const VERSION: &str = "PG_VERSION";
const CONTROL: &str = "global/pg_control";

/// Reads the control file.
pub(super) fn control(datadir: &Path) -> Result<Control, ServerError> {
    let path = datadir.join(CONTROL);
    let wrong = |cause: String| ServerError::File {
        what: format!("cannot read the control file {}", path.display()),
        cause,
    };
    let deadline = Deadline::after(PATIENCE);
    let mut pace = PollPace::every(PATIENCE / 8);
    for _ in 1..READINGS {
        let bytes = regular_file::read(&path, MOST).map_err(|error| wrong(error.to_string()))?;
        match control::read(&bytes) {
            Ok(control) => return Ok(control),
            Err(ControlError::Checksum { .. } | ControlError::Short { .. }) => {
                if pace.pause(deadline).is_none() {
                    break;
                }
            }
            Err(
                error @ (ControlError::OtherEndianness
                | ControlError::UnknownVersion(_)
                | ControlError::UnknownState(_)
                | ControlError::UnknownWalLevel(_)
                | ControlError::Geometry(_)),
            ) => return Err(wrong(error.to_string())),
        }
    }
    let bytes = regular_file::read(&path, MOST).map_err(|error| wrong(error.to_string()))?;
    control::read(&bytes).map_err(|error| wrong(error.to_string()))
}

/// Returns the major version of the server that the directory belongs to.
pub(super) fn major(datadir: &Path) -> Result<u32, ServerError> {
    let path = datadir.join(VERSION);
    let wrong = |cause: String| ServerError::File {
        what: format!("{} contains no major version of PostgreSQL", path.display()),
        cause,
    };
    let text = regular_file::read_text(&path, MOST).map_err(|error| wrong(error.to_string()))?;
    let number = text.trim().parse();
    number.map_err(|_| wrong(format!("its content is {:?}", text.trim())))
}

fn backup_label(datadir: &Path) -> BackupLabel {
    match exists(&datadir.join("backup_label")) {
        Ok(true) => BackupLabel::Present,
        Ok(false) | Err(_) => BackupLabel::Absent,
    }
}

/// Returns whether two paths lead to the same existing file or directory.
pub(super) fn lead_to_one(path: &Path, other: &Path) -> io::Result<bool> {
    let identity = |path: &Path| {
        let found = fs::metadata(path)?;
        Ok::<_, io::Error>((found.dev(), found.ino()))
    };
    Ok(identity(path)? == identity(other)?)
}

/// Returns whether a file exists, as PostgreSQL finds it: a link that leads nowhere is no file.
pub(super) fn exists(path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
