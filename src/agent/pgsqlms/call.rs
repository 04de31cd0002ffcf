//! Makes one call of the agent, from its action and its variables to its result, on any host. Knows neither a
//! program nor a file: the caller passes the host.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tracing::warn;

use super::invocation::{AgentRequest, Invocation};
pub use super::lenient_parameters::RunningSearch;
use super::run;
use crate::agent::actions::{ActionOutcome, Cluster, Seams, Server};
use crate::agent::ocf::actions::Action;
use crate::agent::ocf::node::Node;
use crate::agent::ocf::parameters::Parameters;
use crate::base::{Clock, Deadline};

/// The host on which a call is made.
pub trait AgentHost {
    /// The local server.
    type Server: Server;
    /// The cluster.
    type Cluster: Cluster;

    /// Returns the data directory of the running server of a resource, or a sentence that says why it is not certain
    /// which one that is.
    fn data_directory_of_running(
        &self,
        search: &RunningSearch<'_>,
    ) -> Result<Option<PathBuf>, String>;

    /// Returns the clock that measures the call.
    fn clock(&mut self) -> &mut dyn Clock;

    /// Returns the name of this node if the variables do not contain it, or a sentence that says why it is not known.
    fn local_node(&mut self, deadline: Deadline) -> Result<Node, String>;

    /// Returns the server that the parameters describe, the cluster and the clock.
    fn seams(
        &mut self,
        parameters: &Parameters,
        resource: &str,
        local: &Node,
    ) -> (Self::Server, &mut Self::Cluster, &mut dyn Clock);
}

/// The outcome of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// A text for standard output.
    Text(String),
    /// An exit status and its reason.
    Ended(ActionOutcome),
}

/// Makes the call.
pub fn call<H: AgentHost>(
    action: Action,
    variables: &BTreeMap<String, String>,
    host: &mut H,
) -> CallOutcome {
    let running = |search: &RunningSearch<'_>| host.data_directory_of_running(search);
    CallOutcome::Ended(match Invocation::read(action, variables, &running) {
        Ok(AgentRequest::Text(text)) => return CallOutcome::Text(text),
        Ok(AgentRequest::Task(invocation)) => do_task(*invocation, host),
        Err(error) => ActionOutcome::because(error.code(action), error.to_string()),
    })
}

fn do_task<H: AgentHost>(invocation: Invocation, host: &mut H) -> ActionOutcome {
    let deadline = Deadline::of_operation(host.clock().now(), invocation.timeout);
    for warning in &invocation.warnings {
        warn!("{warning}");
    }
    let local = match &invocation.node {
        Some(node) => Ok(node.clone()),
        None => host.local_node(deadline),
    };
    let local = match local {
        Ok(local) => local,
        Err(why) => return ActionOutcome::failed(why),
    };
    let resource = invocation.attributes.resource();
    let (mut server, cluster, clock) = host.seams(&invocation.parameters, resource, &local);
    let seams = Seams {
        server: &mut server,
        cluster,
        clock,
        deadline,
    };
    run::run(invocation, local, seams)
}
