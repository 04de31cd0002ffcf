//! The directory beside the data directory: the record of the phases, and what is kept until the node is back. As the owner of
//! both. Knows no server.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock, openat};
use rustix::io::Errno;

use crate::agent::actions::ServerError;
use crate::agent::decide::rejoin_record::{self, KeptFacts, RejoinPhase, RejoinRecord};
use crate::base::folder::MissingFolders;
use crate::base::regular_file;

/// The name of the file that is locked.
const LOCK: &str = "lock";

/// The directory.
#[derive(Clone, Debug)]
pub(super) struct Beside {
    datadir: PathBuf,
}

/// Converts the error of a file.
pub(super) fn failed(what: &str, path: &Path) -> impl FnOnce(io::Error) -> ServerError {
    let what = format!("cannot {what} {}", path.display());
    move |error| ServerError::File {
        what,
        cause: error.to_string(),
    }
}

impl Beside {
    pub(super) fn of(datadir: &Path) -> Self {
        Self {
            datadir: datadir.to_owned(),
        }
    }

    /// Returns the path of something in it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        rejoin_record::beside(&self.datadir).join(name)
    }

    /// Writes down that a phase begins.
    pub(super) fn begin(
        &self,
        phase: RejoinPhase,
        kept: Option<KeptFacts>,
    ) -> Result<(), ServerError> {
        let path = rejoin_record::path(&self.datadir);
        make(&rejoin_record::beside(&self.datadir))?;
        let text = RejoinRecord::new(phase, kept).text();
        let replaced = regular_file::replace(&path, text.as_bytes(), 0o600, MissingFolders::Fail);
        replaced.map_err(failed("write", &path))
    }

    /// Makes the directory, and locks it for as long as the returned file or a copy of it is open: a program that was
    /// started with it goes on if the command is killed. `None` if somebody else has it locked.
    pub(super) fn lock(&self) -> Result<Option<File>, ServerError> {
        make(&rejoin_record::beside(&self.datadir))?;
        let path = self.path(LOCK);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(CWD, &path, flags, Mode::RUSR | Mode::WUSR);
        let file = File::from(opened.map_err(|error| failed("open", &path)(error.into()))?);
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(file)),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(failed("lock", &path)(error.into())),
        }
    }

    /// Makes an empty directory of this name.
    pub(super) fn anew(&self, name: &str) -> Result<PathBuf, ServerError> {
        let path = self.path(name);
        remove(&path)?;
        make(&path)?;
        Ok(path)
    }

    /// Moves something out of it, to another name beside the data directory.
    pub(super) fn keep(&self, name: &str, suffix: &str) -> Result<Option<PathBuf>, ServerError> {
        let from = self.path(name);
        let is_empty = match fs::read_dir(&from) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == ErrorKind::NotFound => true,
            Err(error) => return Err(failed("read", &from)(error)),
        };
        if is_empty {
            return Ok(None);
        }
        let mut to = self.datadir.file_name().unwrap_or_default().to_owned();
        to.push(suffix);
        let to = self.datadir.with_file_name(to);
        // A return that was repeated has kept the same before.
        remove(&to)?;
        fs::rename(&from, &to).map_err(failed("move", &from))?;
        Ok(Some(to))
    }

    /// Removes it with everything in it; the record last, by which the removal can be repeated.
    pub(super) fn remove(&self) -> Result<(), ServerError> {
        for name in [
            "new",
            "old",
            "wal",
            rejoin_record::CONFIGURATION,
            "pg_control",
        ] {
            remove(&self.path(name))?;
        }
        remove(&rejoin_record::beside(&self.datadir))
    }
}

/// Makes a directory that only its owner may enter.
pub(super) fn make(path: &Path) -> Result<(), ServerError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(failed("create", path)(error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Removes a file, or a directory with everything in it, if it is there.
pub(super) fn remove(path: &Path) -> Result<(), ServerError> {
    let is_directory = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    let removed = if is_directory {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", path)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Copies a file with its mode, in the place of one that may be read-only, and synchronises the copy to disk.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), ServerError> {
    remove(to)?;
    let copied = fs::copy(from, to).and_then(|_| File::open(to)?.sync_all());
    copied.map_err(failed("copy", from))
}

/// Synchronises to disk which files a directory has.
pub(super) fn sync(folder: &Path) -> Result<(), ServerError> {
    let synchronised = File::open(folder).and_then(|folder| folder.sync_all());
    synchronised.map_err(failed("synchronise", folder))
}
