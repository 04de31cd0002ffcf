//! A keeper that stood still while something happened: what is over is not told.

use rustix::process::Signal;
use support::postgres::Mode;
use support::{Postgres, Trouble};

use crate::PROMOTED_HERE;
use crate::cluster::Cluster;

#[test]
fn a_restart_that_a_frozen_keeper_has_missed_is_not_told() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let mut keeper = cluster.start("")?;
    keeper.running.signal(Signal::STOP)?;
    server.stop(Mode::Fast)?;
    server.start()?;
    keeper.running.signal(Signal::CONT)?;
    keeper.wait_for_log("another postmaster runs in the data directory", 1)?;
    keeper.wait_until_it_watches(2)?;
    keeper.wait_for_turns(2)?;
    assert_eq!(cluster.calls(), [""; 0]);
    Ok(())
}

#[test]
fn a_stop_that_a_frozen_keeper_has_missed_is_not_told() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let cluster = Cluster::of(&server)?;
    let mut keeper = cluster.start("")?;
    keeper.running.signal(Signal::STOP)?;
    server.stop(Mode::Fast)?;
    let stopped = [
        (PROMOTED_HERE, r#"operation="stop""#),
        (r#"rc-code="8""#, r#"rc-code="9""#),
    ];
    cluster.change(&stopped);
    keeper.running.signal(Signal::CONT)?;
    keeper.wait_for_log("does not run the resource on this node", 1)?;
    keeper.wait_for_turns(2)?;
    assert_eq!(cluster.calls(), [""; 0]);
    Ok(())
}
