//! The hosts to which faults are done, by the roles that they have now, and an administrator's orders to the cluster.
//! Knows no fault.

use std::time::Duration;

use super::fault::Whom;
use crate::cluster::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::lab::Lab;

/// Longest that an administrator waits for an order to be taken.
const ORDER: Duration = Duration::from_secs(20);

/// A cluster, and who was what when it was last known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Targets<'a> {
    pub(super) lab: &'a Lab,
    pub(super) cluster: Cluster<'a>,
    /// The last primary that was known.
    pub(super) primary: Host,
}

impl<'a> Targets<'a> {
    /// Those of a whole cluster.
    pub(super) fn of(lab: &'a Lab, primary: Host) -> Self {
        Self {
            lab,
            cluster: Cluster::new(lab),
            primary,
        }
    }

    /// Looks who is the primary now; where nobody is, it stays the last one.
    pub(super) fn look(&mut self) {
        if let Ok(primary) = self.cluster.primary() {
            self.primary = primary;
        }
    }

    /// The other servers.
    pub(super) fn standbys(&self) -> [Host; 2] {
        match self.primary {
            Host::Srv1 | Host::Client => [Host::Srv2, Host::Srv3],
            Host::Srv2 => [Host::Srv3, Host::Srv1],
            Host::Srv3 => [Host::Srv1, Host::Srv2],
        }
    }

    /// The hosts that are meant.
    pub(super) fn hosts(&self, whom: Whom) -> Vec<Host> {
        let [standby, other] = self.standbys();
        match whom {
            Whom::Primary => vec![self.primary],
            Whom::Standby => vec![standby],
            Whom::Other => vec![other],
            Whom::Standbys => vec![standby, other],
            Whom::Servers => Host::SERVERS.into(),
            Whom::Coordinator => vec![self.coordinator()],
            Whom::Client => vec![Host::Client],
        }
    }

    fn coordinator(&self) -> Host {
        let said = self
            .order("crmadmin --quiet --dc_lookup")
            .unwrap_or_default();
        let named = |host: &Host| said.split_whitespace().any(|word| word == host.name());
        Host::SERVERS
            .into_iter()
            .find(named)
            .unwrap_or(self.primary)
    }

    /// Gives an order on the first server that takes it, and returns what it said.
    pub(super) fn order(&self, command: &str) -> Result<String, Error> {
        let [standby, other] = self.standbys();
        let mut refused = Error::Unfit("no server takes an order".into());
        for host in [standby, other, self.primary] {
            let shell = ["bash", "-euo", "pipefail", "-c", command];
            match self.lab.host(host).run_within(ORDER, &shell) {
                Ok(said) => return Ok(said),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// Runs lines of shell on each of these hosts; all are tried.
    pub(super) fn on_each(&self, hosts: &[Host], lines: &str) -> Result<(), Error> {
        each(hosts, |host| self.lab.host(host).shell(lines).map(drop))
    }
}

/// Does something to each of these hosts; all are tried.
pub(super) fn each(hosts: &[Host], act: impl Fn(Host) -> Result<(), Error>) -> Result<(), Error> {
    let done: Vec<Result<(), Error>> = hosts.iter().map(|host| act(*host)).collect();
    done.into_iter().collect()
}
