//! Keeps a second keeper from running on the host: it would report each failure twice. Knows nothing of what a keeper does.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock, openat};
use rustix::io::Errno;
use thiserror::Error;

/// The directory of the lock file, as the unit has it (`RuntimeDirectory=`).
pub const DIRECTORY: &str = "/run/pgsql-state/keeper";

/// Why this keeper must not run.
#[derive(Debug, Error)]
pub enum NotAlone {
    /// Another one runs.
    #[error("another pgsql-state keeper runs on this host; stop pgsql-state-keeper.service first")]
    Another,
    /// That cannot be seen.
    #[error("cannot lock {path}, by which only one keeper runs on a host: {source}")]
    Unknown {
        /// The file.
        path: String,
        /// Why it cannot be locked.
        source: io::Error,
    },
}

/// The only keeper of the host, as long as this value exists.
#[derive(Debug)]
pub struct OnlyKeeper {
    _file: File,
}

impl OnlyKeeper {
    /// Becomes it. The kernel ends that with the process.
    pub fn in_directory(directory: &Path) -> Result<Self, NotAlone> {
        DirBuilder::new()
            .mode(0o755)
            .recursive(true)
            .create(directory)
            .ok();
        let path = directory.join("lock");
        let wrong = |error: Errno| NotAlone::Unknown {
            path: path.display().to_string(),
            source: error.into(),
        };
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = openat(CWD, &path, flags | OFlags::CLOEXEC, Mode::from(0o600)).map_err(wrong)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { _file: file.into() }),
            Err(Errno::WOULDBLOCK) => Err(NotAlone::Another),
            Err(error) => Err(wrong(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_keeper_does_not_run_until_the_first_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("pgsql-state/keeper");
        let first = OnlyKeeper::in_directory(&directory).unwrap();
        let second = OnlyKeeper::in_directory(&directory);
        assert!(matches!(second, Err(NotAlone::Another)), "{second:?}");
        drop(first);
        assert!(OnlyKeeper::in_directory(&directory).is_ok());
    }

    #[test]
    fn a_link_in_place_of_the_file_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("lock")).unwrap();
        let wrong = OnlyKeeper::in_directory(folder.path());
        assert!(matches!(wrong, Err(NotAlone::Unknown { .. })), "{wrong:?}");
    }
}
