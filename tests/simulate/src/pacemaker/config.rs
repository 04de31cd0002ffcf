//! What an administrator configures before a history begins. Knows nothing of what happens.

use std::collections::BTreeMap;
use std::time::Duration;

/// A node, by its place in [`Config::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(pub u8);

impl Node {
    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// What a node is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeConfig {
    /// Its name, `crm_node -n`.
    pub name: String,
    /// Corosync's number of it, which is Pacemaker's ID too.
    pub id: u32,
}

/// How often an action recurs and how long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recurring {
    /// Time from the end of one to the beginning of the next.
    pub interval: Duration,
    /// Longest.
    pub timeout: Duration,
}

/// How long each action may take, and how often it recurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operations {
    /// `start`.
    pub start: Duration,
    /// `stop`.
    pub stop: Duration,
    /// `promote`.
    pub promote: Duration,
    /// `demote`.
    pub demote: Duration,
    /// `notify`.
    pub notify: Duration,
    /// `monitor` without an interval. Pacemaker takes the timeout of the configured monitor with the shortest
    /// interval for it.
    pub probe: Duration,
    /// `monitor` of the primary.
    pub monitor_promoted: Recurring,
    /// `monitor` of a standby.
    pub monitor_unpromoted: Recurring,
    /// `reload-agent`.
    pub reload: Duration,
}

/// What a partition without quorum does with what runs on its nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoQuorumPolicy {
    /// Stops it; the default.
    Stop,
    /// Leaves it alone, and starts, promotes and recovers nothing that is not active already.
    Freeze,
    /// As if there were a quorum.
    Ignore,
    /// Demotes what is promoted and stops everything else.
    Demote,
    /// Has all nodes of the partition fenced.
    Suicide,
}

/// What Corosync waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corosync {
    /// `token`: until a silent node is suspected.
    pub token: Duration,
    /// `consensus`: until a new membership is agreed on after that.
    pub consensus: Duration,
    /// `two_node`: one of two nodes has a quorum, once both have seen one another.
    pub two_node: bool,
    /// `wait_for_all`: no quorum until all nodes have been seen at once.
    pub wait_for_all: bool,
}

/// A cluster with one promotable clone that has notifications and one instance on each node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The nodes, in the order of their IDs.
    pub nodes: Vec<NodeConfig>,
    /// The resource, `pgsqld`.
    pub resource: String,
    /// Its clone, `pgsqld-clone`.
    pub clone: String,
    /// The attribute of a node that a location rule keeps the clone off: `died-pgsqld`.
    pub mark: String,
    /// The parameters of the resource.
    pub parameters: BTreeMap<String, String>,
    /// The operations of the resource.
    pub operations: Operations,
    /// `resource-stickiness` of the clone; 1 where nothing is configured (`pcmk_sched_clone.c`).
    pub stickiness: i32,
    /// `migration-threshold`; none stands for INFINITY, the default.
    pub migration_threshold: Option<u32>,
    /// `failure-timeout`; none is never, the default.
    pub failure_timeout: Option<Duration>,
    /// `start-failure-is-fatal`; the default is true.
    pub start_failure_is_fatal: bool,
    /// `stonith-enabled`, with a device that can fence each node.
    pub fencing: bool,
    /// `no-quorum-policy`.
    pub no_quorum_policy: NoQuorumPolicy,
    /// Corosync's.
    pub corosync: Corosync,
    /// `cluster-recheck-interval`, 15 minutes by default.
    pub recheck: Duration,
    /// Attributes that nodes have from the beginning, as a configuration that was loaded has them: values by
    /// node and name.
    pub permanent: BTreeMap<(Node, String), String>,
}

impl Config {
    /// What the guide and the lab make: nodes called `srv1` and so on, and the clone that `generate pacemaker` writes, with
    /// the monitors of the lab: rarer ones leave more to the rest, and make histories shorter to play.
    #[must_use]
    pub fn of_the_guide(nodes: u8) -> Self {
        let seconds = Duration::from_secs;
        let monitor = |interval| Recurring {
            interval: seconds(interval),
            timeout: seconds(10),
        };
        Self {
            nodes: (1..=nodes)
                .map(|id| NodeConfig {
                    name: format!("srv{id}"),
                    id: u32::from(id),
                })
                .collect(),
            resource: "pgsqld".into(),
            clone: "pgsqld-clone".into(),
            mark: "died-pgsqld".into(),
            parameters: BTreeMap::new(),
            operations: Operations {
                start: seconds(60),
                stop: seconds(60),
                promote: seconds(30),
                demote: seconds(120),
                notify: seconds(60),
                probe: seconds(10),
                monitor_promoted: monitor(15),
                monitor_unpromoted: monitor(16),
                reload: seconds(20),
            },
            stickiness: 10,
            migration_threshold: Some(5),
            failure_timeout: None,
            start_failure_is_fatal: true,
            fencing: true,
            no_quorum_policy: NoQuorumPolicy::Stop,
            corosync: Corosync {
                token: seconds(3),
                consensus: Duration::from_millis(3600),
                two_node: nodes == 2,
                wait_for_all: nodes == 2,
            },
            recheck: seconds(900),
            permanent: BTreeMap::new(),
        }
    }
}
