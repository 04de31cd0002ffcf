//! Ways to break the cluster, each with what has to come of it, run one after the other on a lab that
//! is up. A scenario begins with a whole cluster and leaves a whole one.
//!
//! Figures are from a probe that writes one row at a time through the client's HAProxy.
//!
//! - [`gap`]: how long no row was acknowledged.

mod freeze;
mod gap;
mod network_cut;
mod postmaster_kill;
mod power_cut;
mod switchover;
mod units;

use std::time::Duration;

use crate::cluster::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::lab::Lab;
use crate::say::say;

/// A lab and its cluster, as a scenario gets them.
#[derive(Clone, Copy, Debug)]
struct Stage<'a> {
    lab: &'a Lab,
    cluster: Cluster<'a>,
    /// The primary at the beginning.
    primary: Host,
    /// Another server.
    standby: Host,
}

impl Stage<'_> {
    /// Waits for a host that has power again, and makes its instance a standby anew.
    fn take_back(self, lost: Host) -> Result<(), Error> {
        self.lab.wait_until_booted(lost)?;
        self.cluster.wait_until_member(lost)?;
        self.cluster.rebuild(lost)
    }
}

/// One scenario.
#[derive(Clone, Copy, Debug)]
struct Scenario {
    /// As it is called on the command line.
    name: &'static str,
    /// Plays it, and returns the longest time without an acknowledged row.
    play: fn(Stage<'_>) -> Result<Duration, Error>,
}

const ALL: &[Scenario] = &[
    Scenario {
        name: "switchover",
        play: switchover::play,
    },
    Scenario {
        name: "postmaster-kill",
        play: postmaster_kill::play,
    },
    Scenario {
        name: "power-cut",
        play: power_cut::play,
    },
    Scenario {
        name: "network-cut",
        play: network_cut::play,
    },
    Scenario {
        name: "freeze",
        play: freeze::play,
    },
    Scenario {
        name: "units",
        play: units::play,
    },
];

/// Plays the scenarios of these names, all if there is none, and returns the table of what came of
/// them, and whether all did what they have to.
pub(crate) fn play(lab: &Lab, names: &[String]) -> Result<(String, bool), Error> {
    if let Some(name) = names
        .iter()
        .find(|name| ALL.iter().all(|scenario| scenario.name != name.as_str()))
    {
        return Err(Error::Unfit(format!("there is no scenario {name:?}")));
    }
    let wanted =
        |scenario: &&Scenario| names.is_empty() || names.iter().any(|name| name == scenario.name);
    let mut lines = Vec::new();
    let mut all_well = true;
    for scenario in ALL.iter().filter(wanted) {
        say(&format!("{} ...", scenario.name));
        let result = play_one(lab, *scenario);
        let outcome = match &result {
            Ok(gap) => format!("longest gap {:.1} s", gap.as_secs_f64()),
            Err(error) => format!("FAILED: {}", error.in_full()),
        };
        say(&format!("{}: {outcome}", scenario.name));
        lines.push(format!("{:16} {outcome}\n", scenario.name));
        all_well &= result.is_ok();
    }
    Ok((lines.concat(), all_well))
}

fn play_one(lab: &Lab, scenario: Scenario) -> Result<Duration, Error> {
    let cluster = Cluster::new(lab);
    let primary = cluster.wait_until_whole()?;
    let standby = Host::SERVERS
        .into_iter()
        .find(|host| *host != primary)
        .ok_or_else(|| Error::Unfit("there is one server only".into()))?;
    let gap = (scenario.play)(Stage {
        lab,
        cluster,
        primary,
        standby,
    })?;
    cluster.forget()?;
    cluster.wait_until_whole()?;
    Ok(gap)
}
