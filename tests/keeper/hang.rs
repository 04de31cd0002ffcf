//! Servers that stand still, seen through the daemon.

use support::postgres::MONITOR;
use support::{Daemon, Postgres, Trouble, Whom, ports};

use crate::cluster::{Cluster, PROGRAM, SECONDS};
use crate::{FAIL, UNFIT};

/// A server with its daemon, and the keeper's configuration.
fn daemon(server: &Postgres) -> Result<(Daemon, String), Trouble> {
    let place = ports::free()?;
    let timeout = "timeout = \"200ms\"\n";
    let daemon = Daemon::binding(PROGRAM, place)
        .asking(&server.conninfo(MONITOR))
        .config(timeout)
        .start()?;
    let config = format!(
        "postgres.timeout = \"200ms\"\nlisten.state = [\"{place}\"]\nkeeper.hung_after = \"2s\"\n"
    );
    Ok((daemon, config))
}

#[test]
fn a_server_that_stands_still_is_told_once_and_its_end_is_not_told_again() -> Result<(), Trouble> {
    for whom in [Whom::Everyone, Whom::Postmaster] {
        let mut server = Postgres::primary().start()?;
        let (daemon, config) = daemon(&server)?;
        daemon.wait_for(SECONDS, "production")?;
        let cluster = Cluster::of(&server)?;
        cluster.change(&UNFIT);
        let keeper = cluster.start(&config)?;
        keeper.wait_for_turns(3)?;
        assert_eq!(cluster.calls(), [""; 0]);
        server.freeze(whom)?;
        assert_eq!(cluster.wait_for_calls(1)?, [FAIL]);
        keeper.wait_for_turns(4)?;
        server.thaw()?;
        server.kill()?;
        keeper.wait_for_log("Pacemaker was already told of this server", 1)?;
        assert_eq!(cluster.calls(), [FAIL], "{whom:?}");
    }
    Ok(())
}

#[test]
fn a_server_that_is_full_is_not_told() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let (daemon, config) = daemon(&server)?;
    let cluster = Cluster::of(&server)?;
    let keeper = cluster.start(&config)?;
    let _slots = server.fill_slots()?;
    daemon.wait_for(SECONDS, "production")?;
    keeper.wait_for_turns(4)?;
    assert_eq!(cluster.calls(), [""; 0]);
    // While it is full, it stands still no more than otherwise.
    server.freeze(Whom::Everyone)?;
    cluster.wait_for_calls(1)?;
    server.thaw()
}
