//! A server one of whose processes was killed, and that is stopped while it recovers from that.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use support::{Trouble, until};

use super::ends_with;
use crate::judge::{Judged, ensure};
use crate::program::Program;
use crate::world::World;
use crate::world::server::{Seen, Server};

/// How long the server may take to get there.
const PATIENCE: Duration = Duration::from_secs(60);

/// The process with a title.
fn process(server: &Server, title: &str) -> Option<Pid> {
    let all = server.processes();
    let found = all
        .into_iter()
        .find(|process| process.title.contains(title));
    found.map(|process| process.pid)
}

fn signal(server: &Server, title: &str, signal: Signal) -> Result<(), Trouble> {
    let mut sent = false;
    until(PATIENCE, title, || {
        sent = process(server, title).is_some_and(|pid| kill_process(pid, signal).is_ok());
        sent
    })
}

/// PostgreSQL 15 waits for its checkpointer then, which nobody tells to go.
#[test]
fn a_server_that_is_told_to_go_while_it_recovers_from_a_crash_is_not_waited_for() -> Judged {
    let world = World::running(Program::Ours)?;
    let server = world.server("srv1");
    // Enough to recover that it can be told meanwhile.
    server.query("CREATE TABLE enough AS SELECT generate_series(1, 1000000) AS number")?;
    signal(server, "background writer", Signal::KILL)?;
    signal(server, ": startup", Signal::STOP)?;
    if let Some(postmaster) = server.postmaster() {
        kill_process(postmaster, Signal::INT).ok();
    }
    signal(server, ": startup", Signal::CONT)?;
    until(PATIENCE, "the end of the recovery", || {
        process(server, ": startup").is_none()
    })?;
    let ended = world.ask("srv1", "stop").call()?;
    ends_with(&ended, 0, "stop")?;
    ensure(ended.took < Duration::from_secs(20), || ended.to_string())?;
    // Whether it came to its checkpoint before it was ended by force is a matter of moments.
    let seen = server.seen();
    ensure(matches!(seen, Seen::Stopped | Seen::Dead), || {
        format!("srv1 is {seen:?}")
    })
}
