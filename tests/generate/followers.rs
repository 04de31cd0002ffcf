//! How standbys reach the primary through the block that is their own.

use support::postgres::SUPERUSER;
use support::{Mode, Postgres, Trouble, until};

use crate::{Places, SECONDS, led_to, wait_for_view};

#[test]
fn a_standby_stays_with_a_primary_that_shuts_down() -> Result<(), Trouble> {
    let places = Places::choose()?;
    let mut primary = Postgres::primary().tcp(places.postgres(0)).start()?;
    let haproxy = places.haproxy(&["--profile", "safe"])?;
    let daemon = places.daemon(0, &primary, "")?;
    wait_for_view(&haproxy, &["replication/srv1 Up L7OK"])?;
    let through = primary.backup().streaming_from(places.followers()).setup();
    let standby = through.tcp(places.postgres(1)).start()?;
    let _second = places.daemon(1, &standby, "")?;
    let streams = || {
        let status = standby.query("SELECT status FROM pg_stat_wal_receiver");
        status.is_ok_and(|status| status == "streaming")
    };
    until(SECONDS, "the standby to stream", streams)?;
    let receiver = standby.query("SELECT pid FROM pg_stat_wal_receiver")?;
    wait_for_view(&haproxy, &["replication/srv2 Down L7RSP"])?;

    // A session keeps the primary from its end, and from letting anybody in.
    let session = primary.connect(SUPERUSER)?;
    primary.ask_to_stop(Mode::Smart)?;
    daemon.wait_for(SECONDS, "down shutting-down")?;
    let apart = ["prod/srv1 Down L7RSP", "replication/srv1 Up L7OK"];
    wait_for_view(&haproxy, &apart)?;
    assert_eq!(led_to(places.writers()), None);
    let still = standby.query("SELECT pid FROM pg_stat_wal_receiver")?;
    assert_eq!(still, receiver, "{}", haproxy.log());
    assert!(streams());

    drop(session);
    primary.wait_stopped(SECONDS)?;
    wait_for_view(&haproxy, &["replication/srv1 Down L7RSP"])
}
