//! What the daemon answers of real servers, in every state that an operator meets; a module a theme.
//!
//! - [`roles`]: a primary, a standby, and one that becomes the other.
//! - [`absent`]: stopped, closed, killed.
//! - [`recovery`]: servers that start or recover, and one that lets nobody in.
//! - [`shutdown`]: fast and smart, seen from beginning to end.
//! - [`hung`]: processes that stand still.
//! - [`full`]: no connection slot is free.
//! - [`inherited`]: defaults of the server, the database or the role.
//! - [`neighbour`]: an address that leads to another server.
//! - [`pooler`]: a pooler in between.
//! - [`read_only`]: a primary whose transactions are read-only by default.
//! - [`login`]: passwords, and roles and databases that are not there.
//! - [`standby`]: the conditions of `[standby]`.
//! - [`swinging`]: a standby whose lag swings around its limit.
//! - [`words`]: the two words, renamed.
//! - [`history`]: what many checks at once were told, in causal order.

mod absent;
mod full;
mod history;
mod hung;
mod inherited;
mod login;
mod neighbour;
mod pooler;
mod read_only;
mod recovery;
mod roles;
mod shutdown;
mod standby;
mod swinging;
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

/// Longer than a daemon relies on any connection it made.
const FOR_A_WHILE: Duration = Duration::from_secs(3);

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

/// Waits until each of these daemons answers this line.
fn wait_for_all<'a>(
    daemons: impl IntoIterator<Item = &'a Daemon>,
    line: &str,
) -> Result<(), Trouble> {
    let mut daemons = daemons.into_iter();
    daemons.try_for_each(|daemon| daemon.wait_for(SECONDS, line))
}

/// Asks daemons at [`PACE`] for so long; another answer than this line is an error.
fn keep_saying<'a>(
    line: &str,
    time: Duration,
    daemons: impl IntoIterator<Item = &'a Daemon>,
) -> Result<(), Trouble> {
    let daemons: Vec<&Daemon> = daemons.into_iter().collect();
    let start = Instant::now();
    until_ok_every(PACE, time + SECONDS, "the last answer", || {
        let all = daemons.iter().try_for_each(|daemon| {
            let said = answer(daemon)?;
            let other = || format!("after {:?} a daemon says \"{said}\"", start.elapsed());
            (said == line)
                .then_some(())
                .ok_or_else(|| Trouble::Unfit(other()))
        });
        match all {
            Ok(()) if start.elapsed() < time => Err("it is early"),
            Ok(()) | Err(_) => Ok(all),
        }
    })?
}

/// Waits until a daemon that nobody asks has let go of the server.
fn until_unasked(server: &Postgres) -> Result<(), Trouble> {
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgsql-state'";
    until(2 * SECONDS, "the daemon to let its session go", || {
        server.query(sessions).is_ok_and(|count| count == "0")
    })
}
