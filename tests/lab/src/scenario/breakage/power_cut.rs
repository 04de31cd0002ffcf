//! Hosts lose their power: the primary's, with and without synchronous replication, or all at once, with
//! and without a standby that was behind.

use std::time::Duration;

use crate::error::Error;
use crate::host::Host;
use crate::scenario::stage::{Played, Stage};

/// How long a standby's replication is cut before the power is, in seconds: long enough for a monitor of
/// the primary, and for scores by it.
const BEHIND: &str = "20";

/// How long that standby's host is alone, and then with another one, in seconds.
const ALONE: &str = "20";

/// Longest from a boot of all hosts to a primary.
const ALL_BOOT: Duration = Duration::from_secs(180);

pub(in crate::scenario) fn of_the_primary(stage: Stage<'_>) -> Result<Played, Error> {
    stage.until_another_is_primary(|| stage.lab.cut_power(stage.primary))
}

/// A row is acknowledged when a standby has it too, so none may be lost.
pub(in crate::scenario) fn synchronous(stage: Stage<'_>) -> Result<Played, Error> {
    stage.cluster.be_synchronous()?;
    of_the_primary(stage)
}

/// The disks stay, so that nothing is lost whoever becomes the primary with all of it.
pub(in crate::scenario) fn of_all(stage: Stage<'_>) -> Result<Played, Error> {
    stage.under_traffic(|clients| {
        for host in Host::SERVERS {
            stage.lab.cut_power(host)?;
        }
        for host in Host::SERVERS {
            stage.lab.restore_power(host)?;
        }
        clients.until_rows_of(ALL_BOOT, |_| true)
    })
}

/// A standby is behind when all lose their power, and its host is the first to have it back. Each row
/// was acknowledged when the other standby had it, so none may be lost.
pub(in crate::scenario) fn of_all_and_a_stale_one_is_back_first(
    stage: Stage<'_>,
) -> Result<Played, Error> {
    let behind = stage.standby;
    stage.cluster.be_synchronous()?;
    stage.under_traffic(|clients| {
        stage.on(stage.primary).sql("SELECT pg_switch_wal()")?;
        clients.go_on()?;
        stage.lab.cut_replication(behind, stage.primary)?;
        stage.on(Host::Client).run(&["sleep", BEHIND])?;
        for host in Host::SERVERS {
            stage.lab.cut_power(host)?;
        }
        stage.lab.restore_power(behind)?;
        stage.lab.wait_until_booted(behind)?;
        stage.on(Host::Client).run(&["sleep", ALONE])?;
        // These two make a quorum; the old primary comes when they have elected.
        stage.lab.restore_power(stage.third)?;
        stage.lab.wait_until_booted(stage.third)?;
        stage.on(Host::Client).run(&["sleep", ALONE])?;
        stage.lab.restore_power(stage.primary)?;
        clients.until_rows_of(ALL_BOOT, |_| true)
    })
}
