//! `pgsql-state check`, the plugin, on real servers, through the daemon and without one.
//!
//! - [`daemon`]: which of the two is asked.
//! - [`subjects`]: lag, replication and connections.
//! - [`output`]: the forms of the output.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

mod daemon;
mod output;
mod subjects;

use std::fs;
use std::net::SocketAddrV4;
use std::path::PathBuf;
use std::process::Output;
use std::time::Duration;

use support::postgres::MONITOR;
use support::scratch::Scratch;
use support::{Daemon, Postgres, Trouble, ports, until};

/// The built program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");

/// Longest wait for what has no deadline of its own.
const SECONDS: Duration = Duration::from_secs(20);

/// Where no server ever is.
const NOWHERE: &str = "host=/nonexistent user=monitor dbname=postgres";

/// A plugin with its configuration.
struct Plugin {
    scratch: Scratch,
    config: PathBuf,
}

impl Plugin {
    fn with(text: &str) -> Result<Self, Trouble> {
        let scratch = Scratch::new()?;
        let config = scratch.path().join("plugin.toml");
        fs::write(&config, text).map_err(Trouble::io("write the configuration"))?;
        Ok(Self { scratch, config })
    }

    /// One that asks this server itself.
    fn asking(conninfo: &str) -> Result<Self, Trouble> {
        let table = format!("[postgres]\nconninfo = \"{conninfo}\"\ntimeout = \"10s\"\n");
        Self::with(&table)
    }

    /// One that can ask a daemon alone.
    fn through(http: SocketAddrV4) -> Result<Self, Trouble> {
        let text = format!("[postgres]\nconninfo = \"{NOWHERE}\"\n[listen]\nhttp = [\"{http}\"]\n");
        Self::with(&text)
    }

    fn run(&self, args: &str) -> Output {
        let mut command = self.scratch.command(PROGRAM);
        command.arg("check").args(args.split(' '));
        command.arg("--config").arg(&self.config).output().unwrap()
    }

    /// What it prints before its figures, and how it ends.
    fn said(&self, args: &str) -> (String, i32) {
        let output = self.run(args);
        let text = String::from_utf8(output.stdout).unwrap();
        let line = text.split(" | ").next().unwrap().trim_end().to_owned();
        (line, output.status.code().unwrap())
    }

    fn status(&self, args: &str) -> i32 {
        self.run(args).status.code().unwrap()
    }
}

fn serving(server: &Postgres, config: &str) -> Result<(Daemon, SocketAddrV4), Trouble> {
    let (state, http) = (ports::free()?, ports::free()?);
    let daemon = Daemon::binding(PROGRAM, state)
        .config(&format!("http = [\"{http}\"]\n"))
        .asking(&server.conninfo(MONITOR))
        .config("timeout = \"2s\"\n")
        .config(config)
        .start()?;
    Ok((daemon, http))
}

/// A primary, and a standby that streams from it and has replayed everything.
fn pair() -> Result<(Postgres, Postgres), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    until(SECONDS, "the standby to stream", || {
        let level = "SELECT replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication";
        primary.query(level).is_ok_and(|level| level == "t")
    })?;
    Ok((primary, standby))
}

fn line(text: &str, status: i32) -> (String, i32) {
    (text.to_owned(), status)
}
