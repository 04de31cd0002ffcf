//! A whole cluster as a scenario gets it, and what every scenario does with one.

use std::time::Duration;

use support::haproxy::Status;

use super::clients::{Clients, Notes};
use crate::agent::Agent;
use crate::cluster::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::lab::{Lab, On};
use crate::plan::Check;

/// Longest that most breakages may take to heal.
pub(super) const HEALING: Duration = Duration::from_secs(120);

/// Longest until PAF's monitor, notify, demote and stop have run into their timeouts (26 s with the time
/// until the next monitor, 60, 120, 60) and the host is fenced.
pub(super) const TIMEOUTS: Duration = Duration::from_secs(400);

/// A lab and its cluster.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stage<'a> {
    pub(super) lab: &'a Lab,
    pub(super) cluster: Cluster<'a>,
    /// What runs the instances.
    pub(super) agent: Agent,
    /// What answers HAProxy's checks.
    pub(super) check: Check,
    /// The scenario's name.
    pub(super) name: &'static str,
    /// The primary at the beginning.
    pub(super) primary: Host,
    /// Another server.
    pub(super) standby: Host,
    /// And the other one.
    pub(super) third: Host,
}

/// What a scenario leaves to be judged.
#[derive(Clone, Debug)]
pub(super) struct Played {
    /// What the clients noted.
    pub(super) notes: Notes,
    /// What clients noted on a host that was then cut off.
    pub(super) inside: Option<Notes>,
    /// What was seen besides.
    pub(super) remarks: Vec<String>,
}

impl Played {
    /// Adds something that was seen.
    pub(super) fn remark(mut self, remark: impl Into<String>) -> Self {
        self.remarks.push(remark.into());
        self
    }
}

impl<'a> Stage<'a> {
    /// A host, to do something on.
    pub(super) fn on(self, host: Host) -> On<'a> {
        self.lab.host(host)
    }

    /// Lets clients go on the client's host, has `breakage` break something and wait until it has
    /// healed, and ends the clients a second later.
    pub(super) fn under_traffic(
        self,
        breakage: impl FnOnce(&mut Clients<'a>) -> Result<(), Error>,
    ) -> Result<Played, Error> {
        let mut clients = Clients::begin(self.lab, Host::Client, self.name)?;
        breakage(&mut clients)?;
        clients.go_on()?;
        Ok(Played {
            notes: clients.end(),
            inside: None,
            remarks: Vec::new(),
        })
    }

    /// The same, where another server has to become the primary.
    pub(super) fn until_another_is_primary(
        self,
        breakage: impl FnOnce() -> Result<(), Error>,
    ) -> Result<Played, Error> {
        self.under_traffic(|clients| {
            breakage()?;
            clients.until_rows_of(HEALING, |host| host != self.primary)
        })
    }

    /// Has nobody answer checks on a host any more: neither the socket nor what it started.
    pub(super) fn stop_checks(self, host: Host) -> Result<(), Error> {
        let stop = "systemctl stop pgsql-state.socket && systemctl stop 'pgsql-state*.service'";
        self.on(host).shell(stop).map(drop)
    }

    /// Fails unless `host`'s HAProxy sees `server` so in a listen block.
    pub(super) fn expect_status(
        self,
        host: Host,
        listen: &str,
        server: Host,
        wanted: Status,
    ) -> Result<(), Error> {
        let rows = self.cluster.haproxy(host)?;
        let row = rows
            .iter()
            .find(|row| row.proxy == listen && row.server == server.name());
        match row {
            Some(row) if row.status == wanted => Ok(()),
            Some(row) => Err(Error::Unfit(format!(
                "HAProxy of {host} has {server} as {:?} ({}) in {listen}",
                row.status, row.check_status
            ))),
            None => Err(Error::Unfit(format!(
                "HAProxy of {host} has no {listen}/{server}"
            ))),
        }
    }

    /// Fails unless a host's port 5431 says `word`.
    pub(super) fn expect_answer(self, host: Host, word: &str) -> Result<(), Error> {
        expect(
            &format!("the answer of {host}"),
            &self.cluster.answer(host)?,
            word,
        )
    }
}

/// Fails unless what was seen is what it has to be.
pub(super) fn expect(what: &str, seen: &str, wanted: &str) -> Result<(), Error> {
    if seen == wanted {
        Ok(())
    } else {
        Err(Error::Unfit(format!("{what} is {seen:?}, not {wanted:?}")))
    }
}
