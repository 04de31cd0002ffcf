//! Everything that one call of the agent is made on. Knows no action.

use std::path::{Path, PathBuf};

use pgsql_state::agent::ocf::node::Node;
use pgsql_state::agent::ocf::parameters::Parameters;
use pgsql_state::agent::pgsqlms::call::AgentHost;
use pgsql_state::base::{Clock, Deadline};

use super::cluster::SimCluster;
use super::seat::{Seat, SimClock};
use super::server::SimServer;
use crate::world::setup::{PGDATA, RESOURCE};

/// A host, for one call.
#[derive(Debug)]
pub(crate) struct SimHost<'a> {
    seat: Seat<'a>,
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
    pub(crate) fn new(seat: Seat<'a>) -> Self {
        Self {
            cluster: SimCluster {
                seat: seat.clone(),
                names: &KEPT,
            },
            clock: SimClock(seat.clone()),
            seat,
        }
    }
}

impl<'a> AgentHost for SimHost<'a> {
    type Server = SimServer<'a>;
    type Cluster = SimCluster<'a>;

    fn data_directory_of_running(
        &self,
        resource: &str,
        _: Option<&Node>,
        _: Option<&Path>,
    ) -> Option<PathBuf> {
        let runs = self.seat.world().hosts[self.seat.node].server.runs();
        (runs && resource == RESOURCE).then(|| PGDATA.into())
    }

    fn clock(&mut self) -> &mut dyn Clock {
        &mut self.clock
    }

    fn local_node(&mut self, _: Deadline) -> Result<Node, String> {
        Ok(self.seat.world().hosts[self.seat.node].name.clone())
    }

    fn seams(
        &mut self,
        parameters: &Parameters,
        _: &str,
        _: &Node,
    ) -> (SimServer<'a>, &mut SimCluster<'a>, &mut dyn Clock) {
        let server = SimServer {
            seat: self.seat.clone(),
            parameters: parameters.clone(),
        };
        (server, &mut self.cluster, &mut self.clock)
    }
}
