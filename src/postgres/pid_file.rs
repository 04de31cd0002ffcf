//! The text of `postmaster.pid`, in which a postmaster tells who it is and how it does (`src/include/utils/pidfile.h`).
//! Knows no process.

use std::io;
use std::path::{Path, PathBuf};

use crate::base::regular_file;
use crate::health::PostmasterStatus;

/// So much is read: the file has a path in each of two lines, and some numbers.
const MOST: u64 = 16 << 10;

/// The text of such a file, which whoever owns the directory may have replaced by anything.
pub fn read(path: &Path) -> io::Result<String> {
    regular_file::read_text(path, MOST)
}

/// What a postmaster wrote of itself. While it starts the file has fewer lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PidFile {
    /// Its number. A single-user server writes it negative; here it is not.
    pub pid: i32,
    /// When it started, in seconds of Unix time.
    pub started: Option<i64>,
    /// Its port.
    pub port: Option<u16>,
    /// The directory of the first of its Unix sockets.
    pub socket_directory: Option<PathBuf>,
    /// The first address that it listens at; `*` for all.
    pub listen_address: Option<String>,
    /// How it does.
    pub status: Option<PostmasterStatus>,
}

impl PidFile {
    /// Reads the file's text; none where it does not begin with a process's number.
    pub fn parse(text: &str) -> Option<Self> {
        let line = |number: usize| {
            let line = text.lines().nth(number.saturating_sub(1));
            line.map(str::trim_end).filter(|line| !line.is_empty())
        };
        let pid: i32 = line(1)?.trim_start().parse().ok()?;
        Some(Self {
            pid: pid.checked_abs().filter(|pid| *pid != 0)?,
            started: line(3).and_then(|line| line.trim_start().parse().ok()),
            port: line(4).and_then(|line| line.parse().ok()),
            socket_directory: line(5).map(PathBuf::from),
            listen_address: line(6).map(str::to_owned),
            status: line(8).and_then(status),
        })
    }
}

fn status(word: &str) -> Option<PostmasterStatus> {
    match word {
        "starting" => Some(PostmasterStatus::Starting),
        "stopping" => Some(PostmasterStatus::Stopping),
        "ready" => Some(PostmasterStatus::Ready),
        "standby" => Some(PostmasterStatus::Standby),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(status: &str) -> String {
        format!(
            "7\n/var/lib/data\n1763774400\n5434\n/run/postgresql\nlocalhost\n  541 3\n{status}\n"
        )
    }

    #[test]
    fn what_is_in_its_place_is_neither_waited_for_nor_read_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("postmaster.pid");
        regular_file::traps::each(&path, |trap| assert!(read(&path).is_err(), "{trap}"));
    }

    #[test]
    fn every_line_is_read() {
        assert_eq!(
            PidFile::parse(&file("ready   ")),
            Some(PidFile {
                pid: 7,
                started: Some(1_763_774_400),
                port: Some(5434),
                socket_directory: Some("/run/postgresql".into()),
                listen_address: Some("localhost".into()),
                status: Some(PostmasterStatus::Ready),
            })
        );
    }

    #[test]
    fn the_status_is_the_eighth_line() {
        for (word, expected) in [
            ("starting", Some(PostmasterStatus::Starting)),
            ("stopping", Some(PostmasterStatus::Stopping)),
            ("standby ", Some(PostmasterStatus::Standby)),
            ("dancing", None),
        ] {
            let read = PidFile::parse(&file(word)).unwrap();
            assert_eq!(read.status, expected, "{word}");
        }
    }

    #[test]
    fn a_short_file_tells_what_it_has() {
        let starting = PidFile::parse("7\n/var/lib/data\n1763774400\n5434\n\n").unwrap();
        assert_eq!((starting.port, starting.status), (Some(5434), None));
        assert_eq!(starting.socket_directory, None);
        assert_eq!(PidFile::parse("-7\n/var/lib/data\n").unwrap().pid, 7);
        for wrong in ["", "\n", "0\n", "x\n", "-2147483648\n"] {
            assert_eq!(PidFile::parse(wrong), None, "{wrong:?}");
        }
    }
}
