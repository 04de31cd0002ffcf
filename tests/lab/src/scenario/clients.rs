//! Clients in a host while something is broken: they run as a unit of that host, note what happens to
//! them in a file that survives it, and can be watched from outside.

use std::fmt::Display;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pgsql_state_traffic::{Note, Report, Write};

use super::tail::Tail;
use crate::error::Error;
use crate::host::Host;
use crate::lab::{Lab, On, wait_for};

const PROGRAM: &str = "/lab/bin/pgsql-state-traffic";

/// Servers name themselves by `cluster_name`, which is the host's.
const HOST_SQL: &str = "current_setting('cluster_name')";

/// Where clients get in, in every host.
const WRITE: &str = "127.0.0.1:5432";
const READ: &str = "127.0.0.1:5433";

/// Longest until the first rows of a whole cluster.
const BEGIN: Duration = Duration::from_secs(30);

/// Rows that are to be acknowledged before something is broken and after it has healed: a second's.
const STEADY: usize = 50;

/// Clients that write and read through a host's HAProxy. Dropping this ends them.
#[derive(Debug)]
pub(super) struct Clients<'a> {
    on: On<'a>,
    name: String,
    record: PathBuf,
    tail: Tail,
}

/// What clients noted, for [`Notes::verify`] when the cluster is whole again.
#[derive(Clone, Debug)]
pub(super) struct Notes {
    name: String,
    /// The record's file.
    pub(super) record: PathBuf,
}

impl<'a> Clients<'a> {
    /// Lets a writer and a reader go in `host`, and waits until rows are acknowledged.
    pub(super) fn begin(lab: &'a Lab, host: Host, name: &str) -> Result<Self, Error> {
        let on = lab.host(host);
        let name = format!("{name}-{host}");
        let record = lab.results().join(format!("{name}.jsonl"));
        fs::remove_file(&record).ok();
        let unit = format!("--unit={name}");
        let inside = format!("/lab/results/{name}.jsonl");
        on.run(&[
            "systemd-run",
            "--quiet",
            "--collect",
            &unit,
            PROGRAM,
            "run",
            "--unverified",
            "--write",
            WRITE,
            "--read",
            READ,
            "--host-sql",
            HOST_SQL,
            "--record",
            &inside,
        ])?;
        let mut clients = Self {
            on,
            name,
            tail: Tail::of(&record),
            record,
        };
        clients.until_rows("the first rows", BEGIN, STEADY, |_| true)?;
        Ok(clients)
    }

    /// Waits until a server that `is_wanted` acknowledges rows that are sent from now on.
    pub(super) fn until_rows_of(
        &mut self,
        limit: Duration,
        is_wanted: impl Fn(Host) -> bool,
    ) -> Result<(), Error> {
        self.until_rows(
            "rows acknowledged by the right primary",
            limit,
            1,
            is_wanted,
        )
    }

    /// Waits until rows have been acknowledged for about a second more.
    pub(super) fn go_on(&mut self) -> Result<(), Error> {
        self.until_rows("further rows", BEGIN, STEADY, |_| true)
    }

    /// Waits for `number` acknowledged rows that are sent from now on.
    fn until_rows(
        &mut self,
        what: &str,
        limit: Duration,
        number: usize,
        is_wanted: impl Fn(Host) -> bool,
    ) -> Result<(), Error> {
        let since = time_of_day();
        let mut seen = 0;
        wait_for(what, limit, || {
            let notes = self.tail.fresh()?;
            let begin = self.tail.begin().unwrap_or_default();
            let acknowledged = notes.iter().filter(|note| match note {
                Note::Write(write) => {
                    begin + write.sent >= since && acknowledged_by(write).is_some_and(&is_wanted)
                }
                Note::Begin(_) | Note::Read(_) | Note::Unreached(_) | Note::End(_) => false,
            });
            seen += acknowledged.count();
            if seen >= number {
                Ok(())
            } else {
                Err(Error::Unfit(format!("{seen} of {number} so far")))
            }
        })
    }

    /// Ends them; their notes stay.
    pub(super) fn end(self) -> Notes {
        Notes {
            name: self.name.clone(),
            record: self.record.clone(),
        }
    }
}

impl Drop for Clients<'_> {
    fn drop(&mut self) {
        // Where the host is dead, they are.
        self.on.run(&["systemctl", "stop", &self.name]).ok();
    }
}

impl Notes {
    /// Looks for the rows on the primary, and sums up.
    pub(super) fn verify(&self, lab: &Lab) -> Result<Report, Error> {
        let report = lab.results().join(format!("{}.json", self.name));
        let (record, inside) = (
            format!("/lab/results/{}.jsonl", self.name),
            format!("/lab/results/{}.json", self.name),
        );
        lab.host(Host::Client).run(&[
            PROGRAM, "verify", "--record", &record, "--write", WRITE, "--report", &inside,
        ])?;
        let text =
            fs::read_to_string(&report).map_err(Error::io(format!("read {}", report.display())))?;
        serde_json::from_str(&text).map_err(unread(&report))
    }
}

/// For `map_err`: a file of the clients is not what it should be.
pub(super) fn unread<E: Display>(path: &std::path::Path) -> impl FnOnce(E) -> Error {
    let path = path.display().to_string();
    move |error| Error::Unfit(format!("{path} cannot be read: {error}"))
}

/// The server that acknowledged a row.
pub(super) fn acknowledged_by(write: &Write) -> Option<Host> {
    write.outcome.as_ref().ok()?.host.parse().ok()
}

/// Since 1970, as clients and journals count.
#[expect(
    clippy::disallowed_methods,
    reason = "the hosts' notes and journals bear the time of day, and share one clock"
)]
pub(crate) fn time_of_day() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
