//! Reads a service file.

use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::optional_file;
use crate::base::regular_file;
use crate::postgres::conninfo::ServiceFile;

/// Most bytes of a service file.
const MOST: u64 = 1 << 20;

/// The bit of a mode by which everyone on the host may read the file.
const OTHERS_READ: u32 = 0o004;

/// Returns the content of the file, if it exists and can be read.
#[must_use]
pub fn read(path: &Path) -> ServiceFile {
    match contents(path) {
        Ok(Some(text)) => ServiceFile::Text(text),
        Ok(None) => ServiceFile::Missing,
        Err(error) => ServiceFile::Unreadable(error.to_string()),
    }
}

/// Whether everyone on this host may read the file.
#[must_use]
pub fn is_open_to_all(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|found| found.mode() & OTHERS_READ != 0)
}

/// Reads the file; as in libpq, a file that cannot be reached, as in a home directory closed by a sandbox, counts as
/// missing.
fn contents(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let is_out_of_reach = |error: &io::Error| error.kind() == ErrorKind::PermissionDenied;
    if path.metadata().is_err_and(|error| is_out_of_reach(&error)) {
        return Ok(None);
    }
    let Some(file) = optional_file::open(path)? else {
        return Ok(None);
    };
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    regular_file::contents(&file, MOST).map(Some)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::base::regular_file::traps;

    #[test]
    fn nothing_but_a_regular_file_of_bounded_size_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("services");
        assert_eq!(read(&path), ServiceFile::Missing);
        assert_eq!(read(&path.join("below")), ServiceFile::Missing);
        traps::each(&path, |trap| {
            assert!(matches!(read(&path), ServiceFile::Unreadable(_)), "{trap}");
        });
        fs::write(&path, "[a]\n").unwrap();
        assert_eq!(read(&path), ServiceFile::Text(b"[a]\n".to_vec()));
    }

    #[test]
    fn a_file_that_everyone_may_read_is_recognised() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (mode, is_open) in [(0o600, false), (0o640, false), (0o644, true)] {
            fs::set_permissions(file.path(), Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_open_to_all(file.path()), is_open, "{mode:o}");
        }
    }
}
