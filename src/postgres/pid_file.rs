//! Reads `postmaster.pid`, in which a postmaster writes its process ID, addresses and status
//! (`src/include/utils/pidfile.h`).

use std::io;
use std::path::{Path, PathBuf};

use crate::base::regular_file;
use crate::health::PostmasterStatus;

/// Most bytes of the file, which has a path in each of two lines, and some numbers.
const MOST: u64 = 16 << 10;

/// Reads the text of such a file, which the owner of the directory may have replaced by anything.
pub fn read(path: &Path) -> io::Result<String> {
    regular_file::read_text(path, MOST)
}

/// The content of the file. While a postmaster starts, the file has fewer lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PidFile {
    /// The process ID. A single-user server writes it negative; here it is positive.
    pub pid: i32,
    /// The data directory.
    pub data_directory: Option<PathBuf>,
    /// When it started, in seconds of Unix time.
    pub started: Option<i64>,
    /// Its port.
    pub port: Option<u16>,
    /// The directory of the first of its Unix sockets.
    pub socket_directory: Option<PathBuf>,
    /// The first address at which it listens; `*` for all.
    pub listen_address: Option<String>,
    /// The postmaster's status.
    pub status: Option<PostmasterStatus>,
}

impl PidFile {
    /// Reads the file's text; returns `None` if it does not begin with a process ID.
    pub fn parse(text: &str) -> Option<Self> {
        let line = |number: usize| {
            let line = text.lines().nth(number.saturating_sub(1));
            line.map(str::trim_end).filter(|line| !line.is_empty())
        };
        let pid: i32 = line(1)?.trim_start().parse().ok()?;
        Some(Self {
            pid: pid.checked_abs().filter(|pid| *pid != 0)?,
            data_directory: line(2).map(PathBuf::from),
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
    fn a_fifo_is_not_waited_for_and_a_large_file_is_not_read() {
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
                data_directory: Some("/var/lib/data".into()),
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
    fn a_short_file_is_read_as_far_as_it_goes() {
        let starting = PidFile::parse("7\n/var/lib/data\n1763774400\n5434\n\n").unwrap();
        assert_eq!((starting.port, starting.status), (Some(5434), None));
        assert_eq!(starting.socket_directory, None);
        assert_eq!(PidFile::parse("-7\n/var/lib/data\n").unwrap().pid, 7);
        for wrong in ["", "\n", "0\n", "x\n", "-2147483648\n"] {
            assert_eq!(PidFile::parse(wrong), None, "{wrong:?}");
        }
    }
}
