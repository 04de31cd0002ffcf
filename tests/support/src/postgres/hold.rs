//! A start that is held still for as long as a test wants, before the server replays any WAL.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use rustix::fs::{Mode, OFlags, open};

use super::Postgres;
use crate::trouble::Trouble;
use crate::wait::until_ok;

/// Read by every starting server before it replays WAL and before it lets anybody in
/// (`StartupReplicationOrigin` in `src/backend/replication/logical/origin.c`), and written again by
/// every checkpoint.
const READ_FIRST: &str = "pg_logical/replorigin_checkpoint";

/// A start that waits. Dropping it does not let the server go on.
#[derive(Debug)]
#[must_use = "the server starts no further before `release`"]
pub struct HeldStart {
    path: PathBuf,
    content: Vec<u8>,
}

impl Postgres {
    /// Holds the next start of a stopped server: opening a FIFO for reading waits until somebody
    /// opens it for writing (fifo(7)).
    pub fn hold_next_start(&self) -> Result<HeldStart, Trouble> {
        let path = self.data_dir().join(READ_FIRST);
        let doing = format!("take {}", path.display());
        let take = || {
            let content = fs::read(&path)?;
            fs::remove_file(&path).map(|()| content)
        };
        let content = take().map_err(Trouble::io(doing))?;
        self.install.make_fifo(&path)?;
        Ok(HeldStart { path, content })
    }
}

impl HeldStart {
    /// Lets the server go on; an error if it has not come here within `deadline`.
    pub fn release(self, deadline: Duration) -> Result<(), Trouble> {
        let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fifo = until_ok(deadline, "the startup process to read its file", || {
            open(&self.path, flags, Mode::empty())
        })?;
        File::from(fifo)
            .write_all(&self.content)
            .map_err(Trouble::io(format!("write {}", self.path.display())))
    }
}
