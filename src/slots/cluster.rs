//! What the daemons of the other nodes have reported, as facts about slots. Knows no clock and asks nobody.

use super::facts::{AlsoSlot, HeardPosition, SlotFacts, SlotNode};
use super::memory::SlotMemory;
use super::names::{NodeSlot, SlotName};
use crate::health::{Claim, PeerServer};
use crate::postgres::slot_rows::{ReplicationSlot, SlotServer};

/// What the daemon of another node has proved to be from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotReport {
    /// The name of the node.
    pub node: String,
    /// Its server, if that runs.
    pub server: Option<PeerServer>,
}

/// The nodes of the cluster, and the slots that are kept beside theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotCluster {
    /// The slots of all nodes.
    pub nodes: Vec<NodeSlot>,
    /// The slots for others than nodes.
    pub also: Vec<SlotName>,
}

impl SlotCluster {
    /// Whether a node is in the cluster.
    #[must_use]
    pub fn has(&self, node: &str) -> bool {
        self.nodes.iter().any(|one| one.node == node)
    }

    /// Returns the facts about the slots of the server of the node `own`.
    #[must_use]
    pub fn facts(
        &self,
        own: &str,
        (server, slots): (SlotServer, Vec<ReplicationSlot>),
        reports: &[SlotReport],
        memory: &mut SlotMemory,
    ) -> SlotFacts {
        let heard = |node: &str| {
            let report = reports.iter().find(|report| report.node == node);
            let heard = report.and_then(|report| report.server.as_ref());
            heard.filter(|heard| heard.instance.system == server.system)
        };
        let others = self.nodes.iter().filter(|one| one.node != own);
        let nodes = others
            .clone()
            .map(|NodeSlot { node, slot }| SlotNode {
                slot: slot.clone(),
                presence: memory.presence(slot, heard(node).and_then(position)),
            })
            .collect();
        let mut primaries = others
            .filter_map(|one| heard(&one.node))
            .filter(|heard| is_primary_of(heard, &server));
        // Which of two is followed cannot be told.
        let primary = match (primaries.next(), primaries.next()) {
            (Some(only), None) => Some(only),
            (Some(_), Some(_)) | (None, _) => None,
        };
        let also = self.also.iter().map(|name| AlsoSlot {
            name: name.clone(),
            on_primary: primary.and_then(|primary| {
                let mut slots = primary.slots.iter();
                let found = slots.find(|slot| slot.name == name.as_str());
                found.map(|slot| slot.restart)
            }),
        });
        SlotFacts {
            also: also.collect(),
            nodes,
            slots,
            server,
        }
    }
}

fn position(server: &PeerServer) -> Option<HeardPosition> {
    Some(HeardPosition {
        role: server.claim,
        timeline: server.timeline,
        end: server.end?,
    })
}

fn is_primary_of(heard: &PeerServer, server: &SlotServer) -> bool {
    match heard.claim {
        Claim::Primary => heard.timeline == server.timeline,
        Claim::Standby => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::health::{Lsn, PeerSlot, ServerIdentity};
    use crate::postgres::slot_rows::ServerCap;
    use crate::slots::facts::SlotPresence;

    fn cluster() -> SlotCluster {
        let slot = |node: &str| NodeSlot {
            node: node.to_owned(),
            slot: format!("s_{node}").parse().unwrap(),
        };
        SlotCluster {
            nodes: ["a", "b", "c"].map(slot).into(),
            also: vec!["barman".parse().unwrap()],
        }
    }

    fn report(node: &str, system: &str, claim: Claim, timeline: i64) -> SlotReport {
        let server = PeerServer {
            instance: ServerIdentity {
                system: system.into(),
                started: "then".into(),
            },
            claim,
            timeline,
            senders: Vec::new(),
            end: Some(Lsn(7)),
            slots: vec![PeerSlot {
                name: "barman".into(),
                restart: Lsn(5),
            }],
        };
        SlotReport {
            node: node.into(),
            server: Some(server),
        }
    }

    fn facts(reports: &[SlotReport]) -> SlotFacts {
        let server = SlotServer {
            role: Claim::Standby,
            system: "1".into(),
            timeline: 3,
            end: Lsn(9),
            redo: Lsn(2),
            keeps: ServerCap::Unlimited,
            most: 10,
        };
        let mut memory = SlotMemory::new(Instant::now());
        cluster().facts("a", (server, Vec::new()), reports, &mut memory)
    }

    #[test]
    fn every_other_node_has_a_slot_and_what_it_said_of_this_system_counts() {
        let facts = facts(&[
            report("a", "1", Claim::Standby, 3),
            report("b", "1", Claim::Standby, 3),
            report("c", "2", Claim::Standby, 3),
        ]);
        let seen = SlotPresence::Seen(HeardPosition {
            role: Claim::Standby,
            timeline: 3,
            end: Lsn(7),
        });
        let nodes: Vec<_> = facts
            .nodes
            .iter()
            .map(|node| (node.slot.as_str(), node.presence))
            .collect();
        let away = SlotPresence::Away(Duration::ZERO);
        assert_eq!(nodes, [("s_b", seen), ("s_c", away)]);
    }

    #[test]
    fn the_slots_of_the_only_primary_of_this_timeline_count() {
        for (reports, on_primary) in [
            (vec![report("b", "1", Claim::Primary, 3)], Some(Lsn(5))),
            (vec![report("b", "1", Claim::Primary, 4)], None),
            (vec![report("b", "2", Claim::Primary, 3)], None),
            (vec![report("b", "1", Claim::Standby, 3)], None),
            (
                vec![
                    report("b", "1", Claim::Primary, 3),
                    report("c", "1", Claim::Primary, 3),
                ],
                None,
            ),
        ] {
            let also = facts(&reports).also;
            let found: Vec<_> = also.iter().map(|also| also.on_primary).collect();
            assert_eq!(found, [on_primary], "{reports:?}");
        }
    }
}
