//! How the recorded cluster is configured. Knows nothing of what was done to it.

use std::collections::BTreeMap;
use std::time::Duration;

use simulate::pacemaker::{Config, Corosync, NoQuorumPolicy, NodeConfig, Operations, Recurring};

use super::{NAMES, node};
use crate::recording::Recording;

pub(super) fn config(recording: &Recording) -> Config {
    let seconds = Duration::from_secs;
    let monitor = |interval| Recurring {
        interval: seconds(interval),
        timeout: seconds(10),
    };
    let scores = recording.scores.iter();
    let permanent =
        scores.map(|(name, score)| ((node(name), "master-pgsqld".to_owned()), score.clone()));
    Config {
        nodes: (1..)
            .zip(NAMES)
            .map(|(id, name)| NodeConfig {
                name: name.into(),
                id,
            })
            .collect(),
        resource: "pgsqld".into(),
        clone: "pgsqld-clone".into(),
        parameters: BTreeMap::new(),
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
            token: Duration::from_millis(3650),
            consensus: Duration::from_millis(4380),
            two_node: false,
            wait_for_all: false,
        },
        recheck: seconds(900),
        permanent: permanent.collect(),
    }
}
