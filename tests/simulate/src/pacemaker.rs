//! All nodes' Pacemaker and Corosync: what they decide when something happens. Knows no clock, no I/O and
//! nothing of PostgreSQL.
//!
//! - `config`: what is configured before; `input`: what happens; `output`: what is asked for; `time`
//! - `corosync`: who is a member; `partition`: what members know together; `membership`: how one
//!   becomes a member; `election`: who coordinates
//! - `cib`, `history`, `on_record`, `score`, `nodes`: what is known
//! - `scheduler`: what is to be done; `transition`: how far it is done; `controller`: who has it done;
//!   `results`: what becomes of it
//! - `executor`: a node's calls; `variables`: what they are told
//! - `commands`: what an operator says
//!
//! What it does is what Pacemaker 2.1.5 does, as its source says and as recordings of it show.

mod cib;
mod commands;
pub mod config;
mod controller;
mod corosync;
mod election;
mod executor;
mod history;
pub mod input;
mod membership;
mod nodes;
mod on_record;
pub mod output;
mod partition;
mod results;
mod scheduler;
mod score;
pub mod time;
mod transition;
mod variables;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use config::{Config, Corosync, NoQuorumPolicy, Node, NodeConfig, Operations, Recurring};
pub use input::{ActionId, Command, Input, Lifetime, OfRole};
pub use on_record::RoleOnRecord;
pub use output::{Action, Output};
pub use time::SimTime;
pub use variables::CallVariables;

use cib::Settings;
use executor::{Executor, ExecutorContext};
use history::Ended;
use partition::Partition;
use variables::Common;

/// A node's part.
#[derive(Clone, Debug)]
struct Host {
    /// The configuration on its disk.
    disk: Arc<Settings>,
    /// When Pacemaker was started there.
    started: SimTime,
    /// The number of its partition; none where Pacemaker does not run or has not met anybody yet.
    partition: Option<u64>,
    executor: Executor,
}

/// The Pacemaker and Corosync of all nodes.
#[derive(Clone, Debug)]
pub struct Pacemaker {
    config: Config,
    common: Common,
    nobody: BTreeSet<Node>,
    corosync: corosync::Corosync,
    /// By [`Node::index`].
    hosts: Vec<Host>,
    partitions: BTreeMap<u64, Partition>,
    /// The last number given to a partition or a transition.
    numbers: u64,
    next_id: u64,
}

impl Pacemaker {
    /// All hosts are off.
    pub fn new(config: Config) -> Self {
        let host = Host {
            disk: Arc::new(Settings::new(&config)),
            started: SimTime::ZERO,
            partition: None,
            executor: Executor::default(),
        };
        Self {
            common: Common::new(&config),
            nobody: BTreeSet::new(),
            corosync: corosync::Corosync::new(&config),
            hosts: vec![host; config.nodes.len()],
            partitions: BTreeMap::new(),
            numbers: 0,
            next_id: 0,
            config,
        }
    }

    /// What is done about something that happens. Time does not go back from one call to the next.
    pub fn handle(&mut self, now: SimTime, input: Input) -> Vec<Output> {
        let mut outputs = Vec::new();
        self.wake(now, &mut outputs);
        match input {
            Input::HostUp(node) => self.start(node, now),
            Input::HostDown(node) => self.vanish(node, now),
            Input::Connectivity(groups) => self.corosync.connect(&groups, &self.config, now),
            Input::Done {
                id,
                code,
                reason: _,
            } => self.done(id, Ended::Code(code), now, &mut outputs),
            Input::Fenced { node, ok } => self.fenced(node, ok, now),
            Input::Operator { on, command } => self.operate(on, command, now, &mut outputs),
            Input::SetAttribute {
                from,
                node,
                name,
                value,
                lifetime,
            } => self.set(from, node, &name, value, lifetime, now),
            Input::OutdateAbsent { from } => {
                self.configure(from, now, |settings| settings.admin_epoch += 1);
            }
            Input::Timer => {}
            Input::KillController(node) => self.kill_controller(node, now, &mut outputs),
        }
        self.wake(now, &mut outputs);
        outputs
    }

    /// When [`Input::Timer`] is wanted, if nothing else happens before.
    pub fn next_timer(&self) -> Option<SimTime> {
        let next =
            |partition: &Partition| partition.next(self.corosync.hear_one_another(partition.set()));
        let partitions = self.partitions.values().filter_map(next);
        let hosts = self.hosts.iter().filter_map(|host| host.executor.next());
        partitions.chain(hosts).chain(self.corosync.next()).min()
    }

    /// The configuration, as it was at the beginning.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// An attribute of a node as another node sees it: what it has seen of the order of changes that all
    /// members share. None where there is none, or `asking` runs no Pacemaker.
    pub fn attribute(
        &self,
        asking: Node,
        node: Node,
        name: &str,
        lifetime: Lifetime,
    ) -> Option<&str> {
        let partition = self.partition(asking)?;
        match lifetime {
            Lifetime::Transient => partition.cib.node(node)?.transient.get(name),
            Lifetime::Permanent => partition.cib.settings.attributes.get(name)?.get(&node),
            Lifetime::Private => partition.private.get(&node)?.get(name),
        }
        .map(String::as_str)
    }

