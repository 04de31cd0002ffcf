//! The same as `pg_waldump` tells it.

use std::path::Path;

use pgsql_state::health::Lsn;
use pgsql_state::postgres::wal::{Record, RecordKind};
use support::Postgres;
use support::scratch::Scratch;

/// A record as both tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dumped {
    at: Lsn,
    /// What matters here of its description.
    kind: String,
}

impl Dumped {
    pub(crate) fn of(record: &Record) -> Self {
        let kind = match record.kind {
            RecordKind::ShutdownCheckpoint(mark) => format!("shutdown {}", mark.timeline),
            RecordKind::OnlineCheckpoint(mark) => format!("online {}", mark.timeline),
            RecordKind::EndOfRecovery(mark, time) => {
                // Its second of the minute, which is the same in every time zone.
                let (second, micros) = (time.0 / 1_000_000 % 60, time.0 % 1_000_000);
                let (timeline, previous) = (mark.timeline, mark.previous);
                format!("promotion {timeline} {previous} {second:02}.{micros:06}")
            }
            RecordKind::SegmentSwitch => "switch".into(),
            RecordKind::Other => String::new(),
        };
        Self {
            at: record.at,
            kind,
        }
    }

    /// Reads a line such as `rmgr: XLOG len (rec/tot): 114/ 114, tx: 0, lsn: 0/01000028, prev 0/00000000,
    /// desc: CHECKPOINT_SHUTDOWN redo 0/1000028; tli 1; prev tli 1; …`.
    fn parse(line: &str) -> Self {
        let (_, rest) = line.split_once(" lsn: ").expect("a place");
        let (at, rest) = rest.split_once(',').unwrap();
        let (_, description) = rest.split_once("desc: ").unwrap();
        let is_log = line.starts_with("rmgr: XLOG ");
        let after = |mark: &str| {
            let (_, rest) = description.split_once(mark).unwrap();
            rest.split([';', ' ']).next().unwrap().to_owned()
        };
        let kind = match description.split_whitespace().next() {
            Some("CHECKPOINT_SHUTDOWN") if is_log => format!("shutdown {}", after("; tli ")),
            Some("CHECKPOINT_ONLINE") if is_log => format!("online {}", after("; tli ")),
            Some("END_OF_RECOVERY") if is_log => {
                let time = description.split(':').next_back().unwrap();
                let time = time.split_whitespace().next().unwrap();
                format!("promotion {} {} {time}", after("tli "), after("prev tli "))
            }
            Some("SWITCH") if is_log => "switch".into(),
            _ => String::new(),
        };
        Self {
            at: at.parse().unwrap(),
            kind,
        }
    }
}

/// The program's records, and where it says that there is no further one.
pub(crate) fn pg_waldump(folder: &Path, timeline: u32, start: Lsn) -> (Vec<Dumped>, Option<Lsn>) {
    let scratch = Scratch::new().unwrap();
    let mut command = scratch.command(Postgres::program("pg_waldump").unwrap());
    command.arg("--path").arg(folder);
    command.args(["--timeline", &timeline.to_string()]);
    command.args(["--start", &start.to_string()]);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let records = said
        .lines()
        .filter(|line| line.starts_with("rmgr: "))
        .map(Dumped::parse)
        .collect();
    let error = String::from_utf8(output.stderr).unwrap();
    let next = error
        .split_once("invalid record length at ")
        .map(|(_, rest)| rest.split(':').next().unwrap().parse().unwrap());
    (records, next)
}
