//! The file in which a client notes what it asks and is told. Knows no server.

use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

use super::line::Line;
use super::{Asked, Told};
use crate::error::Error;

/// The file, and numbers that are given once.
pub(super) struct Log {
    path: PathBuf,
    file: RefCell<File>,
    numbers: Cell<u64>,
    highest: Cell<i64>,
}

impl Log {
    pub(super) fn begin(client: &str, folder: &Path) -> Result<Self, Error> {
        let begun = now();
        fs::create_dir_all(folder).map_err(Error::file("make", folder))?;
        let name = format!("{client}-{}.jsonl", begun.as_micros());
        let path = folder.join(name);
        let file = File::create(&path).map_err(Error::file("write", path.as_path()))?;
        let log = Self {
            path,
            file: RefCell::new(file),
            numbers: Cell::new(0),
            highest: Cell::new(0),
        };
        log.write(&Line::Begin {
            client: client.to_owned(),
            at: begun,
            wall: time_of_day(),
        })?;
        Ok(log)
    }

    pub(super) fn ask(&self, number: u64, connection: u64, asked: &Asked) -> Result<(), Error> {
        self.write(&Line::Ask {
            number,
            connection,
            at: now(),
            asked: asked.clone(),
        })
    }

    pub(super) fn tell(&self, number: u64, told: Told) -> Result<(), Error> {
        let at = now();
        self.write(&Line::Tell { number, at, told })
    }

    /// In one piece, so that whoever kills the client leaves whole lines.
    fn write(&self, line: &Line) -> Result<(), Error> {
        let write = || {
            let mut text = serde_json::to_string(line)?;
            text.push('\n');
            self.file.borrow_mut().write_all(text.as_bytes())
        };
        write().map_err(Error::file("write", self.path.as_path()))
    }

    pub(super) fn number(&self) -> u64 {
        self.numbers.replace(self.numbers.get() + 1)
    }

    /// A value that is higher than any before, also than those of this client before its host was started again.
    pub(super) fn higher(&self) -> i64 {
        let value = micros(now()).max(self.highest.get() + 1);
        self.highest.set(value);
        value
    }
}

/// Time since the machine was started, which is the same for all processes whatever the time of day does.
pub(super) fn now() -> Duration {
    let time = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u32::try_from(time.tv_nsec).unwrap_or_default();
    // As it is written.
    Duration::new(seconds, nanos / 1_000 * 1_000)
}

pub(super) fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one moment to which the hosts' journals can be held"
)]
fn time_of_day() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = since.unwrap_or_default();
    Duration::new(since.as_secs(), since.subsec_micros() * 1_000)
}
