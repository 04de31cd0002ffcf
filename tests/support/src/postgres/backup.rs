//! A standby's beginning: a base backup of its primary, and where it streams from afterwards.

use std::fs;
use std::net::SocketAddrV4;
use std::path::Path;

use super::setup::{Origin, Setup};
use super::{Postgres, SUPERUSER};
use crate::running::run;
use crate::trouble::Trouble;

/// A base backup that is to be taken.
#[derive(Debug)]
#[must_use = "nothing is copied before a `setup` of it is made"]
pub struct Backup<'a> {
    primary: &'a Postgres,
    role: String,
    upstream: Option<SocketAddrV4>,
    wal: Wal,
}

/// Whether a base backup brings the WAL written while it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wal {
    /// It does.
    Included,
    /// It does not: such a standby is still starting up before it streams.
    Missing,
}

impl Postgres {
    /// A base backup of this server, from which a standby can be made.
    pub fn backup(&self) -> Backup<'_> {
        Backup {
            primary: self,
            role: SUPERUSER.into(),
            upstream: None,
            wal: Wal::Included,
        }
    }
}

impl<'a> Backup<'a> {
    /// The role that copies and replicates; without, [`SUPERUSER`].
    pub fn replicating_as(mut self, role: &str) -> Self {
        self.role = role.into();
        self
    }

    /// Where the standby streams from; without, straight from the primary.
    pub fn streaming_from(mut self, address: SocketAddrV4) -> Self {
        self.upstream = Some(address);
        self
    }

    /// Whether the backup brings its WAL; without, it does.
    pub fn wal(mut self, wal: Wal) -> Self {
        self.wal = wal;
        self
    }

    /// A standby from this backup.
    pub fn setup(self) -> Setup<'a> {
        Setup::of(Origin::Backup(self), "standby")
    }

    pub(super) fn take(&self, standby: &Postgres, data: &Path) -> Result<(), Trouble> {
        standby.install.make_dir(data, 0o700)?;
        let mut command = standby.install.command(&standby.scratch, "pg_basebackup");
        command
            .args(["--dbname", &self.primary.tcp_conninfo(&self.role)])
            .arg("--pgdata")
            .arg(data)
            .args(["--checkpoint", "fast", "--no-sync"])
            .args(match self.wal {
                Wal::Included => ["--wal-method", "stream"],
                Wal::Missing => ["--wal-method", "none"],
            });
        run(command)?;
        standby.install.write(&data.join("standby.signal"), "")?;
        // What ALTER SYSTEM set on the primary is the primary's own.
        let inherited = data.join("postgresql.auto.conf");
        fs::write(&inherited, "").map_err(Trouble::io(format!("empty {}", inherited.display())))
    }

    /// The standby's `primary_conninfo`.
    pub(super) fn conninfo(&self, standby: &Postgres) -> String {
        let upstream = self.upstream.map_or_else(
            || self.primary.tcp_conninfo(&self.role),
            |place| {
                format!(
                    "host={} port={} user={}",
                    place.ip(),
                    place.port(),
                    self.role
                )
            },
        );
        format!("{upstream} application_name={}", standby.name)
    }
}
