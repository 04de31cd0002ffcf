//! Determines who owns a data directory, and whether anybody but root and the owner decides where its path leads. Follows no
//! link without having looked whose it is. Knows no user's name.
//!
//! Otherwise a user to whom a directory on the path belongs could lead it to a directory of another user, and would have the
//! agent act as that one.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fmt;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat, stat};
use rustix::io::Errno;
use rustix::process::{Gid, Uid};

/// How many links are followed, as by the kernel (`MAXSYMLINKS` in `include/linux/namei.h`).
const MOST_LINKS: usize = 40;

/// A directory that belongs to a user, and to which only that user and root lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OwnedDirectory {
    path: PathBuf,
    pub(super) uid: Uid,
    pub(super) gid: Gid,
    identity: (u64, u64),
}

impl OwnedDirectory {
    /// Returns whether its path still leads to it.
    pub(super) fn is_there(&self) -> bool {
        stat(&self.path).is_ok_and(|found| identity(&found) == self.identity)
    }
}

/// Another user than the owner decides where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Foreign {
    /// To whom the directory belongs.
    pub(super) owner: Uid,
    /// To whom a directory or a link on the way belongs.
    pub(super) other: Uid,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (owner, other) = (self.owner.as_raw(), self.other.as_raw());
        write!(
            f,
            "it belongs to user {owner}, and user {other} can have it lead to any directory"
        )
    }
}

/// Returns the directory at an absolute path; `None` if there is none that can be reached.
pub(super) fn of(path: &Path) -> Result<Option<OwnedDirectory>, Foreign> {
    let Ok((found, on_the_way)) = walk(path) else {
        return Ok(None);
    };
    if FileType::from_raw_mode(found.st_mode) != FileType::Directory {
        return Ok(None);
    }
    let owner = Uid::from_raw(found.st_uid);
    let is_foreign = |user: &&Uid| !user.is_root() && **user != owner;
    match on_the_way.iter().find(is_foreign) {
        Some(other) => Err(Foreign {
            owner,
            other: *other,
        }),
        None => Ok(Some(OwnedDirectory {
            path: path.to_owned(),
            uid: owner,
            gid: Gid::from_raw(found.st_gid),
            identity: identity(&found),
        })),
    }
}

#[expect(
    clippy::unnecessary_cast,
    clippy::as_conversions,
    reason = "the types of these fields depend on the architecture"
)]
fn identity(found: &Stat) -> (u64, u64) {
    (found.st_dev as u64, found.st_ino as u64)
}

/// Returns what a path leads to, and the owners of the directories and links on the way.
fn walk(path: &Path) -> Result<(Stat, Vec<Uid>), Errno> {
    let root = || openat(CWD, "/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty());
    let mut here: OwnedFd = root()?;
    let mut found = fstat(&here)?;
    let mut owners = Vec::new();
    let mut left = names(path);
    let mut links = 0_usize;
    while let Some(name) = left.pop_front() {
        if name == "/" {
            here = root()?;
            found = fstat(&here)?;
            continue;
        }
        // The directory that has the name, which may be the last one that was found.
        owners.push(Uid::from_raw(fstat(&here)?.st_uid));
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let next = openat(&here, &name, flags, Mode::empty())?;
        found = fstat(&next)?;
        if FileType::from_raw_mode(found.st_mode) != FileType::Symlink {
            here = next;
            continue;
        }
        links = links.saturating_add(1);
        if links > MOST_LINKS {
            return Err(Errno::LOOP);
        }
        owners.push(Uid::from_raw(found.st_uid));
        let to = readlinkat(&next, "", Vec::new())?;
        let to = PathBuf::from(OsString::from_vec(to.into_bytes()));
        for name in names(&to).into_iter().rev() {
            left.push_front(name);
        }
    }
    Ok((found, owners))
}

/// Returns the names in a path; the first is `/` if it is absolute.
fn names(path: &Path) -> VecDeque<OsString> {
    let components = path.components();
    let names = components.filter(|one| *one != Component::CurDir);
    names.map(|one| one.as_os_str().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{chown, lchown, symlink};

    use super::*;

    const OWNER: u32 = 34;
    const OTHER: u32 = 33;

    fn is_root() -> bool {
        rustix::process::geteuid().is_root()
    }

    /// Creates a directory of a user.
    fn directory(path: &Path, user: u32) {
        fs::create_dir(path).unwrap();
        chown(path, Some(user), Some(user)).unwrap();
    }

    fn owner(path: &Path) -> Result<Option<u32>, Foreign> {
        of(path).map(|found| found.map(|found| found.uid.as_raw()))
    }

    fn foreign() -> Result<Option<u32>, Foreign> {
        Err(Foreign {
            owner: Uid::from_raw(OWNER),
            other: Uid::from_raw(OTHER),
        })
    }

    #[test]
    fn only_root_and_the_owner_lead_to_a_directory() {
        if !is_root() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        directory(&path("own"), OWNER);
        directory(&path("own/data"), OWNER);
        assert_eq!(owner(&path("own/data")), Ok(Some(OWNER)));
        assert_eq!(owner(&path("own/../own/data/.")), Ok(Some(OWNER)));
        directory(&path("others"), OTHER);
        directory(&path("others/data"), OWNER);
        assert_eq!(owner(&path("others/data")), foreign());
        assert_eq!(owner(&path("none")), Ok(None));
        fs::write(path("file"), "").unwrap();
        assert_eq!(owner(&path("file")), Ok(None));
    }

    #[test]
    fn a_link_counts_like_a_directory_on_the_way() {
        if !is_root() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        directory(&path("data"), OWNER);
        directory(&path("others"), OTHER);
        for (to, user, expected) in [
            (path("data"), 0, Ok(Some(OWNER))),
            (path("data"), OWNER, Ok(Some(OWNER))),
            (path("data"), OTHER, foreign()),
            ("data".into(), OWNER, Ok(Some(OWNER))),
            ("others/../data".into(), 0, foreign()),
            ("link".into(), 0, Ok(None)),
        ] {
            symlink(&to, path("link")).unwrap();
            lchown(path("link"), Some(user), None).unwrap();
            assert_eq!(owner(&path("link")), expected, "{}, {user}", to.display());
            fs::remove_file(path("link")).unwrap();
        }
    }

    #[test]
    fn another_directory_at_the_path_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        fs::create_dir(&path).unwrap();
        let found = of(&path).unwrap().unwrap();
        assert!(found.is_there());
        fs::rename(&path, folder.path().join("old")).unwrap();
        assert!(!found.is_there());
        fs::create_dir(&path).unwrap();
        assert!(!found.is_there());
    }
}
