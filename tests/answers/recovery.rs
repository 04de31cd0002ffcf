//! Servers that are up and let nobody in yet, or never: they start, recover, or are not hot. None of
//! them may be called a standby, although a server in recovery says `pg_is_in_recovery()` of itself.

use rustix::process::Signal;
use support::postgres::{MONITOR, ORDINARY, Wal};
use support::{Daemon, Mode, Postgres, Trouble, Whom, ports, until};

use crate::history::History;
use crate::{FOR_A_WHILE, SECONDS, TIMEOUT, answer, asking, both_ways, keep_saying, wait_for_all};

#[test]
fn a_server_that_starts_is_starting() -> Result<(), Trouble> {
    let mut server = Postgres::primary().tcp(ports::free()?).start()?;
    server.stop(Mode::Fast)?;
    let daemons = both_ways(&server)?;
    let [_, by_tcp] = &daemons;
    assert_eq!(by_tcp.ask().unwrap(), "down refused");
    let held = server.hold_next_start()?;
    server.launch()?;
    wait_for_all(&daemons, "down starting")?;
    keep_saying("down starting", FOR_A_WHILE, &daemons)?;
    held.release(SECONDS)?;
    wait_for_all(&daemons, "production")
}

/// PostgreSQL says "the database system is starting up" while it recovers at its start.
#[test]
fn a_killed_server_that_recovers_at_its_start_is_starting_and_never_a_standby()
-> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    server.query("CREATE TABLE kept AS SELECT generate_series(1, 50000)")?;
    let daemon = asking(&server.conninfo(MONITOR))?.start()?;
    server.kill()?;
    let held = server.hold_next_start()?;
    let ((), history) = History::during(&daemon, || {
        server.launch()?;
        daemon.wait_for(SECONDS, "down starting")?;
        held.release(SECONDS)?;
        daemon.wait_for(SECONDS, "production")
    })?;
    assert!(server.log().contains("automatic recovery in progress"));
    never_a_standby(&history);
    Ok(())
}

#[test]
fn a_server_whose_backend_crashed_is_recovering() -> Result<(), Trouble> {
    crash_and_recover(|server| server.conninfo(MONITOR))?;
    crash_and_recover(|server| server.tcp_conninfo(MONITOR))
}

/// A crashed backend makes the postmaster end all its children and recover; it waits five seconds for
/// one that stands still (`SIGKILL_CHILDREN_AFTER_SECS` in `postmaster.c`). The daemon meets this with
/// a fresh connection, as it does where checks come every few seconds: its session was ended before,
/// but it has not looked.
fn crash_and_recover(conninfo: impl Fn(&Postgres) -> String) -> Result<(), Trouble> {
    let mut server = Postgres::primary().tcp(ports::free()?).start()?;
    let daemon = asking(&conninfo(&server))?.start()?;
    assert_eq!(answer(&daemon)?, "production");
    let client = server.connect(ORDINARY)?;
    server.freeze(Whom::Child("checkpointer"))?;
    server.signal(Whom::Child("ordinary"), Signal::KILL)?;
    until(SECONDS, "the daemon to be refused", || {
        server
            .log()
            .contains("the database system is in recovery mode")
    })?;
    assert_eq!(answer(&daemon)?, "down recovering");
    keep_saying("down recovering", 2 * TIMEOUT, [&daemon])?;
    server.thaw()?;
    daemon.wait_for(SECONDS, "production")?;
    drop(client);
    Ok(())
}

#[test]
fn a_standby_without_its_first_checkpoint_is_starting() -> Result<(), Trouble> {
    let mut primary = Postgres::primary().start()?;
    let mut standby = primary.backup().wal(Wal::Missing).setup().create()?;
    let daemon = asking(&standby.conninfo(MONITOR))?.start()?;
    primary.stop(Mode::Fast)?;
    standby.launch()?;
    daemon.wait_for(SECONDS, "down starting")?;
    keep_saying("down starting", FOR_A_WHILE, [&daemon])?;
    primary.start()?;
    daemon.wait_for(SECONDS, "standby")
}

#[test]
fn a_standby_that_is_not_yet_consistent_is_recovering() -> Result<(), Trouble> {
    let mut primary = Postgres::primary().tcp(ports::free()?).start()?;
    let mut standby = primary.standby().tcp(ports::free()?).start()?;
    let daemons = both_ways(&standby)?;
    standby.lose_newest_wal(&mut primary)?;
    see_that_it_is_gone(&daemons)?;
    standby.launch()?;
    let told = not_consistent()?;
    wait_for_all(&daemons, told)?;
    keep_saying(told, FOR_A_WHILE, &daemons)?;
    primary.start()?;
    wait_for_all(&daemons, "standby")
}

/// Its recovery has begun within a transaction of more than 64 subtransactions, so it lets nobody in although it has
/// replayed everything that there is.
#[test]
fn a_standby_without_a_snapshot_of_the_running_transactions_is_recovering() -> Result<(), Trouble> {
    let primary = Postgres::primary().tcp(ports::free()?).start()?;
    let mut standby = primary.standby().tcp(ports::free()?).start()?;
    let open = primary.overflow()?;
    primary.checkpoint_with(&[&standby])?;
    let daemons = both_ways(&standby)?;
    standby.stop(Mode::Fast)?;
    see_that_it_is_gone(&daemons)?;
    standby.launch()?;
    let told = not_consistent()?;
    wait_for_all(&daemons, told)?;
    keep_saying(told, FOR_A_WHILE, &daemons)?;
    open.end()?;
    // It logs a snapshot of the transactions that still run.
    primary.query("CHECKPOINT")?;
    wait_for_all(&daemons, "standby")
}

#[test]
fn a_standby_that_is_not_hot_says_so() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let mut standby = primary.standby().setting("hot_standby", "off").create()?;
    let daemon = asking(&standby.conninfo(MONITOR))?.start()?;
    let ((), history) = History::during(&daemon, || {
        standby.launch()?;
        daemon.wait_for(SECONDS, "down not-hot")?;
        keep_saying("down not-hot", FOR_A_WHILE, [&daemon])
    })?;
    for line in history.lines() {
        assert!(line.starts_with("down "), "{line}");
    }
    Ok(())
}

/// After that a refusal means that the server starts, unless PostgreSQL tells more.
fn see_that_it_is_gone(daemons: &[Daemon; 2]) -> Result<(), Trouble> {
    for (daemon, gone) in daemons.iter().zip(["down no-socket", "down refused"]) {
        daemon.wait_for(SECONDS, gone)?;
    }
    Ok(())
}

/// Of a standby that lets nobody in yet PostgreSQL tells since version 14 that it is not that it starts
/// (`CAC_NOTCONSISTENT` in `postmaster.c`).
fn not_consistent() -> Result<&'static str, Trouble> {
    Ok(match Postgres::major()? {
        ..=13 => "down starting",
        14.. => "down recovering",
    })
}

fn never_a_standby(history: &History) {
    for line in history.lines() {
        assert!(line == "production" || line.starts_with("down "), "{line}");
    }
}
