//! What a server is to be, told before it is made.

use std::fmt::Write;
use std::net::SocketAddrV4;
use std::path::Path;

use super::backup::Backup;
use super::install::Install;
use super::{Postgres, TRUST, template};
use crate::kept::copy_all;
use crate::scratch::Scratch;
use crate::trouble::Trouble;

/// Settings that every server gets, and why. Later ones win, so a test may undo each.
const SETTINGS: &[(&str, &str)] = &[
    // Nothing here has to survive the machine.
    ("fsync", "off"),
    ("synchronous_commit", "local"),
    ("shared_buffers", "4MB"),
    ("max_connections", "30"),
    // In the data directory, so that a killed server leaves nothing in /dev/shm.
    ("dynamic_shared_memory_type", "mmap"),
    ("unix_socket_permissions", "0777"),
    // A standby that lost its primary asks again soon.
    ("wal_retrieve_retry_interval", "200ms"),
    ("log_line_prefix", "%m [%p] %b "),
];

/// What a server is to be.
#[derive(Debug)]
#[must_use = "nothing is made before `create` or `start`"]
pub struct Setup<'a> {
    name: String,
    origin: Origin<'a>,
    port: u16,
    tcp: Option<SocketAddrV4>,
    settings: Vec<(String, String)>,
    hba: String,
    files: Vec<(String, String)>,
    wal_segment: u32,
    wal_kept: u32,
}

#[derive(Debug)]
pub(super) enum Origin<'a> {
    /// A primary with nothing in it.
    Template,
    /// A standby, from a base backup.
    Backup(Backup<'a>),
    /// What a stopped server, or one that was killed, has left.
    Directory(&'a Path),
}

impl Postgres {
    /// A new primary.
    pub fn primary() -> Setup<'static> {
        Setup::of(Origin::Template, "primary")
    }

    /// A server that goes on where another one ended, on a copy of its data directory. Its settings are
    /// its own.
    pub fn copied_from(data: &Path) -> Setup<'_> {
        Setup::of(Origin::Directory(data), "copy")
    }

    /// A new standby of this server.
    pub fn standby(&self) -> Setup<'_> {
        self.backup().setup()
    }
}

impl<'a> Setup<'a> {
    pub(super) fn of(origin: Origin<'a>, name: &str) -> Self {
        Self {
            name: name.into(),
            origin,
            port: 5432,
            tcp: None,
            settings: Vec::new(),
            hba: TRUST.into(),
            files: Vec::new(),
            wal_segment: 1,
            wal_kept: 64,
        }
    }

    /// Names it, for messages, `cluster_name` and `application_name`.
    pub fn name(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    /// Lets it listen on TCP too; without, only on its Unix socket.
    pub fn tcp(mut self, address: SocketAddrV4) -> Self {
        self.tcp = Some(address);
        self.port = address.port();
        self
    }

    /// Adds a line to `postgresql.conf`.
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// The whole `pg_hba.conf`; without, [`TRUST`]. Whoever starts the server with [`Setup::start`]
    /// lets the superuser in on the Unix socket.
    pub fn hba(mut self, text: &str) -> Self {
        self.hba = text.into();
        self
    }

    /// Adds a file to the data directory, where settings name it without a path; only the server may
    /// read it.
    pub fn file(mut self, name: &str, text: &str) -> Self {
        self.files.push((name.into(), text.into()));
        self
    }

    /// The size of a WAL segment in megabytes; without, 1. Of a primary only.
    pub fn wal_segment(mut self, megabytes: u32) -> Self {
        self.wal_segment = megabytes;
        self
    }

    /// So many megabytes of WAL stay for standbys that are away; without, 64.
    pub fn wal_kept(mut self, megabytes: u32) -> Self {
        self.wal_kept = megabytes;
        self
    }

    /// Makes the server and starts it.
    pub fn start(self) -> Result<Postgres, Trouble> {
        let mut postgres = self.create()?;
        postgres.start()?;
        Ok(postgres)
    }

    /// Makes the server and leaves it stopped.
    pub fn create(self) -> Result<Postgres, Trouble> {
        let postgres = Postgres {
            name: self.name,
            postmaster: None,
            scratch: Scratch::new()?,
            install: Install::chosen()?,
            port: self.port,
            tcp: self.tcp,
        };
        let (install, data) = (&postgres.install, postgres.data_dir());
        install.make_dir(&postgres.socket_dir(), 0o755)?;
        let mut settings = base_settings(&postgres, self.wal_kept, self.wal_segment);
        match &self.origin {
            Origin::Template => {
                template::copy(install, &postgres.scratch, self.wal_segment, &data)?;
            }
            Origin::Backup(backup) => {
                backup.take(&postgres, &data)?;
                settings.push(("primary_conninfo".into(), backup.conninfo(&postgres)));
            }
            Origin::Directory(original) => copy_all(original, &data, &postgres.scratch)?,
        }
        settings.extend(self.settings);
        install.write(&data.join("postgresql.conf"), &configuration(&settings))?;
        install.write(&data.join("pg_hba.conf"), &self.hba)?;
        for (name, text) in &self.files {
            install.write(&data.join(name), text)?;
        }
        Ok(postgres)
    }
}

fn base_settings(postgres: &Postgres, kept: u32, segment: u32) -> Vec<(String, String)> {
    let kept = match postgres.install.major() {
        ..=12 => ("wal_keep_segments", (kept / segment).to_string()),
        13.. => ("wal_keep_size", format!("{kept}MB")),
    };
    let own = [
        kept,
        ("cluster_name", postgres.name.clone()),
        ("port", postgres.port.to_string()),
        (
            "listen_addresses",
            postgres
                .tcp
                .map_or_else(String::new, |tcp| tcp.ip().to_string()),
        ),
        (
            "unix_socket_directories",
            postgres.socket_dir().display().to_string(),
        ),
    ];
    SETTINGS
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .chain(own)
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The text of `postgresql.conf`; a quote within a value is doubled (PostgreSQL manual, "Setting
/// Parameters").
fn configuration(settings: &[(String, String)]) -> String {
    settings
        .iter()
        .fold(String::new(), |mut text, (name, value)| {
            // Writing to a String cannot fail.
            writeln!(text, "{name} = '{}'", value.replace('\'', "''")).ok();
            text
        })
}
