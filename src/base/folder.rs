//! Opens the folder of a file, one step of its path after the other. Does not know the file.
//!
//! Who owns a folder on the way may put a symbolic link into it. Root follows a link only where nobody but root can have
//! put it; otherwise that user would have root write or remove a file where the user may not.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, fchmod, fstat, mkdirat, openat, readlinkat, statat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

/// The most links of a path, as in Linux (`path_resolution(7)`).
const MOST_LINKS: u8 = 40;

/// The mode of a folder that is created.
const OPEN_TO_READ: u32 = 0o755;

/// The modes by which others than the owner may put something into a folder, and by which nobody but its owner may
/// replace it then.
const OTHERS_WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// Whether users other than its owner may replace files in a folder of this mode. Where it is sticky, only those of their own.
#[must_use]
pub fn is_open_to_others(mode: u32) -> bool {
    mode & OTHERS_WRITE != 0 && mode & STICKY == 0
}

/// What becomes of folders of the path that do not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingFolders {
    /// It is an error.
    Fail,
    /// They are created, and others may read them whatever the umask is.
    AreCreated,
}

/// Which links are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Links {
    All,
    OfRoot,
    None,
}

/// Opens the folder of a file, and returns it with the file's name.
pub fn of_file(path: &Path, missing: MissingFolders) -> io::Result<(OwnedFd, &OsStr)> {
    let links = if geteuid().is_root() {
        Links::OfRoot
    } else {
        Links::All
    };
    following(path, missing, links)
}

/// The same, but no link is followed: one on the way is the error `ELOOP`.
pub fn of_file_without_links(path: &Path) -> io::Result<(OwnedFd, &OsStr)> {
    following(path, MissingFolders::Fail, Links::None)
}

fn following(path: &Path, missing: MissingFolders, links: Links) -> io::Result<(OwnedFd, &OsStr)> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::other("the path does not name a file"))?;
    let mut walk = Walk {
        missing,
        links,
        left: MOST_LINKS,
    };
    let parent = path.parent().unwrap_or(Path::new(""));
    let folder = walk.enter(begin(parent, CWD)?, parent)?;
    // A folder that was opened with O_PATH cannot be synchronised.
    let open = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok((openat(&folder, ".", open, Mode::empty())?, name))
}

fn begin(path: &Path, current: impl AsFd) -> io::Result<OwnedFd> {
    let begin = if path.is_absolute() { "/" } else { "." };
    Ok(openat(current, begin, STEP, Mode::empty())?)
}

const STEP: OFlags = OFlags::PATH
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

struct Walk {
    missing: MissingFolders,
    links: Links,
    /// How many links may still be followed.
    left: u8,
}

impl Walk {
    fn enter(&mut self, mut folder: OwnedFd, path: &Path) -> io::Result<OwnedFd> {
        for part in path.components() {
            match part {
                Component::Normal(name) => folder = self.step(&folder, name)?,
                Component::ParentDir => folder = openat(&folder, "..", STEP, Mode::empty())?,
                Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            }
        }
        Ok(folder)
    }

    fn step(&mut self, folder: &OwnedFd, name: &OsStr) -> io::Result<OwnedFd> {
        match openat(folder, name, STEP, Mode::empty()) {
            Ok(next) => Ok(next),
            Err(Errno::NOENT) if self.missing == MissingFolders::AreCreated => {
                mkdirat(folder, name, Mode::from_raw_mode(OPEN_TO_READ))?;
                let open = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let new = openat(folder, name, open, Mode::empty())?;
                fchmod(&new, Mode::from_raw_mode(OPEN_TO_READ))?;
                Ok(new)
            }
            Err(error @ (Errno::NOTDIR | Errno::LOOP)) => {
                let found = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
                if FileType::from_raw_mode(found.st_mode) != FileType::Symlink {
                    return Err(error.into());
                }
                self.may_follow(folder, found.st_uid)?;
                self.left = self.left.checked_sub(1).ok_or(Errno::LOOP)?;
                let target = readlinkat(folder, name, Vec::new())?;
                let target = Path::new(OsStr::from_bytes(target.as_bytes()));
                self.enter(begin(target, folder)?, target)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Fails if a link of this owner in this folder may be the work of another user than root.
    fn may_follow(&self, folder: &OwnedFd, owner: u32) -> io::Result<()> {
        let stat = fstat(folder)?;
        let is_open = is_open_to_others(stat.st_mode);
        match self.links {
            Links::OfRoot if owner != 0 || stat.st_uid != 0 || is_open => Err(io::Error::other(
                "a symbolic link that another user may have put there is on the way, which is not followed as root",
            )),
            Links::OfRoot | Links::All => Ok(()),
            Links::None => Err(Errno::LOOP.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;

    fn is_found(path: &Path, links: Links) -> bool {
        following(path, MissingFolders::Fail, links).is_ok()
    }

    #[test]
    fn links_are_followed_as_by_the_kernel() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("real/deep")).unwrap();
        symlink("real", at("link")).unwrap();
        symlink(at("link"), at("absolute")).unwrap();
        symlink("self", at("self")).unwrap();
        for found in [
            "real/file",
            "link/file",
            "absolute/deep/file",
            "link/../real/file",
        ] {
            assert!(is_found(&at(found), Links::All), "{found}");
        }
        for lost in ["self/file", "absent/file", "real/absent/file"] {
            assert!(!is_found(&at(lost), Links::All), "{lost}");
        }
        fs::write(at("plain"), "").unwrap();
        assert!(!is_found(&at("plain/file"), Links::All));
        let file = at("link/file");
        let (_, name) = following(&file, MissingFolders::Fail, Links::All).unwrap();
        assert_eq!(name, "file");
    }

    #[test]
    fn missing_folders_are_created_for_others_to_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/file");
        assert!(of_file(&path, MissingFolders::Fail).is_err());
        of_file(&path, MissingFolders::AreCreated).unwrap();
        let mode = fs::metadata(folder.path().join("a/b"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o7777, OPEN_TO_READ);
    }

    /// Whoever runs the tests owns the folder; as root it is given to another user.
    #[test]
    fn a_link_that_another_user_may_have_put_there_is_not_followed_as_root() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("real")).unwrap();
        symlink("real", at("link")).unwrap();
        let (as_root, file) = (geteuid().is_root(), at("link/file"));
        assert_eq!(is_found(&file, Links::OfRoot), as_root);
        if as_root {
            fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
            assert!(!is_found(&file, Links::OfRoot));
            fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
            assert!(is_found(&file, Links::OfRoot));
            chown(folder.path(), Some(65_534), None).unwrap();
            assert!(!is_found(&file, Links::OfRoot));
        }
        assert!(is_found(&at("real/file"), Links::OfRoot));
        assert!(is_found(&file, Links::All));
    }
}
