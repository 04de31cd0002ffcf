//! The cluster, as the agent's actions want it, over the model of Pacemaker. Knows no action.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use pgsql_state::agent::actions::cluster::PermanentAttributes;
use pgsql_state::agent::actions::{Cluster, ClusterError};
use pgsql_state::agent::ocf::node::Node;
use pgsql_state::base::Deadline;

use super::action_context::ActionContext;
use crate::pacemaker::{Input, Lifetime};
use crate::world::setup::{PGDATA, RESOURCE};
use crate::world::{self, World};

/// How often it is seen whether a change has been delivered.
const POLL: Duration = Duration::from_millis(50);

/// Pacemaker's programs on an action's host.
#[derive(Debug)]
pub(crate) struct SimCluster<'a> {
    pub(crate) context: ActionContext<'a>,
    /// Its attributes that are kept.
    pub(crate) names: &'static [&'static str],
}

impl SimCluster<'_> {
    /// A program runs, and takes its time.
    fn run(&self, program: &'static str, deadline: Deadline) -> Result<(), ClusterError> {
        let time = {
            let mut world = self.context.world();
            let time = world.some_millis(8, 25);
            time + world.slowness(self.context.node)
        };
        let left = self.context.left(deadline);
        self.context.take(time.min(left));
        if time > left {
            return Err(Self::failed(program, "it did not end in time"));
        }
        let members = self
            .context
            .world()
            .pacemaker
            .members(world::node(self.context.node))
            .len();
        if members == 0 {
            return Err(Self::failed(program, "Transport endpoint is not connected"));
        }
        Ok(())
    }

    /// Makes a change of the configuration. It goes round the ring before any node makes it, also the node that asks for
    /// it (`parse_local_options_v2` in Pacemaker's `daemons/based/based_callbacks.c`): one in which somebody is not heard
    /// delivers nothing until it is formed anew. Every node that is reached makes it, also after the program has given up,
    /// and the coordinator answers.
    fn change(
        &self,
        program: &'static str,
        deadline: Deadline,
        change: Input,
    ) -> Result<(), ClusterError> {
        let from = self.context.node;
        let message = self.context.world().send_around(from, change);
        while self.context.world().waits(message) {
            if self.context.has_passed(deadline) {
                return Err(Self::failed(program, "Connection timed out"));
            }
            self.context.pause(POLL.min(self.context.left(deadline)));
        }
        let coordinator = self
            .context
            .world()
            .pacemaker
            .coordinator(world::node(from));
        if coordinator.is_some() {
            return Ok(());
        }
        self.context.take_until(deadline);
        Err(Self::failed(program, "Connection timed out"))
    }

    fn failed(program: &str, said: &str) -> ClusterError {
        ClusterError::Program {
            program: program.into(),
            said: said.into(),
        }
    }

    fn number(world: &World, node: &Node) -> Option<usize> {
        world.hosts.iter().position(|host| host.name == *node)
    }

    /// What sets an attribute of a node, if there is such a node.
    fn setting(
        world: &mut World,
        from: usize,
        node: &Node,
        name: &str,
        value: Option<&str>,
        lifetime: Lifetime,
    ) -> Option<Input> {
        let number = Self::number(world, node)?;
        if name.starts_with("primary_end") {
            let (now, value) = (world.now, value.unwrap_or("deleted"));
            let text = format!("{name} of {node}: {value}");
            world.story.agent(now, from, &text);
        }
        Some(Input::SetAttribute {
            from: world::node(from),
            node: world::node(number),
            name: name.into(),
            value: value.map(str::to_owned),
            lifetime,
        })
    }
}

