//! The Cluster Information Base of a partition: what is configured, and what is known of each node. Knows nothing
//! of what follows from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::config::{Config, Node};
use super::history::{History, Task};
use super::input::{Lifetime, OfRole};
use super::score::{self, INFINITY};
use super::time::SimTime;

/// A location constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) node: Node,
    pub(super) role: OfRole,
    pub(super) score: i32,
}

/// The section `configuration`: what outlives restarts, and is written to the disk of each member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    /// Which of two is the newer one: `admin_epoch`, and then `epoch`.
    pub(super) admin_epoch: u32,
    pub(super) epoch: u64,
    /// Attributes of nodes, by name.
    pub(super) attributes: BTreeMap<String, BTreeMap<Node, String>>,
    pub(super) locations: Vec<Location>,
    /// `maintenance-mode`.
    pub(super) maintenance: bool,
    /// `is-managed`.
    pub(super) managed: bool,
    /// `target-role=Stopped`.
    pub(super) stopped: bool,
    pub(super) parameters: Arc<BTreeMap<String, String>>,
    /// Counts changes of the parameters.
    pub(super) version: u32,
}

impl Settings {
    /// Its version.
    pub(super) fn generation(&self) -> (u32, u64) {
        (self.admin_epoch, self.epoch)
    }

    pub(super) fn new(config: &Config) -> Self {
        let mut attributes: BTreeMap<String, BTreeMap<Node, String>> = BTreeMap::new();
        for ((node, name), value) in &config.permanent {
            let of_name = attributes.entry(name.clone()).or_default();
            of_name.insert(*node, value.clone());
        }
        Self {
            admin_epoch: 0,
            epoch: 0,
            attributes,
            locations: Vec::new(),
            maintenance: false,
            managed: true,
            stopped: false,
            parameters: Arc::new(config.parameters.clone()),
            version: 0,
        }
    }
}

/// Failures of an action on a node, which attributes `fail-count-…` and `last-failure-…` keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failures {
    pub(super) task: Task,
    pub(super) count: i32,
    pub(super) last: SimTime,
}

/// How far a node has joined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Join {
    #[default]
    Down,
    Pending,
    Member,
}

/// A `node_state`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "it is what a node_state has")]
pub(super) struct NodeState {
    /// Whether there is one: the node has been seen since the cluster was started.
    pub(super) seen: bool,
    /// `in_ccm`: Corosync counts it as a member.
    pub(super) in_ccm: bool,
    /// `crmd`: its controller is there.
    pub(super) controller: bool,
    pub(super) join: Join,
    /// `expected=member`.
    pub(super) expected: bool,
    /// The attribute `shutdown`: it wants to leave.
    pub(super) shutdown: bool,
    pub(super) history: History,
    pub(super) transient: BTreeMap<String, String>,
    pub(super) failures: Vec<Failures>,
}

impl NodeState {
    /// What lasts as long as the node is a member.
    pub(super) fn forget_transient(&mut self) {
        self.transient.clear();
        self.failures.clear();
        self.shutdown = false;
    }

    /// All failures together, and the last (`pe_get_failcount` in `lib/pengine/failcounts.c`).
    pub(super) fn failcount(&self) -> (i32, SimTime) {
        let add = |(count, last): (i32, SimTime), failures: &Failures| {
            (score::add(count, failures.count), last.max(failures.last))
        };
        self.failures.iter().fold((0, SimTime::ZERO), add)
    }

    /// One more failure, or as many as may be (`update_failcount` in `daemons/controld/controld_te_events.c`).
    pub(super) fn count(&mut self, task: Task, fatal: bool, now: SimTime) {
        let known = self.failures.iter_mut().find(|known| known.task == task);
        let more = if fatal { INFINITY } else { 1 };
        match known {
            Some(known) => {
                known.count = score::add(known.count, more);
                known.last = now;
            }
            None => self.failures.push(Failures {
                task,
                count: more,
                last: now,
            }),
        }
    }
}

/// What all members of a partition know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cib {
    pub(super) settings: Arc<Settings>,
    /// By [`Node::index`].
    pub(super) status: Vec<NodeState>,
    /// In which order the `node_state`s stand, by which instances get their numbers.
    pub(super) order: Vec<Node>,
    /// Where the fencing device runs, which counts as a resource when nodes are compared.
    pub(super) device: Option<Node>,
}

impl Cib {
    pub(super) fn new(settings: Arc<Settings>, nodes: usize) -> Self {
        Self {
            settings,
            status: vec![NodeState::default(); nodes],
            order: Vec::new(),
            device: None,
        }
    }

    pub(super) fn node(&self, node: Node) -> Option<&NodeState> {
        self.status.get(node.index())
    }

    pub(super) fn node_mut(&mut self, node: Node) -> Option<&mut NodeState> {
        self.status.get_mut(node.index())
    }

    /// Changes the configuration.
    pub(super) fn configure(&mut self) -> &mut Settings {
        let settings = Arc::make_mut(&mut self.settings);
        settings.epoch += 1;
        settings
    }

    /// An attribute as rules and scores see it: a transient one hides a permanent one of the same name.
    pub(super) fn effective(&self, node: Node, name: &str) -> Option<&str> {
        let transient = self.node(node).and_then(|state| state.transient.get(name));
        transient
            .or_else(|| self.settings.attributes.get(name)?.get(&node))
            .map(String::as_str)
    }

    /// The promotion score of a node, as text: the attribute `master-RSC`.
    pub(super) fn promotion_score(&self, resource: &str, node: Node) -> Option<&str> {
        let is_it = |name: &str| name.strip_prefix("master-") == Some(resource);
        let transient = &self.node(node)?.transient;
        let hidden = transient.iter().find(|(name, _)| is_it(name));
        if let Some((_, value)) = hidden {
            return Some(value);
        }
        let attributes = self.settings.attributes.iter();
        let mut of_name = attributes.filter(|(name, _)| is_it(name));
        of_name
            .find_map(|(_, values)| values.get(&node))
            .map(String::as_str)
    }

    /// Sets an attribute, and says whether that changes anything.
    pub(super) fn set(
        &mut self,
        node: Node,
        name: &str,
        value: Option<String>,
        lifetime: Lifetime,
    ) -> bool {
        match lifetime {
            Lifetime::Permanent => {
                let before = self
                    .settings
                    .attributes
                    .get(name)
                    .and_then(|of_name| of_name.get(&node));
                if before == value.as_ref() {
                    return false;
                }
                let attributes = &mut self.configure().attributes;
                let of_name = match attributes.get_mut(name) {
                    Some(of_name) => of_name,
                    None => attributes.entry(name.to_owned()).or_default(),
                };
                match value {
                    Some(value) => of_name.insert(node, value),
                    None => of_name.remove(&node),
                };
                true
            }
            Lifetime::Transient => {
                let Some(state) = self.node_mut(node) else {
                    return false;
                };
                if state.transient.get(name) == value.as_ref() {
                    return false;
                }
                match value {
                    Some(value) => state.transient.insert(name.to_owned(), value),
                    None => state.transient.remove(name),
                };
                true
            }
            Lifetime::Private => false,
        }
    }

    /// Gives a node a `node_state`, and makes it that of somebody who has just been seen.
    pub(super) fn see(&mut self, node: Node) {
        if !self.order.contains(&node) {
            self.order.push(node);
        }
        if let Some(state) = self.node_mut(node) {
            state.seen = true;
        }
    }
}
