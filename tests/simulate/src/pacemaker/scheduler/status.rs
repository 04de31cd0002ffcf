//! Which nodes can run something, and what is known of each instance, from the CIB (`lib/pengine/unpack.c`). Knows
//! nothing of what should be.

use super::super::cib::{Cib, Join};
use super::super::config::{Config, NoQuorumPolicy, Node};
use super::super::history::{ByWatch, Watch};
use super::super::nodes::NodeSet;
use super::super::time::SimTime;
use super::Quorum;
use super::failures::{self, OnFail, Role};

/// What the nodes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Nodes {
    pub(in super::super) online: NodeSet,
    /// What runs there is not known: it has to be fenced.
    pub(in super::super) unclean: NodeSet,
    pub(in super::super) standby: NodeSet,
    pub(in super::super) shutdown: NodeSet,
    /// It has not joined yet.
    pub(in super::super) pending: NodeSet,
}

impl Nodes {
    /// Whether nothing is expected of it any more.
    pub(in super::super) fn gone(&self, node: Node) -> bool {
        !self.online.contains(node) || self.shutdown.contains(node)
    }

    /// Whether something may run there (`pcmk__node_available`).
    pub(in super::super) fn available(&self, node: Node) -> bool {
        self.online.contains(node)
            && !self.shutdown.contains(node)
            && !self.unclean.contains(node)
            && !self.standby.contains(node)
    }
}

/// An instance of the clone. Pacemaker numbers them by what is active where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "Pacemaker has as many flags")]
pub(in super::super) struct Instance {
    pub(in super::super) role: Role,
    /// What it may be at most; unknown where nothing is said.
    pub(in super::super) next: Role,
    /// Where it is active. An anonymous instance is active on one node at most.
    pub(in super::super) on: Option<Node>,
    pub(in super::super) known_on: NodeSet,
    /// Where an action is pending.
    pub(in super::super) pending_on: Option<Node>,
    /// It has failed.
    pub(in super::super) failed: bool,
    /// It has to be stopped for that.
    pub(in super::super) stop: bool,
    pub(in super::super) managed: bool,
    /// Nothing may be done with it any more, after a stop that failed.
    pub(in super::super) blocked: bool,
    /// A start is pending.
    pub(in super::super) starting: bool,
    /// It is to be stopped, whatever the scores say.
    pub(in super::super) stopped: bool,
    /// Where a stop has failed it must not run.
    pub(in super::super) not_on: NodeSet,
    /// The recurring monitors that are active.
    pub(in super::super) watches: ByWatch<bool>,
    /// Those that have to be begun anew.
    pub(in super::super) reschedule: bool,
}

/// What the CIB says of the nodes and the instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Status {
    pub(in super::super) nodes: Nodes,
    pub(in super::super) instances: Vec<Instance>,
    /// Nodes where no instance may run, after a failure that no restart cures.
    pub(in super::super) banned: NodeSet,
    /// No instance may run anywhere.
    pub(in super::super) fatal: bool,
    /// Nodes whose failures are forgotten since they are old.
    pub(in super::super) expired: NodeSet,
    /// When a failure will have expired.
    pub(in super::super) recheck: Option<SimTime>,
    /// Whether the partition has a quorum.
    pub(in super::super) quorate: bool,
    /// What is done without one.
    pub(in super::super) policy: NoQuorumPolicy,
    /// A node has to be probed and cannot be yet, and nothing is active: nothing may be started.
    pub(in super::super) unprobed: bool,
}

impl Status {
    /// Whether a node can be fenced (`pe_can_fence` in `lib/pengine/utils.c`).
    pub(in super::super) fn can_fence(&self, config: &Config, node: Node) -> bool {
        config.fencing
            && (self.quorate
                || self.policy == NoQuorumPolicy::Ignore
                || self.nodes.online.contains(node))
    }
}

pub(in super::super) fn unpack(config: &Config, cib: &Cib, quorum: Quorum, now: SimTime) -> Status {
    let quorate = quorum.now;
    // Nodes that never had a quorum together do not have one another fenced for that.
    let suicide = config.no_quorum_policy == NoQuorumPolicy::Suicide;
    let policy = if suicide && !(config.fencing && (quorum.now || quorum.ever)) {
        NoQuorumPolicy::Stop
    } else {
        config.no_quorum_policy
    };
    let managed = cib.settings.managed && !cib.settings.maintenance;
    let nodes = nodes(config, cib, quorate, policy);
    let unknown = Instance {
        role: Role::Unknown,
        next: Role::Unknown,
        on: None,
        known_on: NodeSet::default(),
        pending_on: None,
        failed: false,
        stop: false,
        managed,
        blocked: false,
        starting: false,
        stopped: cib.settings.stopped,
        not_on: NodeSet::default(),
        watches: ByWatch::default(),
        reschedule: false,
    };
    let mut status = Status {
        nodes,
        instances: vec![unknown; config.nodes.len()],
        banned: NodeSet::default(),
        fatal: false,
        expired: NodeSet::default(),
        recheck: None,
        quorate,
        policy,
        unprobed: false,
    };
    for node in &cib.order {
        // Without fencing what is on nodes that are away does not count (`unpack_node_history`).
        if config.fencing || status.nodes.online.contains(*node) {
            unpack_node(config, cib, *node, now, &mut status);
        }
    }
    // `pcmk__probe_rsc_on_node`, where the first instance is probed.
    let waits = status.nodes.pending.and(status.nodes.online);
    let first = status.instances.first();
    let inactive = first.is_some_and(|instance| instance.on.is_none());
    status.unprobed = inactive
        && waits.iter().any(|node| {
            let known = |instance: &Instance| instance.known_on.contains(node);
            !status.nodes.unclean.contains(node) && !status.instances.iter().any(known)
        });
    status
}

