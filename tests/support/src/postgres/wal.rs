//! A standby that has lost WAL, and with it what it was sure of.

use std::fs::{self, DirEntry};
use std::path::PathBuf;

use super::run::PATIENCE;
use super::{Mode, Postgres};
use crate::trouble::Trouble;
use crate::wait::until;

impl Postgres {
    /// Leaves this standby and its primary stopped, and the standby without WAL that it has replayed:
    /// when it starts, it is in recovery and not consistent until it can stream that again.
    pub fn lose_newest_wal(&mut self, primary: &mut Self) -> Result<(), Trouble> {
        primary.query("CREATE TABLE kept AS SELECT generate_series(1, 50000)")?;
        let end = primary.query("SELECT pg_current_wal_lsn()")?;
        until(PATIENCE, "the standby to catch up", || {
            let caught_up = format!("SELECT pg_last_wal_replay_lsn() >= '{end}'");
            self.query(&caught_up).is_ok_and(|answer| answer == "t")
        })?;
        self.stop(Mode::Fast)?;
        primary.stop(Mode::Fast)?;
        self.remove_newest_wal()
    }

    /// Removes the newest half of its WAL.
    fn remove_newest_wal(&self) -> Result<(), Trouble> {
        let directory = self.data_dir().join("pg_wal");
        let doing = format!("remove WAL from {}", directory.display());
        let remove = || {
            let entries = fs::read_dir(&directory)?.collect::<Result<Vec<_>, _>>()?;
            // Segments have 24 digits (PostgreSQL manual, "WAL Internals"), and sort by age.
            let mut segments: Vec<PathBuf> = entries
                .iter()
                .filter(|entry| entry.file_name().len() == 24)
                .map(DirEntry::path)
                .collect();
            segments.sort();
            let newest = segments.split_off(segments.len() / 2);
            newest.iter().try_for_each(fs::remove_file)
        };
        remove().map_err(Trouble::io(doing))
    }
}
