//! Replaces a file of another program in one step, as its owner has it, and keeps what it was; knows not
//! what is in it.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

/// Behind the name of the file as it was before the last change.
const KEPT: &str = ".before-pgsql-state";

/// Behind the name of the file that is to be.
const NEW: &str = ".new-pgsql-state";

/// Set-user-ID and the like, and who may do what.
const MODE: u32 = 0o7777;

/// Puts `new` where `old` was, with the owner and the mode that the file has, and returns where `old` is
/// kept. Whoever opens the file meanwhile, or after a crash, finds the one or the other.
pub(super) fn replace(path: &Path, old: &[u8], new: &[u8]) -> io::Result<PathBuf> {
    // A link stays one.
    let path = fs::canonicalize(path)?;
    let metadata = fs::metadata(&path)?;
    let kept = beside(&path, KEPT);
    put(&kept, old, &metadata)?;
    put(&path, new, &metadata)?;
    Ok(kept)
}

fn put(path: &Path, content: &[u8], like: &Metadata) -> io::Result<()> {
    let new = beside(path, NEW);
    // What an interrupted attempt has left is replaced, never followed.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let write = || {
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&new)?;
        fchown(&file, Some(like.uid()), Some(like.gid()))?;
        file.set_permissions(Permissions::from_mode(like.mode() & MODE))?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    if let Err(error) = write() {
        // It is the first error that matters.
        drop(fs::remove_file(&new));
        return Err(error);
    }
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or(OsStr::new("")).to_owned();
    name.push(end);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn owner_mode_and_link_stay_and_the_old_content_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        symlink("file", &link).unwrap();
        let before = fs::metadata(&file).unwrap();
        let kept = replace(&link, b"old", b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::read(&kept).unwrap(), b"old");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        for path in [&file, &kept] {
            let after = fs::metadata(path).unwrap();
            assert_eq!(after.mode(), before.mode());
            assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_file_that_is_not_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        assert!(replace(&folder.path().join("file"), b"", b"new").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
