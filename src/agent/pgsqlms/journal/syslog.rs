//! Sends lines to syslog: one datagram for each, as the C library's `syslog` does (RFC 3164, section 4.1; the
//! receiver adds the host). The program `logger` would be a process for each line. Knows no line.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The format of a datagram's date.
pub(super) const DATE: &str = "%b %e %T";

/// Longest wait for a receiver that does not accept lines.
const PATIENCE: Duration = Duration::from_millis(500);

/// The priority of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Priority {
    /// Something is wrong.
    Error,
    /// Something may be wrong.
    Warning,
    /// Information.
    Info,
    /// Information for debugging.
    Debug,
}

impl Priority {
    /// Returns the word in OCF's log format.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Error => 3,
            Self::Warning => 4,
            Self::Info => 6,
            Self::Debug => 7,
        }
    }
}

/// A syslog facility, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facility(u8);

/// The names that `logger` knows, with their numbers, without `local0` to `local7`.
const FACILITIES: [(&str, u8); 13] = [
    ("kern", 0),
    ("user", 1),
    ("mail", 2),
    ("daemon", 3),
    ("auth", 4),
    ("security", 4),
    ("syslog", 5),
    ("lpr", 6),
    ("news", 7),
    ("uucp", 8),
    ("cron", 9),
    ("authpriv", 10),
    ("ftp", 11),
];

impl Facility {
    /// Returns the facility with this name; `None` for `none` and an empty name. An unknown name means `daemon`, as for
    /// Pacemaker's own lines.
    pub(super) fn named(name: &str) -> Option<Self> {
        if ["", "none"].contains(&name) {
            return None;
        }
        let local = name
            .strip_prefix("local")
            .and_then(|rest| rest.parse().ok());
        let local = local
            .filter(|number| *number <= 7)
            .map(|number: u8| 16 + number);
        let mut known = FACILITIES.iter();
        let known = known
            .find(|(one, _)| *one == name)
            .map(|(_, number)| *number);
        Some(Self(known.or(local).unwrap_or(3)))
    }
}

/// The receiver of the system's log lines.
#[derive(Clone, Debug)]
pub(super) struct Syslog(PathBuf);

impl Syslog {
    /// Returns the socket to which all programs send.
    pub(super) fn local() -> Self {
        Self::at(Path::new("/dev/log"))
    }

    pub(super) fn at(socket: &Path) -> Self {
        Self(socket.to_owned())
    }

    /// Sends a line, if the receiver accepts it.
    pub(super) fn send(&self, facility: Facility, priority: Priority, line: &str) {
        let number = facility.0 * 8 + priority.number();
        self.try_send(&format!("<{number}>{line}")).ok();
    }

    fn try_send(&self, datagram: &str) -> io::Result<()> {
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(PATIENCE))?;
        socket.send_to(datagram.as_bytes(), &self.0)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facilities_have_the_numbers_of_the_rfc() {
        for (name, number) in [
            ("kern", Some(0)),
            ("daemon", Some(3)),
            ("authpriv", Some(10)),
            ("local0", Some(16)),
            ("local7", Some(23)),
            ("local8", Some(3)),
            ("whatever", Some(3)),
            ("none", None),
            ("", None),
        ] {
            assert_eq!(Facility::named(name), number.map(Facility), "{name}");
        }
    }

    #[test]
    fn a_line_is_a_datagram() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let listener = UnixDatagram::bind(&path).unwrap();
        Syslog::at(&path).send(Facility(3), Priority::Warning, "Nov  1 00:00:00 me: said");
        let mut datagram = [0; 64];
        let length = listener.recv(&mut datagram).unwrap();
        assert_eq!(&datagram[..length], b"<28>Nov  1 00:00:00 me: said");
    }

    #[test]
    fn a_missing_receiver_is_ignored() {
        Syslog::at(Path::new("/nowhere/log")).send(Facility(3), Priority::Info, "said");
    }
}
