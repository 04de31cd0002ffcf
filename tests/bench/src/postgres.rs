//! A throw-away PostgreSQL primary on a Unix socket, and what it counted; knows nothing of who asks it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::Error;
use crate::host::enclosure::command_as_postgres;
use crate::host::folder::run;
use crate::host::packages::of_postgres;
use crate::host::{Enclosure, Host};

/// The port is only part of the socket's name: no TCP socket is opened.
const PORT: u16 = 5432;

/// More than the widest load has clients, so that a contender with a backend for each is not turned
/// away.
const MAX_CONNECTIONS: u32 = 400;

const STARTING: Duration = Duration::from_secs(30);

/// Counts for the database `postgres`, which the contenders ask; the question itself is put in
/// [`COUNTING_DATABASE`] and so is not counted. Outside of transaction blocks each statement is a
/// transaction, and so is each function call and each login.
const COUNT: &str = "SELECT xact_commit + xact_rollback - sessions, sessions \
     FROM pg_stat_database WHERE datname = 'postgres'";

/// Ends the contender's sessions, so that their backends tell what they did: one that only calls
/// functions tells it no sooner (`pgstat_report_stat` in `src/backend/utils/activity/pgstat.c`).
const END_SESSIONS: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
     WHERE datname = 'postgres' AND backend_type = 'client backend'";

/// Whether they have.
const SESSIONS: &str = "SELECT count(*) FROM pg_stat_activity \
     WHERE datname = 'postgres' AND backend_type = 'client backend'";

const ENDING: Duration = Duration::from_secs(10);

const COUNTING_DATABASE: &str = "bench";

/// What a contender made PostgreSQL do since it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Statements executed and functions called.
    pub(crate) statements: u64,
    /// Backends that let a client in.
    pub(crate) sessions: u64,
}

/// A running server.
#[derive(Clone, Debug)]
pub(crate) struct Postgres {
    socket_folder: PathBuf,
    port: u16,
}

impl Postgres {
    /// Makes a data directory, starts a server on it in `enclosure` with these further settings
    /// (`name=value`) and waits until it lets clients in.
    pub(crate) fn start(
        host: &Host,
        name: &str,
        enclosure: &mut Enclosure,
        settings: &[String],
    ) -> Result<Self, Error> {
        let folder = host.folder.for_postgres(&format!("{name}-postgresql"))?;
        let data = folder.join("data");
        run(command_as_postgres(&program("initdb"), &folder)
            .args([
                "--auth=peer",
                "--no-locale",
                "--encoding=UTF8",
                "--no-sync",
                "-D",
            ])
            .arg(&data))?;
        let mut server = Command::new(program("postgres"));
        server.arg("-D").arg(&data);
        for setting in [
            format!("port={PORT}"),
            "listen_addresses=".into(),
            format!("unix_socket_directories={}", folder.display()),
            format!("max_connections={MAX_CONNECTIONS}"),
            // System V memory vanishes with its namespace; a file in /dev/shm would stay.
            "dynamic_shared_memory_type=sysv".into(),
        ]
        .iter()
        .chain(settings)
        {
            server.args(["-c", setting]);
        }
        enclosure.spawn(&server)?;
        let postgres = Self {
            socket_folder: folder,
            port: PORT,
        };
        postgres.wait_until_open(host, name, enclosure)?;
        postgres.prepare_counting(host)?;
        Ok(postgres)
    }

    /// A server that something else started, once it lets clients in.
    pub(crate) fn attach(host: &Host, socket_folder: &Path, port: u16) -> Result<Self, Error> {
        let postgres = Self {
            socket_folder: socket_folder.to_owned(),
            port,
        };
        postgres.prepare_counting(host)?;
        Ok(postgres)
    }

    /// Where a client finds it, as libpq describes it.
    pub(crate) fn conninfo(&self) -> String {
        let folder = self.socket_folder.display();
        format!(
            "host={folder} port={} dbname=postgres user=postgres",
            self.port
        )
    }

    /// What it counted so far; ends the sessions that it counted.
    pub(crate) fn counts(&self, host: &Host) -> Result<Counts, Error> {
        self.psql(host, COUNTING_DATABASE, END_SESSIONS)?;
        host.interrupt.wait_for(ENDING, || {
            let left = self.psql(host, COUNTING_DATABASE, SESSIONS)?;
            Ok((left.trim() == "0").then_some(()))
        })?;
        let reply = self.psql(host, COUNTING_DATABASE, COUNT)?;
        parse_counts(&reply).ok_or(Error::Form {
            what: "PostgreSQL's counts",
            text: reply,
        })
    }

    fn wait_until_open(&self, host: &Host, name: &str, enclosure: &Enclosure) -> Result<(), Error> {
        let open = host.interrupt.wait_for(STARTING, || {
            Ok(self
                .psql(host, "postgres", "SELECT 1")
                .is_ok()
                .then_some(()))
        })?;
        open.ok_or_else(|| Error::NotReady {
            name: format!("the PostgreSQL of {name}"),
            seconds: STARTING.as_secs(),
            log: enclosure.log_end(),
        })
    }

    fn prepare_counting(&self, host: &Host) -> Result<(), Error> {
        self.psql(
            host,
            "postgres",
            &format!("CREATE DATABASE {COUNTING_DATABASE}"),
        )?;
        Ok(())
    }

    fn psql(&self, host: &Host, database: &str, sql: &str) -> Result<String, Error> {
        let port = self.port.to_string();
        let mut psql = command_as_postgres(&program("psql"), host.folder.path());
        psql.arg("--host").arg(&self.socket_folder).args([
            "--port",
            &port,
            "--dbname",
            database,
            "--no-psqlrc",
            "-qAtc",
            sql,
        ]);
        run(&mut psql)
    }
}

/// One of PostgreSQL's own programs.
pub(crate) fn program(name: &str) -> PathBuf {
    of_postgres(&format!("bin/{name}")).into()
}

fn parse_counts(reply: &str) -> Option<Counts> {
    let (statements, sessions) = reply.trim().split_once('|')?;
    Some(Counts {
        statements: statements.parse().ok()?,
        sessions: sessions.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_psql_prints_them() {
        assert_eq!(
            parse_counts("12|3\n"),
            Some(Counts {
                statements: 12,
                sessions: 3
            })
        );
        assert_eq!(parse_counts("12\n"), None);
        assert_eq!(parse_counts("|3\n"), None);
    }
}
