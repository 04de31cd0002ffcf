//! Waits until a cluster is whole again by itself, and where it is not, does what an administrator does. One that went
//! another way than the primary is made anew at once.

use std::time::{Duration, Instant};

use super::forked::forked;
use crate::cluster::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::lab::{Lab, wait_for};
use crate::say::say;
use crate::scenario::make_whole;

/// Longest until a cluster to which nothing is done any more is whole: a host starts in 20 s, Pacemaker takes some
/// 25 s from a quorum to a promotion, and an action may have to run into its timeout of 60 s first.
const BY_ITSELF: Duration = Duration::from_secs(180);

/// Time between two looks for a server that can never follow.
const LOOK: Duration = Duration::from_secs(5);

/// How a cluster became whole.
#[derive(Clone, Debug, Default)]
pub(super) struct Settled {
    /// How long that took, from the moment at which all faults had been taken back.
    pub(super) took: Duration,
    /// What it lacked when its time was over.
    pub(super) lacked: Option<Lacked>,
    /// The primary of the whole cluster; none where it could not be made whole.
    pub(super) primary: Option<Host>,
    /// Servers whose instances had to be made anew.
    pub(super) rebuilt: Vec<Host>,
    /// What else went wrong on the way.
    pub(super) troubles: Vec<String>,
}

/// What a cluster lacked that did not become whole by itself.
#[derive(Clone, Debug)]
pub(super) struct Lacked {
    /// In words.
    pub(super) what: String,
    /// The primary that took writes then.
    pub(super) primary: Option<Host>,
    /// What Pacemaker, and each server's agent, said then.
    pub(super) said: String,
}

/// Waits for a whole cluster, and makes it whole when that was in vain.
pub(super) fn settle(lab: &Lab) -> Settled {
    let cluster = Cluster::new(lab);
    let began = Instant::now();
    let mut settled = Settled::default();
    let by_itself = settled.wait(lab);
    settled.took = began.elapsed();
    settled.lacked = by_itself.err().map(|error| Lacked {
        what: error.in_full(),
        primary: cluster
            .primary()
            .ok()
            .filter(|host| takes_writes(lab, *host)),
        said: said(lab),
    });
    // A cluster that is whole may still count failures, and keep a preference that was withdrawn too early.
    match make_whole(lab) {
        Ok(rebuilt) => {
            settled.rebuilt.extend(rebuilt);
            settled.primary = cluster.primary().ok();
        }
        Err(error) => settled.troubles.push(error.in_full()),
    }
    settled
}

impl Settled {
    /// Waits until the cluster is whole, and makes anew what can never follow, each server once.
    fn wait(&mut self, lab: &Lab) -> Result<Host, Error> {
        let cluster = Cluster::new(lab);
        loop {
            let found = wait_for("a whole cluster", BY_ITSELF, || {
                let whole = cluster.wait_until_whole_within(LOOK);
                let mut forked = forked(lab).unwrap_or_default();
                forked.retain(|host| !self.rebuilt.contains(host));
                match (whole, forked) {
                    (Err(_), forked) if !forked.is_empty() => Ok(Found::Forked(forked)),
                    (Ok(primary), _) => Ok(Found::Whole(primary)),
                    (Err(error), _) => Err(error),
                }
            })?;
            match found {
                Found::Whole(primary) => return Ok(primary),
                Found::Forked(hosts) => {
                    for host in hosts {
                        say(&format!("     {host} went another way; it is made anew"));
                        self.rebuilt.push(host);
                        cluster.rebuild(host)?;
                    }
                }
            }
        }
    }
}

/// What a cluster was found to be.
enum Found {
    Whole(Host),
    Forked(Vec<Host>),
}

fn takes_writes(lab: &Lab, host: Host) -> bool {
    let asked = lab.host(host).sql("SELECT NOT pg_is_in_recovery()");
    asked.is_ok_and(|said| said == "t")
}

fn said(lab: &Lab) -> String {
    let lines = "crm_mon -1 -A -f -r -n 2>&1 || true; \
         OCF_ROOT=/usr/lib/ocf /usr/lib/ocf/resource.d/pgsql-state/pgsqlms explain 2>&1 || true";
    Host::SERVERS
        .into_iter()
        .map(|host| match lab.host(host).shell(lines) {
            Ok(said) => format!("== {host}\n{said}\n"),
            Err(error) => format!("== {host}\n{}\n", error.in_full()),
        })
        .collect()
}
