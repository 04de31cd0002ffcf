//! Which nodes count one another as members, and since when (`totem`, `votequorum`). Knows nothing of Pacemaker.

use std::collections::BTreeSet;
use std::time::Duration;

use super::config::{Config, Node};
use super::nodes::NodeSet;
use super::time::SimTime;

/// Until a node that is heard is a member.
const JOIN: Duration = Duration::from_millis(300);

/// A membership that will be formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Forming {
    at: SimTime,
    members: NodeSet,
}

#[derive(Clone, Debug)]
pub(super) struct Corosync {
    /// Where it runs.
    up: NodeSet,
    /// Who hears whom.
    groups: Vec<NodeSet>,
    /// The memberships as those in them see them; also of nodes that are gone.
    rings: Vec<NodeSet>,
    forming: Vec<Forming>,
    /// Who has seen all nodes at once since Corosync was started there.
    seen_all: NodeSet,
}

impl Corosync {
    pub(super) fn new(config: &Config) -> Self {
        let count = u8::try_from(config.nodes.len()).unwrap_or(16);
        Self {
            up: NodeSet::default(),
            groups: vec![(0..count).map(Node).collect()],
            rings: Vec::new(),
            forming: Vec::new(),
            seen_all: NodeSet::default(),
        }
    }

    pub(super) fn is_up(&self, node: Node) -> bool {
        self.up.contains(node)
    }

    pub(super) fn start(&mut self, node: Node, config: &Config, now: SimTime) {
        self.up.insert(node);
        self.seen_all.remove(node);
        // It has been away, if only for a moment.
        for ring in &mut self.rings {
            ring.remove(node);
        }
        self.rings.retain(|ring| !ring.is_empty());
        self.look(config, now);
    }

    /// Whether all of these hear one another: a message that all have to answer is answered.
    pub(super) fn hear_one_another(&self, members: NodeSet) -> bool {
        let mut groups = self.groups.iter();
        let is_one = members.iter().count() < 2;
        members.and(self.up) == members
            && (is_one || groups.any(|group| group.and(members) == members))
    }

    /// It has gone without a word.
    pub(super) fn vanish(&mut self, node: Node, config: &Config, now: SimTime) {
        self.up.remove(node);
        self.look(config, now);
    }

    /// It leaves: the others know at once.
    pub(super) fn leave(&mut self, node: Node, config: &Config, now: SimTime) {
        self.up.remove(node);
        for ring in &mut self.rings {
            ring.remove(node);
        }
        self.rings.retain(|ring| !ring.is_empty());
        self.look(config, now);
    }

    /// It is certain to be off.
    pub(super) fn forget(&mut self, node: Node, config: &Config, now: SimTime) {
        if !self.up.contains(node) {
            self.leave(node, config, now);
        }
    }

    pub(super) fn connect(&mut self, groups: &[BTreeSet<Node>], config: &Config, now: SimTime) {
        self.groups = groups
            .iter()
            .map(|group| group.iter().copied().collect())
            .collect();
        self.look(config, now);
    }

    /// What the memberships should be, and when they will be.
    fn look(&mut self, config: &Config, now: SimTime) {
        let mut left = self.up;
        let mut wanted: Vec<NodeSet> = Vec::new();
        let alone = self.up.iter().map(|node| [node].into_iter().collect());
        for group in self.groups.iter().copied().chain(alone) {
            let members = group.and(left);
            if !members.is_empty() {
                wanted.push(members);
                for node in members.iter() {
                    left.remove(node);
                }
            }
        }
        let before = std::mem::take(&mut self.forming);
        for members in wanted {
            if self.rings.contains(&members) {
                continue;
            }
            let known = before.iter().find(|forming| forming.members == members);
            let loses = self.rings.iter().any(|ring| {
                let common = ring.and(members);
                !common.is_empty() && common != *ring
            });
            let delay = if loses {
                config.corosync.token + config.corosync.consensus
            } else {
                JOIN
            };
            let at = known.map_or(now + delay, |known| known.at);
            self.forming.push(Forming { at, members });
        }
    }

    pub(super) fn next(&self) -> Option<SimTime> {
        self.forming.iter().map(|forming| forming.at).min()
    }

    /// The membership that is formed now.
    pub(super) fn form(&mut self, config: &Config, now: SimTime) -> Option<NodeSet> {
        let place = self.forming.iter().position(|forming| forming.at <= now)?;
        let members = self.forming.remove(place).members;
        for ring in &mut self.rings {
            for node in members.iter() {
                ring.remove(node);
            }
        }
        let up = self.up;
        self.rings.retain(|ring| !ring.and(up).is_empty());
        self.rings.push(members);
        if members.len() == config.nodes.len()
            || members.iter().any(|node| self.seen_all.contains(node))
        {
            self.seen_all = self.seen_all.or(members);
        }
        Some(members)
    }

    /// Whether these nodes are enough.
    pub(super) fn quorate(&self, config: &Config, members: NodeSet) -> bool {
        let all = config.nodes.len();
        let needed = if config.corosync.two_node && all == 2 {
            1
        } else {
            all / 2 + 1
        };
        let waits = config.corosync.wait_for_all
            && members.iter().all(|node| !self.seen_all.contains(node));
        members.len() >= needed && !waits
    }
}
