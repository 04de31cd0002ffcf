//! Which instance runs on which node (`pcmk_sched_clone.c`, `pcmk_sched_primitive.c`, `pcmk_sched_nodes.c`). Knows
//! nothing of who is promoted, beyond that the promotion scores count here too.
//!
//! - `scores`: how much a node is preferred; `choose`: the best of them, and who chooses first

mod choose;
mod scores;

use std::cmp::Ordering;

use super::super::cib::Cib;
use super::super::config::{Config, NoQuorumPolicy, Node};
use super::super::score::{self, INFINITY};
use super::failures::Role;
use super::status::{Instance, Status};

/// A score for each node, by [`Node::index`].
pub(super) type Weights = [i32; 16];

/// What is decided of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Fate {
    /// Where it is to be.
    pub(in super::super) to: Option<Node>,
    /// As what; unknown until roles are given.
    pub(in super::super) next: Role,
}

/// Everything that assigning instances reads and writes.
#[derive(Debug)]
pub(super) struct Assigning<'a> {
    pub(super) config: &'a Config,
    pub(super) cib: &'a Cib,
    pub(super) status: &'a Status,
    /// The clone's scores.
    pub(super) clone: Weights,
    /// Those of each instance.
    pub(super) own: Vec<Weights>,
    pub(super) priority: Vec<i32>,
    pub(super) fates: Vec<Fate>,
    /// Who has been assigned already.
    assigned: Vec<bool>,
    /// How many resources each node has been given.
    resources: [u8; 16],
    /// How many instances each node has been given.
    count: [u8; 16],
}

/// Assigns all instances. The role that comes next is known only of those that will be stopped or are unmanaged.
pub(super) fn assign<'a>(config: &'a Config, cib: &'a Cib, status: &'a Status) -> Assigning<'a> {
    let count = status.instances.len();
    let mut assigning = Assigning {
        config,
        cib,
        status,
        clone: [0; 16],
        own: vec![[0; 16]; count],
        priority: vec![0; count],
        fates: vec![
            Fate {
                to: None,
                next: Role::Unknown
            };
            count
        ],
        assigned: vec![false; count],
        resources: [0; 16],
        count: [0; 16],
    };
    assigning.apply_locations();
    assigning.apply_failures();
    assigning.apply_stickiness();
    assigning.add_promotion_scores();
    assigning.distribute();
    assigning
}

impl Assigning<'_> {
    pub(super) fn nodes(&self) -> impl Iterator<Item = Node> + use<> {
        (0..u8::try_from(self.config.nodes.len()).unwrap_or(16)).map(Node)
    }

    pub(super) fn instance(&self, place: usize) -> Option<&Instance> {
        self.status.instances.get(place)
    }

    pub(super) fn weight(&self, place: usize, node: Node) -> i32 {
        let own = self.own.get(place);
        own.and_then(|own| own.get(node.index()))
            .copied()
            .unwrap_or(-INFINITY)
    }

    fn add(&mut self, place: usize, node: Node, more: i32) {
        let own = self.own.get_mut(place);
        if let Some(weight) = own.and_then(|own| own.get_mut(node.index())) {
            *weight = score::add(*weight, more);
        }
    }

    /// Adds to the clone's score and to that of each instance.
    fn add_to_all(&mut self, node: Node, more: i32) {
        if let Some(weight) = self.clone.get_mut(node.index()) {
            *weight = score::add(*weight, more);
        }
        for place in 0..self.own.len() {
            self.add(place, node, more);
        }
    }

    /// `distribute_children`.
    fn distribute(&mut self) {
        let device = self.device();
        if let Some(resources) = device.and_then(|device| self.resources.get_mut(device.index())) {
            *resources += 1;
        }
        let mut order: Vec<usize> = (0..self.own.len()).collect();
        sort(&mut order, |one, other| self.compare(one, other));
        let available = self
            .nodes()
            .filter(|node| self.status.nodes.available(*node));
        let per_node = (order.len() / available.count().max(1)).max(1);
        for place in order.iter().copied() {
            let Some(instance) = self.instance(place).copied() else {
                continue;
            };
            let Some(current) = instance.on.filter(|_| !instance.failed) else {
                continue;
            };
            let full = usize::from(self.count(current)) >= per_node;
            if self.status.nodes.available(current) && !full {
                self.allocate(place, Some(current));
            }
        }
        for place in order {
            if self.assigned.get(place) == Some(&false) {
                self.allocate(place, None);
            }
        }
    }

    /// Where the fencing device will be.
    pub(super) fn device(&self) -> Option<Node> {
        if !self.config.fencing {
            return None;
        }
        let available = |node: &Node| self.status.nodes.available(*node);
        let stays = self.cib.device.filter(available);
        stays.or_else(|| self.nodes().find(available))
    }

    fn count(&self, node: Node) -> u8 {
        self.count.get(node.index()).copied().unwrap_or(0)
    }

    /// `allocate_instance`: at most one instance a node.
    fn allocate(&mut self, place: usize, prefer: Option<Node>) {
        if prefer.is_some_and(|prefer| self.weight(place, prefer) < 0) {
            return;
        }
        for node in self.nodes() {
            let clone = self.clone.get(node.index()).copied().unwrap_or(0);
            if !self.status.nodes.available(node) || self.count(node) >= 1 {
                self.add(place, node, -INFINITY);
            } else if clone < 0 {
                self.add(place, node, clone);
            }
        }
        let Some(instance) = self.instance(place).copied() else {
            return;
        };
        let mut fate = Fate {
            to: None,
            next: instance.next,
        };
        if instance.stopped {
            fate.next = Role::Stopped;
        } else if self.status.policy == NoQuorumPolicy::Freeze
            && !self.status.quorate
            && fate.next > instance.role
        {
            fate.next = instance.role;
        }
        if !instance.managed {
            fate.to = instance.on;
            fate.next = instance.role.max(Role::Stopped);
        } else if fate.next != Role::Stopped {
            let chosen = self.best(place, &instance, prefer);
            if prefer.is_some() && chosen.is_some() && chosen != prefer {
                return;
            }
            fate.to = chosen;
            if chosen.is_none() {
                fate.next = Role::Stopped;
            }
        }
        if let Some(node) = fate.to {
            self.take(node);
        }
        if let Some(slot) = self.fates.get_mut(place) {
            *slot = fate;
        }
        if let Some(assigned) = self.assigned.get_mut(place) {
            *assigned = true;
        }
    }

    fn take(&mut self, node: Node) {
        if let Some(count) = self.count.get_mut(node.index()) {
            *count += 1;
        }
        if let Some(resources) = self.resources.get_mut(node.index()) {
            *resources += 1;
        }
    }
}

/// A stable sort for an order that need not be transitive.
pub(super) fn sort(order: &mut [usize], compare: impl Fn(usize, usize) -> Ordering) {
    for place in 1..order.len() {
        let mut place = place;
        while let (Some(before), Some(this)) = (
            place.checked_sub(1).and_then(|before| order.get(before)),
            order.get(place),
        ) {
            if compare(*before, *this) != Ordering::Greater {
                break;
            }
            order.swap(place - 1, place);
            place -= 1;
        }
    }
}
