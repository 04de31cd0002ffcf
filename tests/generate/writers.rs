//! No writer reaches a standby: not before the first checks, not at a reload, and not while two servers
//! claim to be the primary.

use std::net::{SocketAddrV4, TcpListener};
use std::thread;

use support::postgres::{connect_at, query_at, rows};
use support::{Mode, Postgres, Trouble, until};

use crate::{Cluster, IN_RECOVERY, Places, SECONDS, led_to, wait_for_view};

/// A state port whose checks hang: the kernel takes them, and nobody answers.
fn silent(address: SocketAddrV4) -> Result<TcpListener, Trouble> {
    TcpListener::bind(address).map_err(Trouble::io("listen in silence"))
}

#[test]
fn none_is_let_in_before_every_server_has_been_asked() -> Result<(), Trouble> {
    let places = Places::choose()?;
    let primary = Postgres::primary().start()?;
    let _standby = primary.standby().tcp(places.postgres(2)).start()?;
    // The two that could be the primary are down at once; the standby is up until its check has hung.
    let _hanging = silent(places.state(2))?;
    let haproxy = places.haproxy(&["--profile", "safe"])?;
    let early = thread::scope(|scope| {
        let attempts: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| led_to(places.writers())))
            .collect();
        let outcomes = attempts.into_iter().map(|attempt| attempt.join().unwrap());
        outcomes.collect::<Vec<_>>()
    });
    assert_eq!(early, [None, None, None, None]);
    wait_for_view(&haproxy, &["prod/srv1 Down L4CON", "prod/srv3 Down L7TOUT"])?;
    assert_eq!(led_to(places.writers()), None);
    Ok(())
}

#[test]
fn the_first_of_them_wait_and_then_reach_the_primary() -> Result<(), Trouble> {
    let cluster = Cluster::start(2, "")?;
    let _haproxy = cluster.places.haproxy(&["--profile", "safe"])?;
    let writers = cluster.places.writers();
    let first = thread::scope(|scope| {
        let attempts: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| query_at(writers, IN_RECOVERY)))
            .collect();
        let outcomes = attempts.into_iter().map(|attempt| attempt.join().unwrap());
        outcomes.collect::<Result<Vec<_>, _>>()
    })?;
    assert_eq!(first, ["f", "f", "f", "f"]);
    Ok(())
}

#[test]
fn a_reload_ends_no_session_and_leads_nobody_astray() -> Result<(), Trouble> {
    let mut cluster = Cluster::start(2, "")?;
    let places = &cluster.places;
    let mut haproxy = places.haproxy(&["--profile", "safe"])?;
    wait_for_view(
        &haproxy,
        &[
            "prod/srv1 Up L7OK",
            "prod/srv2 Down L7RSP",
            "prod/srv3 Down L7RSP",
        ],
    )?;
    let mut session = connect_at(places.writers())?;
    haproxy.reload()?;
    assert_eq!(query_at(places.writers(), IN_RECOVERY)?, "f");
    let said = rows(&mut session, IN_RECOVERY).map_err(Trouble::sql("write on"))?;
    assert_eq!(said, "f");
    // The same with nobody to lead them to.
    cluster.primary.stop(Mode::Fast)?;
    cluster.daemons[0].wait_for(SECONDS, "down no-socket")?;
    haproxy.reload()?;
    assert_eq!(led_to(cluster.places.writers()), None);
    Ok(())
}

#[test]
fn two_servers_that_claim_to_be_the_primary_get_none() -> Result<(), Trouble> {
    let places = Places::choose()?;
    let mut first = Postgres::primary().tcp(places.postgres(0)).start()?;
    let second = Postgres::primary().tcp(places.postgres(1)).start()?;
    let haproxy = places.haproxy(&["--profile", "safe"])?;
    let daemon = places.daemon(0, &first, "")?;
    wait_for_view(&haproxy, &["prod/srv1 Up L7OK", "prod/srv2 Down L4CON"])?;
    let at = |host: usize| Some(format!("{} primary", places.hosts[host]));
    until(SECONDS, "writers to reach the first", || {
        led_to(places.writers()) == at(0)
    })?;
    let mut session = connect_at(places.writers())?;

    let _other = places.daemon(1, &second, "")?;
    let both = [
        "prod/srv1 Up L7OK",
        "prod/srv2 Up L7OK",
        "replication/srv2 Up L7OK",
    ];
    wait_for_view(&haproxy, &both)?;
    assert_eq!(led_to(places.writers()), None);
    assert_eq!(led_to(places.followers()), None);
    // Who was there before stays.
    rows(&mut session, "CREATE TABLE kept ()").map_err(Trouble::sql("write on"))?;

    first.stop(Mode::Fast)?;
    daemon.wait_for(SECONDS, "down no-socket")?;
    wait_for_view(&haproxy, &["prod/srv1 Down L7RSP", "prod/srv2 Up L7OK"])?;
    assert_eq!(led_to(places.writers()), at(1));
    Ok(())
}

#[test]
fn a_promotion_moves_them() -> Result<(), Trouble> {
    let mut cluster = Cluster::start(2, "")?;
    let haproxy = cluster.places.haproxy(&["--profile", "fast"])?;
    let writers = cluster.places.writers();
    assert_eq!(
        led_to(writers),
        Some(format!("{} primary", cluster.places.hosts[0]))
    );
    let mut session = connect_at(writers)?;

    cluster.primary.stop(Mode::Fast)?;
    cluster.standbys[0].promote()?;
    let moved = [
        "prod/srv1 Down L7RSP",
        "prod/srv2 Up L7OK",
        "prod/srv3 Down L7RSP",
    ];
    wait_for_view(&haproxy, &moved)?;
    assert_eq!(
        led_to(writers),
        Some(format!("{} primary", cluster.places.hosts[1]))
    );
    assert!(rows(&mut session, "SELECT 1").is_err());
    Ok(())
}
