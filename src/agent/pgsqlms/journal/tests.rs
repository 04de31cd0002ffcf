use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;

use rustix::process::{Uid, geteuid};
use rustix::thread::set_thread_res_uid;
use tempfile::TempDir;
use tracing::subscriber::with_default;
use tracing::{debug, error, info, warn};

use super::*;

/// A folder with a syslog socket and two files.
struct Ears {
    folder: TempDir,
    syslog: UnixDatagram,
}

impl Ears {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let syslog = UnixDatagram::bind(folder.path().join("syslog")).unwrap();
        syslog.set_nonblocking(true).unwrap();
        fs::write(folder.path().join("debug"), "").unwrap();
        Self { folder, syslog }
    }

    fn journal(&self, stderr: Stderr, set: &[(&str, &str)]) -> Journal {
        let place = |value: &str| match value {
            "log" | "debug" => self.folder.path().join(value).display().to_string(),
            other => other.to_owned(),
        };
        let tag = ("HA_LOGTAG", "me");
        let set = set.iter().copied().chain([tag]);
        let variables = set
            .map(|(name, value)| (name.to_owned(), place(value)))
            .collect();
        let syslog = Syslog::at(&self.folder.path().join("syslog"));
        Journal::at(Places::of(&variables, 42), stderr, syslog, &variables)
    }

    /// The lines of a file without their dates, for which `HA_DATEFMT` is set to a word.
    fn lines(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The datagrams without their dates.
    fn datagrams(&self) -> Vec<String> {
        let mut datagrams = Vec::new();
        let mut buffer = [0; 1024];
        while let Ok(length) = self.syslog.recv(&mut buffer) {
            let datagram = String::from_utf8(buffer[..length].to_vec()).unwrap();
            let (number, rest) = datagram.split_once('>').unwrap();
            // As in `Nov  1 00:00:00 `.
            let (date, line) = rest.split_at_checked(16).unwrap();
            assert!(date.ends_with(' ') && date.contains(':'), "{rest}");
            datagrams.push(format!("{number}>{line}"));
        }
        datagrams
    }
}

fn speak(journal: &Journal) {
    with_default(tracing_subscriber::registry().with(journal.clone()), || {
        error!("it is\nbroken");
        warn!(node = "srv1", "it may be");
        info!("it is well");
        debug!("so many: {}", 3);
        info!(target: "somebody_else", "nobody's");
    });
}

const FIRST_THREE: [&str; 3] = [
    "me:\tTODAY ERROR: it is broken",
    "me:\tTODAY WARNING: it may be node=\"srv1\"",
    "me:\tTODAY INFO: it is well",
];

#[test]
fn every_line_goes_to_pacemakers_destinations() {
    let ears = Ears::new();
    let set = [
        ("HA_LOGFACILITY", "daemon"),
        ("HA_LOGFILE", "log"),
        ("HA_DATEFMT", "TODAY "),
    ];
    speak(&ears.journal(Stderr::Pipe, &set));
    assert_eq!(ears.lines("log"), FIRST_THREE);
    assert_eq!(
        ears.datagrams(),
        [
            "<27>me: ERROR: it is broken",
            "<28>me: WARNING: it may be node=\"srv1\"",
            "<30>me: INFO: it is well",
        ]
    );
}

#[test]
fn debugging_lines_are_written_only_on_request() {
    let ears = Ears::new();
    let set = [
        ("HA_LOGFACILITY", "daemon"),
        ("HA_DEBUGLOG", "debug"),
        ("HA_DATEFMT", "TODAY "),
        ("HA_debug", "1"),
    ];
    speak(&ears.journal(Stderr::Pipe, &set));
    let lines = ears.lines("debug");
    assert_eq!(lines[..3], FIRST_THREE);
    assert_eq!(lines[3..], ["me:\tTODAY DEBUG: so many: 3"]);
    assert_eq!(ears.datagrams()[3..], ["<31>me: DEBUG: so many: 3"]);
}

#[test]
fn a_file_that_is_log_and_debug_log_gets_each_line_once() {
    let ears = Ears::new();
    let set = [
        ("HA_LOGFILE", "log"),
        ("HA_DEBUGLOG", "log"),
        ("HA_DATEFMT", "TODAY "),
    ];
    speak(&ears.journal(Stderr::Pipe, &set));
    assert_eq!(ears.lines("log"), FIRST_THREE);
}

#[test]
fn on_a_terminal_no_other_destination_gets_lines() {
    let ears = Ears::new();
    let set = [("HA_LOGFACILITY", "daemon"), ("HA_LOGFILE", "log")];
    let journal = ears.journal(Stderr::Terminal, &set);
    speak(&journal);
    journal.exit_reason("it is broken");
    assert_eq!(ears.lines("log"), [""; 0]);
    assert_eq!(ears.datagrams(), [""; 0]);
}

#[test]
fn an_exit_reason_is_an_error_of_one_line() {
    let ears = Ears::new();
    let set = [("HA_LOGFILE", "log"), ("HA_DATEFMT", "TODAY ")];
    let journal = ears.journal(Stderr::Pipe, &set);
    journal.exit_reason("it is\r\nbroken\u{1b}[2J\n");
    assert_eq!(ears.lines("log"), ["me:\tTODAY ERROR: it is  broken [2J"]);
}

#[test]
fn an_invalid_date_format_is_replaced_by_the_default() {
    for format in [DATE, "%Q %", "%!"] {
        let date = date(format);
        assert_eq!(date.len(), "Nov 22 18:00:00 ".len(), "{date}");
    }
    assert_eq!(date("%Y-%m-%d").len(), 10);
}

/// The server's user has no permission to write to Pacemaker's destinations.
#[test]
fn events_as_another_user_are_logged_too() {
    if !geteuid().is_root() {
        return;
    }
    let ears = Ears::new();
    fs::set_permissions(ears.folder.path(), PermissionsExt::from_mode(0o700)).unwrap();
    let set = [("HA_LOGFILE", "log"), ("HA_DATEFMT", "TODAY ")];
    let journal = ears.journal(Stderr::Pipe, &set);
    let work = || {
        // For this thread alone (credentials(7)), as the agent does.
        let nobody = Uid::from_raw(65_534);
        set_thread_res_uid(nobody, nobody, nobody).unwrap();
        speak(&journal);
    };
    thread::scope(|scope| scope.spawn(work).join()).unwrap();
    assert_eq!(ears.lines("log"), FIRST_THREE);
}

#[test]
fn a_log_file_that_is_not_regular_is_not_opened() {
    let ears = Ears::new();
    let set = [("HA_LOGFILE", "log"), ("HA_DATEFMT", "TODAY ")];
    let journal = ears.journal(Stderr::Pipe, &set);
    let log = ears.folder.path().join("log");
    regular_file::traps::each(&log, |trap| {
        if trap != "sparse file of 1 GB" {
            speak(&journal);
        }
    });
    speak(&journal);
    assert_eq!(ears.lines("log"), FIRST_THREE);
}
