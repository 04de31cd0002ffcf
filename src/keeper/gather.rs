//! Gathers the facts about Pacemaker and the agent on this host. Decides nothing.

use std::time::Duration;

use thiserror::Error;

use super::KeeperHost;
use super::cib::{self, NoResource, ResourceView};
use super::facts::AgentSeen;
use crate::agent::actions::ClusterError;
use crate::agent::decide::scores::Attributes;
use crate::agent::ocf::node::Node;
use crate::agent::pacemaker::Pacemaker;
use crate::agent::pgsqlms::action_lock::{self, AgentActivity};
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;

/// Longest wait for one answer of Pacemaker.
pub(super) const TO_ANSWER: Duration = Duration::from_secs(5);

/// Why nothing is known of the cluster.
#[derive(Debug, Error)]
pub enum NoView {
    /// Pacemaker does not answer.
    #[error("Pacemaker does not answer: {0}")]
    Cluster(#[from] ClusterError),
    /// No resource is watched.
    #[error(transparent)]
    Resource(#[from] NoResource),
}

/// The source of the facts.
#[derive(Debug)]
pub(super) struct Gatherer {
    pub(super) pacemaker: Pacemaker,
    node: Option<Node>,
    named: Option<String>,
    locks: Option<String>,
}

impl Gatherer {
    pub(super) fn new(host: &KeeperHost) -> Self {
        Self {
            pacemaker: Pacemaker::new(&host.sbin, host.environment.iter().cloned()),
            node: None,
            named: host.settings.resource.clone(),
            locks: host.locks.clone(),
        }
    }

    /// Reads the CIB. The name of the node is asked for once: it is the same for as long as Pacemaker runs.
    pub(super) fn view(&mut self) -> Result<(Node, ResourceView), NoView> {
        let node = match &self.node {
            Some(node) => node.clone(),
            None => self.pacemaker.local_node(Deadline::after(TO_ANSWER))?,
        };
        let text = self.pacemaker.cib(Deadline::after(TO_ANSWER))?;
        self.node = Some(node.clone());
        let view = cib::read(&text, self.named.as_deref(), &node)?;
        Ok((node, view))
    }

    /// Looks whether an action of the agent is under way.
    pub(super) fn agent(&self, attributes: &Attributes) -> AgentSeen {
        let path = action_lock::path(self.locks.as_deref(), attributes);
        match action_lock::activity(&path) {
            Ok(AgentActivity::Acting) => AgentSeen::Acting,
            Ok(AgentActivity::Idle) => AgentSeen::Idle,
            Err(_) => AgentSeen::Unknown,
        }
    }
}
