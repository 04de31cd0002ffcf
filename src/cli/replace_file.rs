//! Replaces a file of another program atomically, preserves owner, mode and access control list, and keeps a copy of the
//! old file; does not know the contents.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Mode, OFlags, XattrFlags, fgetxattr, fremovexattr, fsetxattr, openat, statat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::base::regular_file;

/// Suffix of the copy of the file before the last change.
const KEPT: &str = ".before-pgsql-state";

/// Suffix of the temporary file.
const NEW: &str = ".new-pgsql-state";

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
        let name = path
            .file_name()
            .ok_or_else(|| io::Error::other("the path does not name a file"))?;
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
        // A folder that was opened with O_PATH cannot be synchronised.
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
                    "it is not a regular file, or a symbolic link leads to it, which is not followed as root: run this as \
                    the file's owner, or name {really} itself"
                ))
            }
            other => other.into(),
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
    fn the_access_control_list_stays_and_a_folders_default_is_not_taken() {
        // Version 2, then tag, permissions and ID of each entry: the owner, user 12345, the group, the mask and others
        // (`struct posix_acl_xattr_entry` in Linux's `include/uapi/linux/posix_acl_xattr.h`).
        const ENTRIES: [(u16, u16, u32); 5] = [
            (0x01, 6, u32::MAX),
            (0x02, 4, 12345),
            (0x04, 0, u32::MAX),
            (0x10, 4, u32::MAX),
            (0x20, 0, u32::MAX),
        ];
        let mut list = 2_u32.to_le_bytes().to_vec();
        for (tag, permissions, id) in ENTRIES {
            list.extend(tag.to_le_bytes());
            list.extend(permissions.to_le_bytes());
            list.extend(id.to_le_bytes());
        }
        let folder = tempfile::tempdir().unwrap();
        let [listed, plain] = ["listed", "plain"].map(|name| folder.path().join(name));
        for file in [&listed, &plain] {
            fs::write(file, "old").unwrap();
        }
        let set = |path: &Path, name: &str| {
            fsetxattr(File::open(path).unwrap(), name, &list, XattrFlags::empty()).unwrap();
        };
        set(&listed, LIST);
        set(folder.path(), "system.posix_acl_default");
        for (file, expected) in [(&listed, Ok(list.clone())), (&plain, Err(Errno::NODATA))] {
            let mode = fs::metadata(file).unwrap().mode();
            let kept = Held::open(file).unwrap().replace(b"old", b"new").unwrap();
            for path in [file, &kept] {
                let mut found = vec![0; MOST_OF_ATTRIBUTE];
                let length = fgetxattr(File::open(path).unwrap(), LIST, &mut found[..]);
                let found = length.map(|length| found[..length].to_vec());
                assert_eq!(found, expected, "{}", path.display());
                assert_eq!(
                    fs::metadata(path).unwrap().mode(),
                    mode,
                    "{}",
                    path.display()
                );
            }
        }
    }

    #[test]
    fn a_file_with_several_hard_links_is_left_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let [file, other] = ["file", "other"].map(|name| folder.path().join(name));
        fs::write(&file, "old").unwrap();
        fs::hard_link(&file, &other).unwrap();
        let error = Held::open(&file).unwrap().replace(b"old", b"new");
        assert!(
            error
                .unwrap_err()
                .to_string()
                .contains("several hard links")
        );
        assert_eq!(fs::read(&other).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_missing_file_is_not_created() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Held::open(&folder.path().join("file")).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn no_link_is_followed_and_only_a_regular_file_is_opened() {
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

    /// The folder belongs to the server's user, who may swap the file between reading and replacing.
    #[test]
    fn a_file_that_is_swapped_for_a_link_in_the_meantime_is_left_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let (file, target) = (folder.path().join("file"), folder.path().join("target"));
        fs::write(&file, "old").unwrap();
        fs::write(&target, "root's").unwrap();
        let held = Held::open(&file).unwrap();
        let old = held.read(64).unwrap();
        fs::remove_file(&file).unwrap();
        symlink("target", &file).unwrap();
        let error = held.replace(&old, b"new").unwrap_err().to_string();
        assert!(error.contains("another program has replaced it"), "{error}");
        assert_eq!(fs::read(&target).unwrap(), b"root's");
        assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn if_a_folder_is_swapped_for_a_link_in_the_meantime_the_original_file_is_replaced() {
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
