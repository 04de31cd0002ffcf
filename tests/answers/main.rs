//! What the daemon answers of real servers, in every state that an operator meets; a module a theme.
//!
//! - [`roles`]: a primary, a standby, and one that becomes the other.
//! - [`absent`]: stopped, closed, killed.
//! - [`recovery`]: servers that start or recover, and one that lets nobody in.
//! - [`shutdown`]: fast and smart, seen from beginning to end.
//! - [`hung`]: processes that stand still.
//! - [`full`]: no connection slot is free.
//! - [`login`]: passwords, and roles and databases that are not there.
//! - [`standby`]: the conditions of `[standby]`.
//! - [`words`]: the two words, renamed.
//! - [`history`]: what many checks at once were told, in causal order.

mod absent;
mod full;
mod history;
mod hung;
mod login;
mod recovery;
mod roles;
mod shutdown;
mod standby;
mod words;

use std::time::{Duration, Instant};

use support::daemon::Setup;
use support::postgres::MONITOR;
use support::{Daemon, Postgres, Trouble, ports, until, until_ok_every};

/// The built program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");

/// Longest wait for what has no deadline of its own.
const SECONDS: Duration = Duration::from_secs(10);

/// `postgres.timeout`, where a test does not set it.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Between two checks, where they need not come flat out: often enough to meet every moment of a
/// server's changes, and light enough not to slow them.
const PACE: Duration = Duration::from_millis(10);

/// A daemon that asks as told, on an address of its own.
fn asking(conninfo: &str) -> Result<Setup, Trouble> {
    Ok(Daemon::binding(PROGRAM, ports::free()?).asking(conninfo))
}

/// Two daemons, one that asks the server on its Unix socket, where it can see the postmaster itself,
/// and one over TCP, where it cannot.
fn both_ways(server: &Postgres) -> Result<[Daemon; 2], Trouble> {
    let by_socket = asking(&server.conninfo(MONITOR))?.start()?;
    let by_tcp = asking(&server.tcp_conninfo(MONITOR))?.start()?;
    Ok([by_socket, by_tcp])
}

/// What a daemon answers now; no answer is an error.
fn answer(daemon: &Daemon) -> Result<String, Trouble> {
    daemon.ask().map_err(Trouble::io("ask the daemon"))
}

/// The different answers of a daemon that is asked at [`PACE`] for so long, in order.
fn answers_for(daemon: &Daemon, time: Duration) -> Result<Vec<String>, Trouble> {
    let start = Instant::now();
    let mut seen = Vec::new();
    until_ok_every(PACE, time + SECONDS, "the last answer", || {
        let asked = answer(daemon).map(|line| seen.push(line));
        seen.dedup();
        match asked {
            Ok(()) if start.elapsed() < time => Err("it is early"),
            Ok(()) | Err(_) => Ok(asked),
        }
    })??;
    Ok(seen)
}

/// Waits until a daemon that nobody asks has let go of the server.
fn until_unasked(server: &Postgres) -> Result<(), Trouble> {
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgsql-state'";
    until(2 * SECONDS, "the daemon to let its session go", || {
        server.query(sessions).is_ok_and(|count| count == "0")
    })
}
