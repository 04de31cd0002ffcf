//! The resource, the same for both tools, with values of the three-node example and of PAF's guides.

use super::plan::PacemakerPlan;
use crate::agent::decide::scores::Attributes;

/// An operation of the agent and its timeout.
pub(super) struct Operation {
    pub(super) name: &'static str,
    /// In seconds; `None` for an operation that is not recurring.
    pub(super) interval: Option<u32>,
    /// In seconds.
    pub(super) timeout: u32,
    /// The role for which it runs; `None` for any.
    pub(super) role: Option<&'static str>,
}

/// A setting: its name and value.
pub(super) type Pair = (&'static str, String);

pub(super) const WHY_DEFAULTS: &str = "\
    A server that works is not moved for a better score (10), and one that has failed five times on a node stays \
    away from it until its failures are cleaned up.";

pub(super) const WHY_PROPERTIES: &str = "\
    A node whose state is unknown is fenced before another server is promoted. Never set this to false: the old \
    primary may still accept writes.";

pub(super) const WHY_OPERATIONS: &str = "\
    Every timeout is set, since Pacemaker's default of 20 s is too short. A demotion is a stop and a start. A monitor \
    takes some hundredths of a second, so that it may come often: it finds out that a server has ended or is unfit. The intervals of \
    the monitors differ; otherwise Pacemaker would treat both as one.";

pub(super) const WHY_CLONE: &str = "\
    One server on each node, one of them promoted. The agent needs notify: in notifications it determines which \
    standby has the most WAL, and whether an old primary has sent everything. Resources that are ordered after the \
    servers wait only for the server on their own node (interleave), whatever the tool's default is.";

pub(super) const WHY_RULE: &str = "\
    pgsql-state-keeper.service, which is optional, marks a node whose primary has ended by itself while another node is fit to be \
    promoted. The rule keeps the server off the marked node until that is done: otherwise the promotion would wait for the start \
    of the crashed server. Without the unit the rule has no effect.";

/// The expression of the rule that keeps the resource off a marked node, in the form that both tools accept.
pub(super) fn marked(plan: &PacemakerPlan) -> String {
    let mark = Attributes::died_of(&plan.resource.to_string());
    format!("{mark} eq {}", Attributes::DIED)
}

/// The operations of the agent.
pub(super) fn operations(plan: &PacemakerPlan) -> [Operation; 7] {
    let once = |name, timeout| Operation {
        name,
        interval: None,
        timeout,
        role: None,
    };
    let monitor = |interval, role| Operation {
        name: "monitor",
        interval: Some(interval),
        timeout: 10,
        role: Some(role),
    };
    [
        once("start", 60),
        once("stop", 60),
        once("promote", 30),
        once("demote", 120),
        monitor(3, plan.pacemaker.promoted()),
        monitor(4, plan.pacemaker.unpromoted()),
        once("notify", 60),
    ]
}

/// The parameters of the agent.
pub(super) fn parameters(plan: &PacemakerPlan) -> Vec<Pair> {
    let mut pairs = vec![
        ("bindir", plan.programs.to_string()),
        ("pgdata", plan.data.to_string()),
    ];
    if let Some(datadir) = &plan.datadir {
        pairs.push(("datadir", datadir.to_string()));
    }
    pairs.push(("pghost", plan.socket.to_string()));
    pairs.push(("pgport", plan.port.to_string()));
    pairs
}

/// The meta attributes of the clone.
pub(super) fn clone(plan: &PacemakerPlan) -> Vec<Pair> {
    vec![
        ("notify", "true".into()),
        ("promoted-max", "1".into()),
        ("promoted-node-max", "1".into()),
        ("clone-max", plan.nodes.iter().count().to_string()),
        ("clone-node-max", "1".into()),
        ("interleave", "true".into()),
    ]
}

/// The defaults for every resource.
pub(super) fn defaults() -> [Pair; 2] {
    [
        ("migration-threshold", "5".into()),
        ("resource-stickiness", "10".into()),
    ]
}

/// The options of the cluster.
pub(super) fn properties() -> [Pair; 1] {
    [("stonith-enabled", "true".into())]
}

/// Settings in the form that both tools accept.
pub(super) fn pairs(pairs: &[Pair]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join(" ")
}

impl Operation {
    /// The operation in the form that both tools accept, after the word `op`.
    pub(super) fn words(&self) -> String {
        let interval = self.interval.unwrap_or(0);
        let role = self.role.map(|role| format!(" role={role}"));
        format!(
            "{} interval={interval}s timeout={}s{}",
            self.name,
            self.timeout,
            role.unwrap_or_default()
        )
    }
}