impl Cluster for SimCluster<'_> {
    fn directory_of(
        &mut self,
        resource: &str,
        deadline: Deadline,
    ) -> Result<Option<PathBuf>, ClusterError> {
        self.run("cibadmin", deadline)?;
        Ok((resource == RESOURCE).then(|| PGDATA.into()))
    }

    fn foresee_nodes(&mut self) {}

    fn nodes(
        &mut self,
        deadline: Deadline,
    ) -> Result<BTreeMap<Node, PermanentAttributes>, ClusterError> {
        self.run("cibadmin", deadline)?;
        let world = self.context.world();
        let asking = world::node(self.context.node);
        let mut nodes: BTreeMap<Node, PermanentAttributes> = world
            .hosts
            .iter()
            .map(|host| (host.name.clone(), PermanentAttributes::new()))
            .collect();
        for name in self.names {
            for (node, value) in world.pacemaker.permanent(asking, name) {
                let host = &world.hosts[world::number(node)];
                if let Some(kept) = nodes.get_mut(&host.name) {
                    kept.insert((*name).into(), value.into());
                }
            }
        }
        Ok(nodes)
    }

    fn members(&mut self, deadline: Deadline) -> Result<BTreeSet<Node>, ClusterError> {
        self.run("crm_node", deadline)?;
        let world = self.context.world();
        let members = world.pacemaker.members(world::node(self.context.node));
        let name =
            |member: &crate::pacemaker::Node| world.hosts[world::number(*member)].name.clone();
        Ok(members.iter().map(name).collect())
    }

    fn has_quorum(&mut self, deadline: Deadline) -> Result<bool, ClusterError> {
        self.run("crm_node", deadline)?;
        let world = self.context.world();
        Ok(world.pacemaker.quorate(world::node(self.context.node)))
    }

    fn goes_on_without_quorum(&mut self, deadline: Deadline) -> Result<bool, ClusterError> {
        self.run("crm_attribute", deadline)?;
        Ok(self.context.world().pacemaker.goes_on_without_quorum())
    }

    fn outdate_absent(&mut self, deadline: Deadline) -> Result<(), ClusterError> {
        self.run("cibadmin", deadline)?;
        self.run("cibadmin", deadline)?;
        let from = world::node(self.context.node);
        self.change("cibadmin", deadline, Input::OutdateAbsent { from })
    }

    fn set_permanent(
        &mut self,
        node: &Node,
        name: &str,
        value: Option<&str>,
        deadline: Deadline,
    ) -> Result<(), ClusterError> {
        self.run("crm_attribute", deadline)?;
        let (from, lifetime) = (self.context.node, Lifetime::Permanent);
        let setting = Self::setting(&mut self.context.world(), from, node, name, value, lifetime);
        if let Some(setting) = setting {
            self.change("crm_attribute", deadline, setting)?;
        }
        self.context.take_millis(5, 20);
        Ok(())
    }

    fn set_transient(
        &mut self,
        node: &Node,
        name: &str,
        value: Option<&str>,
        deadline: Deadline,
    ) -> Result<(), ClusterError> {
        self.run("attrd_updater", deadline)?;
        let from = self.context.node;
        let mut world = self.context.world();
        let setting = Self::setting(&mut world, from, node, name, value, Lifetime::Private);
        if let Some(setting) = setting {
            world.send_around(from, setting);
        }
        Ok(())
    }

    fn delete_visible(
        &mut self,
        node: &Node,
        name: &str,
        deadline: Deadline,
    ) -> Result<(), ClusterError> {
        self.run("attrd_updater", deadline)?;
        let from = self.context.node;
        let mut world = self.context.world();
        let setting = Self::setting(&mut world, from, node, name, None, Lifetime::Transient);
        if let Some(setting) = setting {
            world.send_around(from, setting);
        }
        Ok(())
    }

    fn transient(
        &mut self,
        node: &Node,
        name: &str,
        deadline: Deadline,
    ) -> Result<Option<String>, ClusterError> {
        self.run("attrd_updater", deadline)?;
        let world = self.context.world();
        let Some(number) = Self::number(&world, node) else {
            return Ok(None);
        };
        let asking = world::node(self.context.node);
        let told = |lifetime| {
            let of = world::node(number);
            world.pacemaker.attribute(asking, of, name, lifetime)
        };
        let told = told(Lifetime::Private)
            .or_else(|| told(Lifetime::Transient))
            .filter(|value| !value.is_empty())
            .map(str::to_owned);
        if told.is_some() && name.starts_with("lsn_location") {
            self.context.known.borrow_mut().seen.insert(number);
        }
        Ok(told)
    }
}
