//! Everything that one call of the agent is made on. Knows no action.

use std::path::PathBuf;

use pgsql_state::agent::ocf::node::Node;
use pgsql_state::agent::ocf::parameters::Parameters;
use pgsql_state::agent::pgsqlms::call::{AgentHost, RunningSearch};
use pgsql_state::base::{Clock, Deadline};

use super::action_context::{ActionContext, SimClock};
use super::cluster::SimCluster;
use super::server::SimServer;
use crate::world::setup::{PGDATA, RESOURCE};

/// A host, for one call.
#[derive(Debug)]
pub(crate) struct SimHost<'a> {
    context: ActionContext<'a>,
    cluster: SimCluster<'a>,
    clock: SimClock<'a>,
}

/// The attributes that the agent keeps of nodes.
const KEPT: [&str; 5] = [
    "master-pgsqld",
    "primary_end-pgsqld",
    "sync_rule-pgsqld",
    "copied_from-pgsqld",
    "unknown_primary-pgsqld",
];

impl<'a> SimHost<'a> {
    pub(crate) fn new(context: ActionContext<'a>) -> Self {
        Self {
            cluster: SimCluster {
                context: context.clone(),
                names: &KEPT,
            },
            clock: SimClock(context.clone()),
            context,
        }
    }
}

impl<'a> AgentHost for SimHost<'a> {
    type Server = SimServer<'a>;
    type Cluster = SimCluster<'a>;

    fn data_directory_of_running(
        &self,
        search: &RunningSearch<'_>,
    ) -> Result<Option<PathBuf>, String> {
        let runs = self.context.world().hosts[self.context.node].server.runs();
        Ok((runs && search.resource == RESOURCE).then(|| PGDATA.into()))
    }

    fn clock(&mut self) -> &mut dyn Clock {
        &mut self.clock
    }

    fn local_node(&mut self, _: Deadline) -> Result<Node, String> {
        Ok(self.context.world().hosts[self.context.node].name.clone())
    }

    fn seams(
        &mut self,
        parameters: &Parameters,
        _: &str,
        _: &Node,
    ) -> (SimServer<'a>, &mut SimCluster<'a>, &mut dyn Clock) {
        let server = SimServer {
            context: self.context.clone(),
            parameters: parameters.clone(),
        };
        (server, &mut self.cluster, &mut self.clock)
    }
}
