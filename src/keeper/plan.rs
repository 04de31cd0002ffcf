//! What is done about a server that has ended or hangs: a pure function from facts to commands for Pacemaker. Knows no
//! program, and no clock: callers pass the time.

use std::time::{Duration, Instant};

use thiserror::Error;

use super::facts::{
    AgentSeen, InstanceRole, LocalFacts, MarkRule, NodeMark, OtherNode, PartitionQuorum,
    PostmasterNow, Presence, ResourceFacts, Told, Trouble,
};
use crate::agent::decide::scores::Score;
use crate::tools::doctor::pacemaker::cib::Unattended;

/// A command for Pacemaker. Each concerns this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacemakerCommand {
    /// Mark the node, so that the location rule keeps the resource off it.
    Mark,
    /// Take the mark away.
    Unmark,
    /// Report that the resource has failed here.
    ReportFailure,
}

/// Why nothing is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Abstention {
    /// The agent has ended the server, or is about to do something about it.
    #[error("an action of the agent is under way")]
    AgentActs,
    /// It cannot be seen whether the agent acts.
    #[error("it cannot be determined whether an action of the agent is under way")]
    AgentUnknown,
    /// Pacemaker knows of it.
    #[error("Pacemaker was already told of this server")]
    Told,
    /// The end of this server is not the end of the resource's server.
    #[error("another postmaster runs in the data directory")]
    Replaced,
    /// It cannot be seen whether a server runs.
    #[error("it cannot be determined whether a postmaster runs in the data directory")]
    Unclear,
    /// The server has ended meanwhile.
    #[error("the server has ended meanwhile")]
    Ended,
    /// Pacemaker does not answer.
    #[error("Pacemaker does not answer")]
    NoAnswer,
    /// Pacemaker does nothing about the resource.
    #[error("{0}")]
    Unattended(Unattended),
    /// The server was not one of Pacemaker's.
    #[error("Pacemaker does not run the resource on this node")]
    NotRunHere,
    /// Pacemaker changes the role.
    #[error("an operation of Pacemaker on the resource is under way")]
    Changing,
    /// An operation has failed, which Pacemaker acts on.
    #[error("the role in which Pacemaker runs the resource on this node is not known")]
    RoleUnknown,
}

/// Decides from what this host shows whether there is anything to tell. An ordinary stop ends here.
pub fn is_news(local: &LocalFacts) -> Result<(), Abstention> {
    match local.told {
        Told::Already => return Err(Abstention::Told),
        Told::NotYet => {}
    }
    match local.agent {
        AgentSeen::Acting => return Err(Abstention::AgentActs),
        AgentSeen::Unknown => return Err(Abstention::AgentUnknown),
        AgentSeen::Idle => {}
    }
    match (local.trouble, local.postmaster) {
        (Trouble::Died, PostmasterNow::None) | (Trouble::Hung, PostmasterNow::Watched) => Ok(()),
        (Trouble::Died | Trouble::Hung, PostmasterNow::Another) => Err(Abstention::Replaced),
        (Trouble::Died | Trouble::Hung, PostmasterNow::Unclear)
        | (Trouble::Died, PostmasterNow::Watched) => Err(Abstention::Unclear),
        (Trouble::Hung, PostmasterNow::None) => Err(Abstention::Ended),
    }
}

/// Decides what to tell Pacemaker. `cluster` is what it knows; `None` if it did not answer.
pub fn on_trouble(
    local: &LocalFacts,
    cluster: Option<&ResourceFacts>,
) -> Result<Vec<PacemakerCommand>, Abstention> {
    is_news(local)?;
    let cluster = cluster.ok_or(Abstention::NoAnswer)?;
    if let Some(why) = cluster.unattended {
        return Err(Abstention::Unattended(why));
    }
    match cluster.role {
        InstanceRole::Promoted if is_replaceable(cluster) => Ok(vec![
            PacemakerCommand::Mark,
            PacemakerCommand::ReportFailure,
        ]),
        InstanceRole::Promoted | InstanceRole::Unpromoted => {
            Ok(vec![PacemakerCommand::ReportFailure])
        }
        InstanceRole::Stopped => Err(Abstention::NotRunHere),
        InstanceRole::Changing => Err(Abstention::Changing),
        InstanceRole::Unknown => Err(Abstention::RoleUnknown),
    }
}

/// Returns whether another node can be promoted in place of this one. Without the rule, a mark has no effect, and a
/// promotion elsewhere waits for the start here anyway.
fn is_replaceable(cluster: &ResourceFacts) -> bool {
    let rule = match cluster.rule {
        MarkRule::Present => true,
        MarkRule::Absent => false,
    };
    let quorum = match cluster.quorum {
        PartitionQuorum::Held => true,
        PartitionQuorum::Lost => false,
    };
    rule && quorum && cluster.others.values().any(is_fit)
}

/// Returns whether a primary has found a node's standby fit, and it runs. Smaller scores than a rank are those that
/// nodes give themselves, of which no primary knows what they lack.
fn is_fit(node: &OtherNode) -> bool {
    let is_standby = matches!(
        (node.presence, node.role),
        (Presence::Online, InstanceRole::Unpromoted)
    );
    is_standby && node.score.is_some_and(|score| score >= Score(Score::STEP))
}

/// What is remembered of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkMemory {
    /// This process has set none. One that is there is from a process before it.
    None,
    /// It has set one then.
    Since(Instant),
}

/// Decides whether the mark of this node is taken away. Without it the node's server is started, as a standby if another
/// node is promoted, or recovered in place. The mark only ever lasts for one promotion. It stays while an operation on the
/// node's own instance is under way, such as the stop of a server that hangs: until that has ended no server is kept off.
#[must_use]
pub fn on_turn(
    memory: MarkMemory,
    cluster: Option<&ResourceFacts>,
    now: Instant,
    give_back_after: Duration,
) -> Option<PacemakerCommand> {
    let since = match memory {
        MarkMemory::None => {
            let left = cluster.is_some_and(|cluster| cluster.mark == NodeMark::Set);
            return left.then_some(PacemakerCommand::Unmark);
        }
        MarkMemory::Since(since) => since,
    };
    let is_stopping = cluster.is_some_and(|cluster| cluster.role == InstanceRole::Changing);
    let is_over = !is_stopping && now.saturating_duration_since(since) >= give_back_after;
    let is_replaced = cluster.is_some_and(|cluster| {
        let mut others = cluster.others.values();
        others.any(|other| other.role == InstanceRole::Promoted)
    });
    (is_over || is_replaced).then_some(PacemakerCommand::Unmark)
}

#[cfg(test)]
mod tests;