/// `determine_online_status`.
fn nodes(config: &Config, cib: &Cib, quorate: bool, policy: NoQuorumPolicy) -> Nodes {
    let mut nodes = Nodes::default();
    for (place, state) in (0..).zip(&cib.status) {
        let node = Node(place);
        if !state.seen {
            // `startup-fencing` is true by default.
            nodes.unclean.set(node, config.fencing);
            continue;
        }
        nodes.shutdown.set(node, state.shutdown);
        let member = state.join == Join::Member;
        if config.fencing {
            let online = if state.shutdown {
                state.controller
            } else {
                state.in_ccm
            };
            nodes.online.set(node, online);
            if state.shutdown {
            } else if !state.expected {
                nodes.pending.set(node, state.in_ccm || state.controller);
            } else if !state.in_ccm || !state.controller {
                nodes.unclean.insert(node);
            } else {
                nodes.pending.set(node, !member);
            }
        } else if state.in_ccm && state.controller {
            nodes.online.set(node, member);
        } else if state.in_ccm && state.expected && !state.shutdown {
            nodes.unclean.insert(node);
        }
        if policy == NoQuorumPolicy::Suicide && !quorate && nodes.online.contains(node) {
            nodes.unclean.insert(node);
        }
        let standby = cib.effective(node, "standby");
        let standby =
            standby.is_some_and(|value| matches!(value, "on" | "true" | "yes" | "1" | "y"));
        nodes
            .standby
            .set(node, standby || nodes.pending.contains(node));
    }
    nodes
}

/// `unpack_lrm_resource`.
fn unpack_node(config: &Config, cib: &Cib, node: Node, now: SimTime, status: &mut Status) {
    let Some(state) = cib.node(node).filter(|state| !state.history.is_empty()) else {
        return;
    };
    let Some(place) = find(&status.instances, node) else {
        return;
    };
    let Some(mut instance) = status.instances.get(place).copied() else {
        return;
    };
    let saved = instance.role;
    let can_fence = status.can_fence(config, node);
    let found = failures::evaluate(
        config,
        state,
        &status.nodes,
        node,
        instance.managed,
        can_fence,
        now,
    );
    instance.role = found.role;
    instance.next = instance.next.max(found.next);
    if found.unmanaged {
        instance.managed = false;
        instance.blocked = true;
    }
    if found.stop_failed {
        instance.not_on.insert(node);
    }
    if found.pending {
        instance.pending_on = Some(node);
    }
    instance.starting |= found.starting;
    status.banned.set(node, found.banned);
    status.fatal |= found.fatal;
    status.expired.set(node, found.expired);
    status.recheck = [status.recheck, found.recheck].into_iter().flatten().min();

    // From here on `process_rsc_state`.
    if instance.role != Role::Unknown {
        instance.known_on.insert(node);
    }
    let active = instance.role > Role::Stopped;
    if active && !status.nodes.online.contains(node) && instance.managed && config.fencing {
        status.nodes.unclean.insert(node);
    }
    let on_fail = if status.nodes.unclean.contains(node) {
        OnFail::Ignore
    } else {
        found.on_fail
    };
    match on_fail {
        OnFail::Ignore | OnFail::Recover => {}
        OnFail::Block => {
            instance.managed = false;
            instance.blocked = true;
        }
        OnFail::Fence => status.nodes.unclean.insert(node),
    }
    if active {
        instance.on = Some(node);
        instance.watches = found.watches;
        // One with other parameters is begun anew (`pcmk__check_action_config` in `lib/pacemaker/pcmk_sched_actions.c`).
        for watch in Watch::BOTH {
            *instance.watches.of_mut(watch) &=
                *state.history.watched_with.of(watch) == cib.settings.version;
        }
        instance.reschedule = found.reschedule;
        instance.failed = on_fail != OnFail::Ignore;
        instance.stop = matches!(on_fail, OnFail::Recover | OnFail::Fence);
    }
    instance.role = instance.role.max(saved);
    if let Some(slot) = status.instances.get_mut(place) {
        *slot = instance;
    }
}

/// `find_anonymous_clone`: the instance that is active there, else the first that is active nowhere.
fn find(instances: &[Instance], node: Node) -> Option<usize> {
    let there = |instance: &Instance| {
        instance.on == Some(node) || (instance.on.is_none() && instance.pending_on == Some(node))
    };
    let free = |instance: &Instance| {
        instance.on.is_none() && instance.pending_on.is_none() && !instance.blocked
    };
    let there = instances.iter().position(there);
    there.or_else(|| instances.iter().position(free))
}
