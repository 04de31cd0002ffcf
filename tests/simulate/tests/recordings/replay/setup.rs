//! How the recorded cluster is configured. Knows nothing of what was done to it.

use std::time::Duration;

use simulate::pacemaker::{Config, Corosync};

use super::node;
use crate::recording::Recording;

pub(super) fn config(recording: &Recording) -> Config {
    let scores = recording.scores.iter();
    let permanent =
        scores.map(|(name, score)| ((node(name), "master-pgsqld".to_owned()), score.clone()));
    Config {
        corosync: Corosync {
            token: Duration::from_millis(3650),
            consensus: Duration::from_millis(4380),
            two_node: false,
            wait_for_all: false,
        },
        permanent: permanent.collect(),
        ..Config::of_the_guide(3)
    }
}
