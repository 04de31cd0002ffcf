//! Replaces a file of another program in one step, as its owner has it, and keeps what it was; knows not
//! what is in it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, openat, statat};
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::base::regular_file;

/// Behind the name of the file as it was before the last change.
const KEPT: &str = ".before-pgsql-state";

/// Behind the name of the file that is to be.
const NEW: &str = ".new-pgsql-state";

/// Set-user-ID and the like, and who may do what.
const MODE: u32 = 0o7777;

/// A file that is to be replaced, held with its folder: whatever happens to the path meanwhile, what was read is what
/// is replaced.
///
/// Whoever owns the folder may put a link in the file's place, or in that of a folder above it. Root follows none:
/// it would read and write what the owner may not.
pub(super) struct Held {
    folder: OwnedFd,
    file: File,
    name: OsString,
    shown: PathBuf,
}

impl Held {
    /// Opens the file, which must be there.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if geteuid().is_root() {
            Self::without_links(path)
        } else {
            // A link stays one; what it leads to is this user's own affair.
            Self::without_links(&fs::canonicalize(path)?)
        }
    }

    /// Walks down one folder at a time, and follows no link.
    fn without_links(path: &Path) -> io::Result<Self> {
        let name = path
            .file_name()
            .ok_or_else(|| io::Error::other("it is not the path of a file"))?;
        let step = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let begin = if path.is_absolute() { "/" } else { "." };
        let mut folder = openat(CWD, begin, step, Mode::empty())?;
        for part in path.parent().into_iter().flat_map(Path::components) {
            match part {
                Component::Normal(_) | Component::ParentDir => {
                    let next = openat(&folder, part.as_os_str(), step, Mode::empty());
                    folder = next.map_err(|error| Self::no_link(path, error))?;
                }
                Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            }
        }
        // A folder that is only passed through cannot be synchronised.
        let open = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = openat(&folder, ".", open, Mode::empty())?;
        let file = regular_file::open_in(&folder, name).map_err(|error| {
            if error.kind() == ErrorKind::InvalidInput {
                Self::no_link(path, Errno::LOOP)
            } else {
                error
            }
        })?;
        Ok(Self {
            folder,
            file,
            name: name.to_owned(),
            shown: path.to_owned(),
        })
    }

    fn no_link(path: &Path, error: Errno) -> io::Error {
        match error {
            Errno::LOOP | Errno::NOTDIR => {
                let really = fs::canonicalize(path);
                let really =
                    really.map_or_else(|_| "the file".into(), |path| path.display().to_string());
                io::Error::other(format!(
                    "it is not a regular file, or a link leads to it, and root follows none: run this as the \
                     file's owner, or name {really} itself"
                ))
            }
            other => other.into(),
        }
    }

    /// What is in it; an error where that is more than `most` bytes.
    pub(super) fn read(&self, most: u64) -> io::Result<Vec<u8>> {
        regular_file::contents(&self.file, most)
    }

    /// Puts `new` where `old` was, with the owner and the mode that the file has, and returns where `old` is kept.
    /// Whoever opens the file meanwhile, or after a crash, finds the one or the other. A file that is no longer the
    /// one that was read is left alone.
    pub(super) fn replace(&self, old: &[u8], new: &[u8]) -> io::Result<PathBuf> {
        let metadata = self.file.metadata()?;
        self.is_still(&metadata)?;
        let kept = with(&self.name, KEPT);
        self.put(&kept, old, &metadata, || Ok(()))?;
        self.put(&self.name, new, &metadata, || self.is_still(&metadata))?;
        Ok(self.shown.with_file_name(kept))
    }

    /// Whether the name still means what was read.
    fn is_still(&self, read: &Metadata) -> io::Result<()> {
        let found = statat(&self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW)?;
        if (found.st_dev, found.st_ino) == (read.dev(), read.ino()) {
            return Ok(());
        }
        Err(io::Error::other(
            "somebody else has replaced it meanwhile; look at it, and run this again",
        ))
    }

    fn put(
        &self,
        name: &OsStr,
        content: &[u8],
        like: &Metadata,
        may_be_renamed: impl Fn() -> io::Result<()>,
    ) -> io::Result<()> {
        let new = with(&self.name, NEW);
        let write_to = |file: &mut File| {
            file.write_all(content)?;
            fchown(&*file, Some(like.uid()), Some(like.gid()))?;
            file.set_permissions(Permissions::from_mode(like.mode() & MODE))
        };
        regular_file::put(&self.folder, name, &new, write_to, may_be_renamed)
    }
}

fn with(name: &OsStr, end: &str) -> OsString {
    let mut name = name.to_owned();
    name.push(end);
    name
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::base::regular_file::traps;

    #[test]
    fn owner_and_mode_stay_and_the_old_content_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        let before = fs::metadata(&file).unwrap();
        let kept = Held::open(&file).unwrap().replace(b"old", b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::read(&kept).unwrap(), b"old");
        for path in [&file, &kept] {
            let after = fs::metadata(path).unwrap();
            assert_eq!(after.mode(), before.mode());
            assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_file_that_is_not_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Held::open(&folder.path().join("file")).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn no_link_is_followed_and_nothing_else_than_a_regular_file_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::create_dir(&real).unwrap();
        fs::write(real.join("file"), "old").unwrap();
        symlink("real", &link).unwrap();
        symlink("real/file", folder.path().join("file")).unwrap();
        for path in [link.join("file"), folder.path().join("file")] {
            let error = Held::without_links(&path).err().unwrap().to_string();
            assert!(error.contains("real/file itself"), "{error}");
        }
        let trap = folder.path().join("trap");
        traps::each(&trap, |what| {
            let outcome = Held::without_links(&trap).and_then(|held| held.read(64));
            assert!(outcome.is_err(), "{what}");
        });
    }

    /// The folder is the server user's, who waits for the moment between the reading and the replacing.
    #[test]
    fn a_file_that_is_swapped_for_a_link_meanwhile_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (file, target) = (folder.path().join("file"), folder.path().join("target"));
        fs::write(&file, "old").unwrap();
        fs::write(&target, "root's").unwrap();
        let held = Held::open(&file).unwrap();
        let old = held.read(64).unwrap();
        fs::remove_file(&file).unwrap();
        symlink("target", &file).unwrap();
        let error = held.replace(&old, b"new").unwrap_err().to_string();
        assert!(error.contains("somebody else has replaced it"), "{error}");
        assert_eq!(fs::read(&target).unwrap(), b"root's");
        assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_folder_that_is_swapped_for_a_link_meanwhile_is_the_one_that_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let (data, other) = (folder.path().join("data"), folder.path().join("other"));
        for folder in [&data, &other] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("file"), "old").unwrap();
        }
        let held = Held::open(&data.join("file")).unwrap();
        fs::rename(&data, folder.path().join("moved")).unwrap();
        symlink("other", &data).unwrap();
        held.replace(b"old", b"new").unwrap();
        assert_eq!(fs::read(other.join("file")).unwrap(), b"old");
        assert_eq!(fs::read(folder.path().join("moved/file")).unwrap(), b"new");
    }
}
