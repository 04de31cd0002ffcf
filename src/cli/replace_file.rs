//! Replaces a file of another program atomically, preserves owner, mode and access control list, and keeps a copy of the
//! old file; does not know the contents.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, XattrFlags, fgetxattr, fremovexattr, fsetxattr, statat};
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::base::{folder, regular_file};

/// Suffix of the copy of the file before the last change.
const KEPT: &str = ".before-pgsql-state";

/// Suffix of the temporary file.
const NEW: &str = ".new-pgsql-state";

const LINK: &str = "a symbolic link leads to it, which is not followed as root; run this as the file's owner, as in \
                    runuser -u postgres -- pgsql-state ...";

const NO_FILE: &str = "it is not a regular file";

/// The permission bits, with set-user-ID, set-group-ID and sticky bit.
const MODE: u32 = 0o7777;

/// The extended attributes that hold an access control list (acl(5), xattr(7)) and the label of `SELinux`.
const LIST: &str = "system.posix_acl_access";
const LABEL: &str = "security.selinux";

/// Most bytes of an extended attribute (`XATTR_SIZE_MAX`).
const MOST_OF_ATTRIBUTE: usize = 64 << 10;

/// A file that is to be replaced, held open with its folder: even if the path changes in the meantime, the file that was
/// read is the one that is replaced.
///
/// The owner of the folder may replace the file, or a folder above it, with a symbolic link. As root no link is followed:
/// otherwise the owner could have files read and written that the owner may not access.
pub(super) struct Held {
    folder: OwnedFd,
    file: File,
    name: OsString,
    shown: PathBuf,
}

impl Held {
    /// Opens the file, which must exist.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if geteuid().is_root() {
            Self::without_links(path)
        } else {
            // A link remains a link, and its target is replaced; this user has no more rights than the user itself.
            Self::without_links(&fs::canonicalize(path)?)
        }
    }

    /// Opens one folder of the path after the other, and follows no link.
    fn without_links(path: &Path) -> io::Result<Self> {
        let (folder, name) = folder::of_file_without_links(path).map_err(Self::no_link)?;
        let file = regular_file::open_in(&folder, name).map_err(|error| {
            if error.kind() == ErrorKind::InvalidInput {
                Self::no_file(&folder, name)
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

    /// Why a name of a folder leads to no regular file. Where a link leads is not said: its owner decides that, and root
    /// should not be led there.
    fn no_file(folder: &OwnedFd, name: &OsStr) -> io::Error {
        let is_link = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
            .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode).is_symlink());
        io::Error::other(if is_link { LINK } else { NO_FILE })
    }

    fn no_link(error: io::Error) -> io::Error {
        match Errno::from_io_error(&error) {
            Some(Errno::LOOP | Errno::NOTDIR) => io::Error::other(LINK),
            Some(_) | None => error,
        }
    }

    /// Reads the file; fails if it has more than `most` bytes.
    pub(super) fn read(&self, most: u64) -> io::Result<Vec<u8>> {
        regular_file::contents(&self.file, most)
    }

    /// Replaces the content `old` with `new`, with the same owner, mode and access control list, and returns the path of the copy of `old`.
    /// A concurrent reader, and one after a crash, finds either the old file or the new one. Fails if the path no longer
    /// leads to the file that was read.
    pub(super) fn replace(&self, old: &[u8], new: &[u8]) -> io::Result<PathBuf> {
        let metadata = self.file.metadata()?;
        self.is_still(&metadata)?;
        if metadata.nlink() > 1 {
            return Err(io::Error::other(
                "it has several hard links, and the others would keep the old content; leave one of them",
            ));
        }
        let kept = with(&self.name, KEPT);
        self.put(&kept, old, &metadata, || Ok(()))?;
        self.put(&self.name, new, &metadata, || self.is_still(&metadata))?;
        Ok(self.shown.with_file_name(kept))
    }

    /// Fails if the name no longer leads to the file that was read.
    fn is_still(&self, read: &Metadata) -> io::Result<()> {
        let found = statat(&self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW)?;
        if (found.st_dev, found.st_ino) == (read.dev(), read.ino()) {
            return Ok(());
        }
        Err(io::Error::other(
            "another program has replaced it in the meantime; examine it, and run this command again",
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
            file.set_permissions(Permissions::from_mode(like.mode() & MODE))?;
            // After the mode, whose bits for the group are the mask of the list.
            self.copy_attribute(LIST, file)?;
            self.copy_attribute(LABEL, file)
        };
        regular_file::put(&self.folder, name, &new, write_to, may_be_renamed)
    }
}

impl Held {
    /// Gives an attribute of the file to its successor, which may have got the default one of its folder.
    fn copy_attribute(&self, name: &str, to: &File) -> io::Result<()> {
        let mut value = vec![0; MOST_OF_ATTRIBUTE];
        let copied = match fgetxattr(&self.file, name, &mut value[..]) {
            Ok(length) => {
                value.truncate(length);
                fsetxattr(to, name, &value, XattrFlags::empty())
            }
            Err(Errno::NODATA) => match fremovexattr(to, name) {
                Err(Errno::NODATA) => Ok(()),
                removed => removed,
            },
            // The file system has none.
            Err(Errno::NOTSUP) => Ok(()),
            Err(error) => Err(error),
        };
        copied.map_err(io::Error::from)
    }
}

fn with(name: &OsStr, end: &str) -> OsString {
    let mut name = name.to_owned();
    name.push(end);
    name
}

#[cfg(test)]
mod tests;
