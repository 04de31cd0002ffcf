//! What is known when a server has ended or hangs. Knows no source and no consequence.

use std::collections::BTreeMap;

use crate::agent::decide::scores::Score;
use crate::agent::ocf::node::Node;
use crate::tools::doctor::pacemaker::cib::Unattended;

/// What has happened to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Its postmaster has ended.
    Died,
    /// It lets nobody in.
    Hung,
}

/// What this host shows of it, without asking Pacemaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalFacts {
    /// What has happened.
    pub trouble: Trouble,
    /// Whether Pacemaker was already told of this server.
    pub told: Told,
    /// Whether the agent acts on the server.
    pub agent: AgentSeen,
    /// Which postmaster runs now.
    pub postmaster: PostmasterNow,
}

/// Whether Pacemaker was told of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It was not.
    NotYet,
    /// It was: its fail count has risen, and must not rise again.
    Already,
}

/// Whether an action of the agent is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentSeen {
    /// One is.
    Acting,
    /// None is.
    Idle,
    /// That cannot be seen.
    Unknown,
}

/// Which postmaster runs in the data directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostmasterNow {
    /// None.
    None,
    /// The one that was watched.
    Watched,
    /// Another one, which was started after it.
    Another,
    /// There may be one.
    Unclear,
}

/// What Pacemaker knows of the resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceFacts {
    /// Why it does nothing about the resource on this node; `None` if it manages it.
    pub unattended: Option<Unattended>,
    /// The role in which it runs the resource on this node.
    pub role: InstanceRole,
    /// Whether this node is marked.
    pub mark: NodeMark,
    /// The other nodes.
    pub others: BTreeMap<Node, OtherNode>,
    /// Whether this node's partition has quorum.
    pub quorum: PartitionQuorum,
    /// Whether a location rule keeps the resource off marked nodes.
    pub rule: MarkRule,
}

/// What Pacemaker knows of another node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherNode {
    /// Whether it is in this partition.
    pub presence: Presence,
    /// The role in which Pacemaker runs the resource there.
    pub role: InstanceRole,
    /// Its promotion score.
    pub score: Option<Score>,
}

/// Whether a node is in this partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is, and has joined the cluster.
    Online,
    /// It is not, or has not joined yet.
    Offline,
}

/// The role in which Pacemaker runs the resource on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceRole {
    /// As the primary.
    Promoted,
    /// As a standby.
    Unpromoted,
    /// It does not run it.
    Stopped,
    /// An action that changes this is under way.
    Changing,
    /// Such an action has failed, or nothing is on record.
    Unknown,
}

/// Whether a node has the attribute that marks it ([`died`](crate::agent::decide::scores::Attributes::died)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeMark {
    /// It has.
    Set,
    /// It has not.
    Unset,
}

/// Whether a partition has quorum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionQuorum {
    /// It has.
    Held,
    /// It has not.
    Lost,
}

/// Whether the configuration has the location rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkRule {
    /// It has.
    Present,
    /// It has not: a mark would have no effect.
    Absent,
}
