//! What kind of cluster to make, and the file of variables that tells the provisioning scripts; pure.

use clap::{Args, ValueEnum};
use support::suites::Suite;

use crate::agent::Agent;
use crate::host::{Host, NETWORK};

/// The variables of a cluster. Each may be given as an option or in the environment.
#[derive(Clone, Debug, Args)]
pub(crate) struct Plan {
    /// Debian's suite that the hosts are of, one of tests/suites
    #[arg(long, env = "SUITE", default_value = "stable")]
    pub(crate) suite: Suite,

    /// Resource agent of the instances
    #[arg(long, env = "AGENT", value_enum, default_value_t = Agent::Own)]
    pub(crate) agent: Agent,

    /// What answers HAProxy's checks
    #[arg(long, env = "CHECK", value_enum, default_value_t = Check::Daemon)]
    pub(crate) check: Check,

    /// How often HAProxy asks
    #[arg(long, env = "PACE", value_enum, default_value_t = Pace::Classic)]
    pub(crate) pace: Pace,

    /// How standbys reach the primary
    #[arg(long, env = "REPLICATION", value_enum, default_value_t = Replication::Own)]
    pub(crate) replication: Replication,

    /// How many standbys must have a row before it is acknowledged
    #[arg(long, env = "SYNC", value_name = "STANDBYS", default_value_t = 0,
          value_parser = clap::value_parser!(u8).range(0..=2))]
    pub(crate) sync: u8,

    /// Note each call of the resource agent from the first one, for `record first-start`
    #[arg(long, env = "RECORDING")]
    pub(crate) recording: bool,
}

/// What answers on port 5431.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Check {
    /// This project's daemon.
    Daemon,
    /// The three-node example's psql, one for each check: the reference.
    Psql,
}

/// The time between two checks, as the profile of that name of `pgsql-state generate haproxy` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pace {
    /// Two seconds, and two good checks.
    Classic,
    /// 300 ms, and one.
    Fast,
}

impl Pace {
    const fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Fast => "fast",
        }
    }
}

/// How a standby reaches whichever server is the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Replication {
    /// Through a listen block of its own HAProxy that does not cut it off from a primary that shuts
    /// down: it is to get the shutdown checkpoint.
    Own,
    /// Through its own HAProxy as every writer does: the three-node example's way.
    Prod,
    /// Through a listen block of its own HAProxy that follows the writers' and never cuts it off.
    Track,
    /// Past HAProxy: it tries all servers for the one that takes writes.
    Direct,
}

impl Replication {
    const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Prod => "prod",
            Self::Track => "track",
            Self::Direct => "direct",
        }
    }
}

impl Check {
    /// Its name in the file of variables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Daemon => "daemon",
            Self::Psql => "psql",
        }
    }
}

impl Plan {
    /// For hosts of which no cluster is made, and which answer nothing.
    pub(crate) fn of_no_cluster(suite: Suite) -> Self {
        Self {
            suite,
            agent: Agent::Paf,
            check: Check::Psql,
            pace: Pace::Classic,
            replication: Replication::Own,
            sync: 0,
            recording: false,
        }
    }

    /// The file `cluster.env`, whose variables `provision/common.sh` tells.
    pub(crate) fn variables(&self) -> String {
        let list = |wanted: bool| {
            Host::ALL
                .into_iter()
                .filter(|host| host.is_server() == wanted)
                .map(|host| format!("{host}={}", host.address()))
                .collect::<Vec<_>>()
                .join(" ")
        };
        format!(
            "SERVERS=\"{}\"\nCLIENTS=\"{}\"\nNETWORK={NETWORK}\nPG_VERSION={}\n\
             AGENT={}\nCHECK={}\nPACE={}\nREPLICATION={}\nSYNC={}\nRECORDING={}\nFENCING=\"fence_lab socket=/lab/power/socket\"\nFILES=/lab\n",
            list(true),
            list(false),
            self.suite.postgresql,
            self.agent.name(),
            self.check.name(),
            self.pace.name(),
            self.replication.name(),
            self.sync,
            if self.recording { "1" } else { "" },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_are_told_who_is_who() {
        let plan = Plan {
            suite: "stable".parse().unwrap(),
            agent: Agent::Own,
            check: Check::Psql,
            pace: Pace::Fast,
            replication: Replication::Track,
            sync: 1,
            recording: true,
        };
        let text = plan.variables();
        let says = |line: &str| text.lines().any(|found| found == line);
        assert!(says(
            "SERVERS=\"srv1=10.20.30.51 srv2=10.20.30.52 srv3=10.20.30.53\""
        ));
        assert!(says("CLIENTS=\"client=10.20.30.50\""));
        assert!(says("AGENT=ocf:pgsql-state:pgsqlms"));
        assert!(says("CHECK=psql"));
        assert!(says("PACE=fast"));
        assert!(says("REPLICATION=track"));
        assert!(says("SYNC=1"));
        assert!(says("RECORDING=1"));
        assert!(says(&format!("PG_VERSION={}", plan.suite.postgresql)));
    }
}
