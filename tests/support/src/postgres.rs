//! Real PostgreSQL servers of the newest version installed, or of the one that `POSTGRES_BIN` names, each in a directory of its own.
//!
//! - [`install`]: which programs, and as whom they run.
//! - [`template`]: initdb once for all servers.
//! - [`setup`]: what a server is to be, and its making.
//! - [`backup`]: a standby's beginning.
//! - [`run`]: start, stop, promote, reload.
//! - [`freeze`]: its processes: found, stopped, continued.
//! - [`hold`]: a start that is held still.
//! - [`overflow`]: a transaction of many subtransactions.
//! - [`sql`]: statements, and every connection slot filled.
//! - [`wal`]: a standby that has lost WAL.

mod backup;
mod freeze;
mod hold;
mod install;
mod overflow;
mod run;
mod setup;
mod sql;
mod template;
mod wal;

use std::net::SocketAddrV4;
use std::path::PathBuf;

pub use backup::{Backup, Wal};
pub use freeze::Whom;
pub use hold::HeldStart;
use install::Install;
pub use overflow::Overflow;
pub use run::Mode;
pub use setup::Setup;
pub use sql::{Slots, connect_at, query_at, rows};

use crate::running::Running;
use crate::scratch::Scratch;
use crate::trouble::Trouble;

/// The superuser that owns every server.
pub const SUPERUSER: &str = "postgres";

/// A role that may log in and nothing else; it exists in every server.
pub const ORDINARY: &str = "ordinary";

/// A role with `pg_monitor`, as the daemon should have; it exists in every server.
pub const MONITOR: &str = "monitor";

/// Lets everybody of this machine in, for data and for replication.
pub const TRUST: &str = "\
local all         all               trust
host  all         all 127.0.0.0/8   trust
local replication all               trust
host  replication all 127.0.0.0/8   trust
";

/// A server. Dropping it ends and removes it.
#[derive(Debug)]
pub struct Postgres {
    name: String,
    // Before `scratch`: the postmaster ends first, then what it left.
    postmaster: Option<Running>,
    scratch: Scratch,
    install: Install,
    port: u16,
    tcp: Option<SocketAddrV4>,
}

impl Postgres {
    /// Where a program of the servers' version is: `psql`, say.
    pub fn program(name: &str) -> Result<PathBuf, Trouble> {
        Install::chosen().map(|install| install.program(name))
    }

    /// The servers' major version.
    pub fn major() -> Result<u32, Trouble> {
        Install::chosen().map(|install| install.major())
    }

    /// The name of the user that servers run as.
    pub fn owner() -> Result<String, Trouble> {
        Install::chosen()?.owner_name()
    }

    /// What it is called in messages, in `application_name` and in `cluster_name`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The directory of its Unix socket.
    pub fn socket_dir(&self) -> PathBuf {
        self.scratch.path().join("socket")
    }

    /// Its data directory.
    pub fn data_dir(&self) -> PathBuf {
        self.scratch.path().join("data")
    }

    /// Its port, also of its Unix socket.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it listens on TCP, if it does.
    pub fn tcp(&self) -> Option<SocketAddrV4> {
        self.tcp
    }

    /// How libpq reaches its Unix socket as a given role.
    pub fn conninfo(&self, role: &str) -> String {
        format!(
            "host={} port={} user={role} dbname=postgres",
            self.socket_dir().display(),
            self.port
        )
    }

    /// How libpq reaches it over TCP as a given role; over its Unix socket if it has no address.
    pub fn tcp_conninfo(&self, role: &str) -> String {
        self.tcp.map_or_else(
            || self.conninfo(role),
            |tcp| {
                format!(
                    "host={} port={} user={role} dbname=postgres",
                    tcp.ip(),
                    tcp.port()
                )
            },
        )
    }
}
