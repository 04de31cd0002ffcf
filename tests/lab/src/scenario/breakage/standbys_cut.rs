//! The primary is to give its role away while the replication of both standbys stands still. They lag by
//! less than one WAL segment: a position that is rounded to the segment does not show it.
//!
//! Whoever becomes the primary must have what the old one acknowledged, so the role has to stay, or to
//! come back, until a standby has it all.

use crate::cluster::OutOfService;
use crate::error::Error;
use crate::host::Host;
use crate::lab::wait_for;
use crate::scenario::clients::{Clients, time_of_day};
use crate::scenario::stage::{HEALING, Played, Stage, expect};

/// How long the primary waits for a standby that says nothing. With PostgreSQL's minute each of these
/// scenarios would take minutes.
const SILENCE: &str = "wal_sender_timeout = '10s'";

/// How long the cut goes on, in seconds, while the cluster tries again and again.
const RETRIES: &str = "90";

/// How long the host is away, in seconds.
const AWAY: &str = "20";

/// The constraint that moved the role is withdrawn when the cluster has done what it can.
pub(in crate::scenario) fn and_withdrawn(stage: Stage<'_>) -> Result<Played, Error> {
    played(stage, |clients| {
        stage.cluster.move_to(stage.standby)?;
        // One that cannot settle goes on trying.
        stage.cluster.wait_until_idle().ok();
        heal(stage)?;
        stage.cluster.withdraw(stage.standby)?;
        clients.until_rows_of(HEALING, |_| true)
    })
}

/// It stays, the cluster tries again and again, and the role moves in the end.
pub(in crate::scenario) fn and_kept(stage: Stage<'_>) -> Result<Played, Error> {
    played(stage, |clients| {
        stage.cluster.move_to(stage.standby)?;
        stage
            .on(Host::Client)
            .run_within(HEALING, &["sleep", RETRIES])?;
        heal(stage)?;
        clients.until_rows_of(HEALING, |host| host == stage.standby)
    })
}

/// The old primary's host is shut down and started again before the cut heals.
pub(in crate::scenario) fn and_restarted(stage: Stage<'_>) -> Result<Played, Error> {
    played(stage, |clients| {
        stage.cluster.move_to(stage.standby)?;
        stage.cluster.wait_until_idle().ok();
        stage.lab.shut_down(stage.primary)?;
        stage.on(Host::Client).run(&["sleep", AWAY])?;
        stage.lab.restore_power(stage.primary)?;
        stage.lab.wait_until_booted(stage.primary)?;
        heal(stage)?;
        stage.cluster.withdraw(stage.standby)?;
        clients.until_rows_of(HEALING, |_| true)
    })
}

/// Nobody moves the role: the primary's node is taken out of service, and comes back.
pub(in crate::scenario) fn and_stopped(stage: Stage<'_>) -> Result<Played, Error> {
    played(stage, |clients| {
        let stopped = OutOfService::set(stage.on(stage.standby), stage.primary)?;
        stage.cluster.wait_until_idle().ok();
        stage.on(Host::Client).run(&["sleep", AWAY])?;
        heal(stage)?;
        drop(stopped);
        clients.until_rows_of(HEALING, |_| true)
    })
}

/// Has clients write rows that the primary alone has, does the rest, and tells how often the primary was
/// shut down.
fn played<'a>(
    stage: Stage<'a>,
    rest: impl FnOnce(&mut Clients<'a>) -> Result<(), Error>,
) -> Result<Played, Error> {
    for host in Host::SERVERS {
        // Nobody waits for standbys that cannot have a row.
        stage.cluster.set(host, "synchronous_standby_names = ''")?;
        stage.cluster.set(host, SILENCE)?;
    }
    let begun = time_of_day();
    let played = stage.under_traffic(|clients| {
        leave_standbys_behind(stage, clients)?;
        rest(clients)
    })?;
    let journal = stage.lab.journal_since(begun)?;
    let is_shutdown = |line: &&str| {
        line.contains("received fast shutdown request")
            && line.contains(&format!("\"_HOSTNAME\":\"{}\"", stage.primary))
    };
    let times = journal.lines().filter(is_shutdown).count();
    let primary = stage.cluster.primary()?;
    Ok(played.remark(format!(
        "{} was shut down {times} times; {primary} is the primary in the end",
        stage.primary
    )))
}

/// Cuts both standbys off at the beginning of a segment, and has rows acknowledged in it.
fn leave_standbys_behind(stage: Stage<'_>, clients: &mut Clients<'_>) -> Result<(), Error> {
    let on = stage.on(stage.primary);
    on.sql("SELECT pg_switch_wal()")?;
    clients.go_on()?;
    let segment = || on.sql("SELECT pg_walfile_name(pg_current_wal_lsn())");
    let begun_in = segment()?;
    wait_for("both standbys to have that", HEALING, || {
        let lag = "SELECT count(*) FROM pg_stat_replication \
             WHERE pg_walfile_name(flush_lsn) = pg_walfile_name(pg_current_wal_lsn())";
        expect("the number of standbys in the segment", &on.sql(lag)?, "2")
    })?;
    for standby in [stage.standby, stage.third] {
        stage.lab.cut_replication(standby, stage.primary)?;
    }
    clients.go_on()?;
    expect("the segment", &segment()?, &begun_in)
}

fn heal(stage: Stage<'_>) -> Result<(), Error> {
    for standby in [stage.standby, stage.third] {
        stage.lab.restore_replication(standby)?;
    }
    Ok(())
}
