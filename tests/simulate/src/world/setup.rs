//! What is configured before a history begins: as the guide has it, in the ways that it leaves open. Knows nothing of
//! what happens.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;

use crate::clients::haproxy::{Pace, Replication};
use crate::pacemaker::{Config, Corosync, NoQuorumPolicy, NodeConfig, Operations, Recurring};
use crate::postgres::sync::Rule;

/// The resource.
pub(crate) const RESOURCE: &str = "pgsqld";
/// Its data directory.
pub(crate) const PGDATA: &str = "/var/lib/postgresql/15/main";

/// A cluster's configuration.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) nodes: usize,
    /// `synchronous_standby_names` at the beginning.
    pub(crate) rule: Rule,
    /// How HAProxy checks.
    pub(crate) pace: Pace,
    /// How standbys reach the primary.
    pub(crate) replication: Replication,
    /// `guard.quorum`.
    pub(crate) quorum_guard: bool,
    /// How many segments of WAL are kept.
    pub(crate) keep: u64,
    pub(crate) config: Config,
}

impl Setup {
    /// One of those that people have.
    pub(crate) fn choose(random: &mut Rng) -> Self {
        let nodes = [2, 3, 3, 3, 3, 4, 5][random.usize(0..7)];
        let all: Vec<usize> = (0..nodes).collect();
        let rule = match random.usize(0..10) {
            0..=5 => Rule::Any(1, all),
            6 if nodes > 3 => Rule::Any(2, all),
            6 | 7 => Rule::First(1, all),
            _ => Rule::Nobody,
        };
        let seconds = Duration::from_secs;
        let monitor = |interval| Recurring {
            interval: seconds(interval),
            timeout: seconds(10),
        };
        let mut parameters: BTreeMap<String, String> = [
            ("bindir", "/usr/lib/postgresql/15/bin"),
            ("pgdata", PGDATA),
            ("pghost", "/var/run/postgresql"),
            ("pgport", "5434"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .into();
        if random.usize(0..4) == 0 {
            parameters.insert("maxlag".into(), "16777216".into());
        }
        let config = Config {
            nodes: (1..=nodes)
                .map(|number| NodeConfig {
                    name: format!("srv{number}"),
                    id: number as u32,
                })
                .collect(),
            resource: RESOURCE.into(),
            clone: format!("{RESOURCE}-clone"),
            parameters,
            operations: Operations {
                start: seconds(60),
                stop: seconds(60),
                promote: seconds(30),
                demote: seconds(120),
                notify: seconds(60),
                probe: seconds(10),
                monitor_promoted: monitor(15),
                monitor_unpromoted: monitor(16),
                reload: seconds(20),
            },
            stickiness: 10,
            migration_threshold: Some(5),
            failure_timeout: None,
            start_failure_is_fatal: true,
            fencing: true,
            no_quorum_policy: NoQuorumPolicy::Stop,
            corosync: Corosync {
                token: Duration::from_secs(3),
                consensus: Duration::from_millis(3600),
                two_node: nodes == 2,
                wait_for_all: nodes == 2,
            },
            recheck: seconds(900),
            permanent: BTreeMap::new(),
        };
        Self {
            nodes,
            rule,
            pace: Pace::ALL[random.usize(0..3)],
            replication: if random.bool() {
                Replication::Own
            } else {
                Replication::Direct
            },
            quorum_guard: random.bool(),
            keep: random.u64(2..6),
            config,
        }
    }
}
