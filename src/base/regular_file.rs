//! Reads and replaces files in folders that others may write: regular files only, up to a size, without waiting. Knows
//! nothing of what is in them.
//!
//! A FIFO would be waited for, a device may never end, and opening one can have an effect. So a path is first held
//! without being opened (`O_PATH` in open(2)), and opened through `/proc/self/fd` once it is known to be a regular file.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, fchmod, fsync, openat, renameat, unlinkat};
use rustix::io::Errno;

/// Opens it for reading; an error where it is anything else than a regular file.
pub fn open(path: &Path) -> io::Result<File> {
    let held = openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    open_held(&held.into(), OFlags::RDONLY)
}

/// The same by its name in a folder, where a link is anything else.
pub fn open_in(folder: impl AsFd, name: &OsStr) -> io::Result<File> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let held = openat(folder, name, flags, Mode::empty())?;
    open_held(&held.into(), OFlags::RDONLY)
}

/// Opens it for writing at its end; an error where it is not there, or anything else than a regular file.
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
        // The file is there; nobody may take it for missing.
        Err(Errno::NOENT) => Err(io::Error::other("it cannot be opened without /proc")),
        Err(error) => Err(error.into()),
    }
}

/// Its bytes; an error where there are more than `most`.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    contents(&open(path)?, most)
}

/// Its text; an error where it is longer than `most` bytes, or no text.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let bytes = read(path, most)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

/// What an open file holds from where it stands; an error where that is more than `most` bytes.
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

/// Behind the name of a file that is to be.
const NEW: &str = ".pgsql-state-new";

/// Gives a file its content so that it is there whole or not at all, whenever somebody reads it or the power fails. A link in
/// its place is replaced and not followed.
pub fn replace(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::other("it is not the path of a file"))?;
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = openat(CWD, folder, flags, Mode::empty())?;
    let mut new = name.to_owned();
    new.push(NEW);
    let write_to = |file: &mut File| {
        // Whatever mode new files get here.
        fchmod(&*file, Mode::from_raw_mode(mode))?;
        file.write_all(content)
    };
    put(&folder, name, &new, write_to, || Ok(()))
}

/// Puts a file in a name's place in a folder, once it is written and on the disk, and if it may still be: whoever opens the
/// name meanwhile, or after a crash, finds what was there or the whole new one. Until then it is called `new`; what an
/// interrupted attempt has left there is removed, never followed.
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
        // It is the first error that matters.
        unlinkat(folder, new, AtFlags::empty()).ok();
        return Err(error);
    }
    Ok(fsync(folder)?)
}

/// What somebody may put in a file's place: a FIFO, a link to an endless device, a folder, a gigabyte of nothing.
#[cfg(test)]
pub(crate) mod traps {
    use std::fs;
    use std::os::unix::fs::symlink;

    use rustix::fs::{FileType, mknodat};

    use super::{CWD, File, Mode, Path};

    /// Puts each there in turn, and has it looked at.
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
            // Whoever looked may have taken it away.
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
