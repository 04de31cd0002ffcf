//! Hosts lose their power: the primary's, with and without synchronous replication, or all at once.

use std::time::Duration;

use crate::error::Error;
use crate::host::Host;
use crate::scenario::stage::{Played, Stage};

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
