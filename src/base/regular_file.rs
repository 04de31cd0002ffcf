//! Reads and replaces files in folders that other users may write: regular files only, up to a size, without blocking. Does
//! not know their contents.
//!
//! Opening a FIFO would block, reading a device may never end, and opening a device can have side effects. So a path is first
//! opened without access to the file (`O_PATH` in open(2)), and through `/proc/self/fd` once it is known to be a regular file.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, fchmod, fsync, openat, renameat, unlinkat};
use rustix::io::Errno;

use super::folder::{self, MissingFolders};

/// Opens a file for reading; fails if it is not a regular file.
pub fn open(path: &Path) -> io::Result<File> {
    let held = openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    open_held(&held.into(), OFlags::RDONLY)
}

/// Opens the file `name` in a folder for reading; fails if it is not a regular file, or is a symbolic link.
pub fn open_in(folder: impl AsFd, name: &OsStr) -> io::Result<File> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let held = openat(folder, name, flags, Mode::empty())?;
    open_held(&held.into(), OFlags::RDONLY)
}

/// Opens a file for appending; fails if it does not exist or is not a regular file.
pub fn open_end(path: &Path) -> io::Result<File> {
    let held = openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    open_held(&held.into(), OFlags::WRONLY | OFlags::APPEND)
}

fn open_held(held: &File, access: OFlags) -> io::Result<File> {
    if !held.metadata()?.is_file() {
        let what = "it is not a regular file";
        return Err(io::Error::new(ErrorKind::InvalidInput, what));
    }
    let flags = access | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let path = format!("/proc/self/fd/{}", held.as_raw_fd());
    match openat(CWD, path, flags, Mode::empty()) {
        Ok(opened) => Ok(opened.into()),
        // The file exists, so the error must not be `NotFound`.
        Err(Errno::NOENT) => Err(io::Error::other("it cannot be opened without /proc")),
        Err(error) => Err(error.into()),
    }
}

/// Reads a file; fails if it has more than `most` bytes.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    contents(&open(path)?, most)
}

/// Reads a file as text; fails if it has more than `most` bytes, or is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let bytes = read(path, most)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

/// Reads an open file from its current position; fails if that is more than `most` bytes.
pub fn contents(file: &File, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut limited = file.take(most.saturating_add(1));
    limited.read_to_end(&mut bytes)?;
    if limited.limit() == 0 {
        return Err(io::Error::new(
            ErrorKind::FileTooLarge,
            format!("it is larger than {most} bytes"),
        ));
    }
    Ok(bytes)
}

/// Suffix of the temporary file.
const NEW: &str = ".pgsql-state-new";

/// Replaces the content of a file atomically: a concurrent reader, and one after a power failure, finds either the old
/// content or the new one. A symbolic link in its place is replaced, not followed; for those on the way see
/// [`folder::of_file`].
pub fn replace(path: &Path, content: &[u8], mode: u32, missing: MissingFolders) -> io::Result<()> {
    let (folder, name) = folder::of_file(path, missing)?;
    let mut new = name.to_owned();
    new.push(NEW);
    let write_to = |file: &mut File| {
        // Independent of the umask.
        fchmod(&*file, Mode::from_raw_mode(mode))?;
        file.write_all(content)
    };
    put(&folder, name, &new, write_to, || Ok(()))
}

/// Removes a file; a symbolic link in its place is removed, not followed.
pub fn remove(path: &Path) -> io::Result<()> {
    let (folder, name) = folder::of_file(path, MissingFolders::Fail)?;
    Ok(unlinkat(folder, name, AtFlags::empty())?)
}

/// Replaces the file `name` in a folder once the new one is written and synchronised to disk, if `may_be_renamed` then
/// succeeds. A concurrent reader, and one after a crash, finds either the old file or the whole new one. Until then the new
/// file is called `new`; what an interrupted attempt has left under that name is removed, never followed.
pub fn put(
    folder: &OwnedFd,
    name: &OsStr,
    new: &OsStr,
    write_to: impl FnOnce(&mut File) -> io::Result<()>,
    may_be_renamed: impl FnOnce() -> io::Result<()>,
) -> io::Result<()> {
    match unlinkat(folder, new, AtFlags::empty()) {
        Err(error) if error != Errno::NOENT => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    let write = || {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(folder, new, flags, Mode::RUSR | Mode::WUSR)?);
        write_to(&mut file)?;
        file.sync_all()?;
        may_be_renamed()?;
        Ok(renameat(folder, new, folder, name)?)
    };
    if let Err(error) = write() {
        // The first error is reported; removing the temporary file may fail as well.
        unlinkat(folder, new, AtFlags::empty()).ok();
        return Err(error);
    }
    Ok(fsync(folder)?)
}

/// Objects that another user may put in the place of a file: a FIFO, a link to an endless device, a folder, a sparse file
/// of 1 GB.
#[cfg(test)]
pub(crate) mod traps {
    use std::fs;
    use std::os::unix::fs::symlink;

    use rustix::fs::{FileType, mknodat};

    use super::{CWD, File, Mode, Path};

    /// Creates each at `path` in turn, and calls `look`.
    pub(crate) fn each(path: &Path, mut look: impl FnMut(&str)) {
        let mut traps: [(&str, &dyn Fn()); 4] = [
            ("FIFO", &|| {
                mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
            }),
            ("link to /dev/zero", &|| symlink("/dev/zero", path).unwrap()),
            ("folder", &|| fs::create_dir(path).unwrap()),
            ("sparse file of 1 GB", &|| {
                File::create(path).unwrap().set_len(1 << 30).unwrap();
            }),
        ];
        for (name, put) in &mut traps {
            put();
            look(name);
            // `look` may have removed it.
            fs::remove_file(path).or_else(|_| fs::remove_dir(path)).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn nothing_but_a_regular_file_of_bounded_size_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        traps::each(&path, |trap| assert!(read(&path, 64).is_err(), "{trap}"));
        assert_eq!(read(&path, 64).unwrap_err().kind(), ErrorKind::NotFound);
        fs::write(&path, "text").unwrap();
        let link = folder.path().join("link");
        symlink("file", &link).unwrap();
        assert_eq!(read_text(&link, 4).unwrap(), "text");
        assert_eq!(read(&path, 3).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
