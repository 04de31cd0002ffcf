//! The HTTP port: what real servers are said to be, what its documents tell of them, and how it treats
//! clients that say nothing, too much, or one thing after another.
//!
//! - [`client`]: a client that speaks as little HTTP as will do.
//! - [`paths`]: statuses of real servers, also while they change.
//! - [`documents`]: what is told of them.
//! - [`connections`]: connections, one by one and by the thousand.
//! - [`balancer`]: what a real HAProxy makes of it.

mod balancer;
mod client;
mod connections;
mod documents;
mod paths;

use std::net::SocketAddrV4;
use std::time::Duration;

use support::postgres::MONITOR;
use support::{Daemon, Postgres, Trouble, ports, until};

/// The built program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");

/// Longest wait for what has no deadline of its own.
const SECONDS: Duration = Duration::from_secs(20);

/// A daemon with an HTTP port.
struct Served {
    daemon: Daemon,
    http: SocketAddrV4,
}

fn serving(server: &Postgres, config: &str) -> Result<Served, Trouble> {
    admitting(server, config, "trusted = [\"127.0.0.0/8\"]\n")
}

fn admitting(server: &Postgres, config: &str, admission: &str) -> Result<Served, Trouble> {
    let (state, http) = (ports::free()?, ports::free()?);
    let daemon = Daemon::binding(PROGRAM, state)
        .config(&format!("http = [\"{http}\"]\n"))
        .asking(&server.conninfo(MONITOR))
        .config("timeout = \"2s\"\n")
        .config(config)
        .admission(admission)
        .start()?;
    Ok(Served { daemon, http })
}

/// A primary and a standby that streams from it and has replayed everything.
fn pair() -> Result<(Postgres, Postgres), Trouble> {
    let primary = Postgres::primary().tcp(ports::free()?).start()?;
    let standby = primary.standby().tcp(ports::free()?).start()?;
    until(SECONDS, "the standby to stream", || {
        let level = "SELECT replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication";
        primary.query(level).is_ok_and(|level| level == "t")
    })?;
    Ok((primary, standby))
}
