//! A simulated server and cluster that only record what was done to them.

mod cluster;
mod evidence;
mod server;

use std::collections::BTreeMap;

use super::*;
use crate::agent::actions::cluster::PermanentAttributes;
use crate::agent::actions::server::CommitProof;
use crate::agent::decide::state::ServerEvidence;
use crate::postgres::wal::History;

pub(super) use cluster::{Fails, OUTDATED, Told};
pub(super) use evidence::{alive, dead, pending, primary, receiving, standby, streaming};
pub(super) use server::{Played, Stops, Upstream};

pub(super) fn node(name: &str) -> Node {
    name.parse().unwrap()
}

pub(super) struct World {
    pub(super) server: Played,
    pub(super) cluster: Told,
}

impl World {
    pub(super) fn with(evidence: ServerEvidence) -> Self {
        let nodes = ["srv1", "srv2", "srv3"].map(|name| (node(name), PermanentAttributes::new()));
        Self {
            server: Played {
                evidence,
                position: at(1, 1000),
                problem: None,
                senders: Vec::new(),
                promoted_for: None,
                proof: Ok(CommitProof::Given),
                stops: Stops::Cleanly,
                started_for: None,
                upstream: Upstream::Nobody,
                servers_on: BTreeMap::new(),
                received: 0,
                receives: 0,
                asked: Vec::new(),
                promoted_at: BTreeMap::new(),
                histories: [(Timeline(1), History::alone(Timeline(1)))].into(),
                synchronous_standby_names: String::new(),
                has_the_end: false,
                looks: 0,
                freezes_after: None,
                checkpoints: 0,
                most_checkpoints: usize::MAX,
                done: Vec::new(),
            },
            cluster: Told {
                kept: nodes.into(),
                private: BTreeMap::new(),
                fails: Fails::Never,
                members: ["srv1", "srv2", "srv3"].map(node).into(),
                lacks_quorum: false,
                goes_on_without_quorum: false,
                is_alone_after: None,
                outdated: 0,
                tells: 0,
                directories: BTreeMap::new(),
                foreseen: 0,
            },
        }
    }

    pub(super) fn score(&self, name: &str) -> Option<&str> {
        self.kept(name, "master-pgsqld")
    }

    pub(super) fn kept(&self, name: &str, attribute: &str) -> Option<&str> {
        let kept = self.cluster.kept.get(&node(name))?;
        kept.get(attribute).map(String::as_str)
    }

    pub(super) fn keep(&mut self, name: &str, attribute: &str, value: &str) {
        let kept = self.cluster.kept.entry(node(name)).or_default();
        kept.insert(attribute.into(), value.into());
    }

    pub(super) fn tell(&mut self, name: &str, attribute: &str, value: &str) {
        let key = (node(name), attribute.to_owned());
        self.cluster.private.insert(key, value.into());
    }

    pub(super) fn told(&self, name: &str, attribute: &str) -> Option<&str> {
        let key = (node(name), attribute.to_owned());
        self.cluster.private.get(&key).map(String::as_str)
    }
}

/// A clock that only advances while an action waits.
#[derive(Debug)]
pub(super) struct PlayedClock(pub(super) Instant);

impl Clock for PlayedClock {
    fn now(&self) -> Instant {
        self.0
    }

    fn pause(&mut self, time: Duration) {
        self.0 += time;
    }
}