    /// The permanent attributes of all nodes that are known, also of those that are away, that have this name.
    pub fn permanent(&self, asking: Node, name: &str) -> Vec<(Node, &str)> {
        let values = self
            .partition(asking)
            .and_then(|partition| partition.cib.settings.attributes.get(name));
        let values = values.into_iter().flatten();
        values
            .map(|(node, value)| (*node, value.as_str()))
            .collect()
    }

    /// Whether a constraint keeps a node from the resource or its primary, as another node has the configuration.
    pub fn is_banned(&self, asking: Node, node: Node) -> bool {
        let locations = self
            .partition(asking)
            .map(|partition| &partition.cib.settings.locations);
        let mut locations = locations.into_iter().flatten();
        locations.any(|one| one.node == node && one.score < 0)
    }

    /// Whether the resource is managed, and not in maintenance mode, in the partition of a node: otherwise Pacemaker
    /// calls the agent for nothing but probes.
    pub fn is_managed(&self, asking: Node) -> bool {
        self.partition(asking).is_some_and(|partition| {
            let settings = &partition.cib.settings;
            settings.managed && !settings.maintenance
        })
    }

    /// Whether `crm_mon` shows a failure, asked on a node.
    pub fn has_failures(&self, asking: Node) -> bool {
        let nodes = 0..u8::try_from(self.config.nodes.len()).unwrap_or(u8::MAX);
        self.partition(asking)
            .is_some_and(|partition| nodes.map(Node).any(|node| partition.has_failures(node)))
    }

    /// Whether the partition of a node has a quorum, `crm_node -q`. False where it runs no Pacemaker.
    pub fn quorate(&self, node: Node) -> bool {
        self.partition(node)
            .is_some_and(|partition| partition.quorum.now)
    }

    /// Whether a partition without quorum goes on, `crm_attribute --type crm_config --name no-quorum-policy --query`.
    pub fn goes_on_without_quorum(&self) -> bool {
        self.config.no_quorum_policy == NoQuorumPolicy::Ignore
    }

    /// The members of a node's partition, as `crm_node -p` lists them. Empty where it runs no Pacemaker.
    pub fn members(&self, node: Node) -> &BTreeSet<Node> {
        self.partition(node)
            .map_or(&self.nobody, |partition| &partition.members)
    }

    /// Whether messages from a node reach its partition: the ring of that has nobody who is not heard.
    pub fn delivers(&self, node: Node) -> bool {
        let partition = self.partition(node);
        partition.is_some_and(|partition| self.corosync.hear_one_another(partition.set()))
    }

    /// The coordinator of a node's partition.
    pub fn coordinator(&self, node: Node) -> Option<Node> {
        self.partition(node)?.coordinator
    }

    /// Whether nothing is being done and nothing is left to do, in all partitions, until something happens:
    /// `crm_resource --wait`. Recurring monitors do not count.
    pub fn is_idle(&self) -> bool {
        self.corosync.next().is_none()
            && self.partitions.values().all(Partition::is_idle)
            && self.hosts.iter().all(|host| !host.executor.busy())
    }

    fn partition(&self, node: Node) -> Option<&Partition> {
        let number = self.hosts.get(node.index())?.partition?;
        self.partitions.get(&number)
    }

    fn partition_mut(&mut self, node: Node) -> Option<&mut Partition> {
        let number = self.hosts.get(node.index())?.partition?;
        self.partitions.get_mut(&number)
    }

    /// Does something with a node's executor.
    fn with_executor<T>(
        &mut self,
        node: Node,
        now: SimTime,
        outputs: &mut Vec<Output>,
        act: impl FnOnce(&mut Executor, &mut ExecutorContext<'_>) -> T,
    ) -> Option<T> {
        let host = self.hosts.get_mut(node.index())?;
        let mut context = ExecutorContext {
            config: &self.config,
            common: &self.common,
            next_id: &mut self.next_id,
            now,
            outputs,
        };
        Some(act(&mut host.executor, &mut context))
    }

    fn nodes(&self) -> impl Iterator<Item = Node> + use<> {
        (0..u8::try_from(self.hosts.len()).unwrap_or(16)).map(Node)
    }

    /// A program sets an attribute.
    fn set(
        &mut self,
        from: Node,
        node: Node,
        name: &str,
        value: Option<String>,
        lifetime: Lifetime,
        now: SimTime,
    ) {
        let Some(partition) = self.partition_mut(from) else {
            return;
        };
        if lifetime == Lifetime::Private {
            let private = partition.private.entry(node).or_default();
            match value {
                Some(value) => private.insert(name.to_owned(), value),
                None => private.remove(name),
            };
        } else if partition.cib.set(node, name, value, lifetime) {
            partition.abort(now);
        }
    }
}
