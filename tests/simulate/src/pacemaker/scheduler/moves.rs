//! What each instance has to do to become what it is to be (`pcmk__primitive_create_actions`,
//! `pcmk__update_ordered_actions`, `pcmk_sched_recurring.c`). Knows nothing of the order of it.

use super::super::cib::Cib;
use super::super::config::{Config, NoQuorumPolicy, Node};
use super::super::history::{ByWatch, Watch};
use super::super::nodes::NodeSet;
use super::assign::Fate;
use super::failures::Role;
use super::graph::ByOperation;
use super::status::{Instance, Status};

/// What becomes of a recurring monitor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Watching {
    #[default]
    Leave,
    Begin,
    Cancel,
}

/// What an instance does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for an action")]
pub(super) struct Moves {
    pub(super) role: Role,
    pub(super) next: Role,
    /// Where it is active.
    pub(super) from: Option<Node>,
    /// Where it will be.
    pub(super) to: Option<Node>,
    pub(super) demote: bool,
    pub(super) stop: bool,
    /// It has to be stopped, whether or not it can be.
    pub(super) must_stop: bool,
    /// It could be stopped, whether or not it has to be.
    pub(super) can_stop: bool,
    /// Its demotion and its stop are done by fencing its node.
    pub(super) implied: bool,
    pub(super) start: bool,
    /// It has to be started, whether or not it can be.
    pub(super) must_start: bool,
    pub(super) promote: bool,
    pub(super) reload: bool,
    /// Which of its operations are wanted for its own sake, not since others are. Before those are known, a stop that
    /// fencing does has been noted in what its operations are told.
    pub(super) early: ByOperation<bool>,
    pub(super) watches: ByWatch<Watching>,
}

/// Which nodes are fenced.
pub(super) fn fenced(config: &Config, cib: &Cib, status: &Status) -> NodeSet {
    // The fencing device is managed too, but for maintenance mode.
    let managed = config.fencing && !cib.settings.maintenance;
    let managed = managed || status.instances.iter().any(|instance| instance.managed);
    let fenced = |node: &Node| managed && status.can_fence(config, *node);
    status.nodes.unclean.iter().filter(fenced).collect()
}

/// What each instance does.
pub(super) fn moves(config: &Config, cib: &Cib, status: &Status, fates: &[Fate]) -> Vec<Moves> {
    let fenced = fenced(config, cib, status);
    let pairs = status.instances.iter().zip(fates);
    pairs
        .map(|(instance, fate)| {
            let mut moves = Moves {
                role: instance.role.max(Role::Stopped),
                next: fate.next.max(Role::Stopped),
                from: instance.on,
                to: fate.to,
                demote: false,
                stop: false,
                // Also what nothing may be done with any more, where its node wants to leave.
                must_stop: instance.blocked
                    && !cib.settings.maintenance
                    && instance.on.is_some_and(|on| {
                        status.nodes.online.contains(on) && status.nodes.shutdown.contains(on)
                    }),
                can_stop: false,
                implied: instance.managed && instance.on.is_some_and(|on| fenced.contains(on)),
                start: false,
                must_start: false,
                promote: false,
                reload: false,
                early: ByOperation::default(),
                watches: ByWatch::default(),
            };
            if instance.managed && !instance.blocked {
                change(cib, status, instance, &mut moves);
            }
            if !instance.blocked && !cib.settings.maintenance {
                watch(status, instance, &mut moves);
            }
            moves
        })
        .collect()
}

fn change(cib: &Cib, status: &Status, instance: &Instance, moves: &mut Moves) {
    let active = moves.from.is_some() && moves.role > Role::Stopped;
    if status.policy == NoQuorumPolicy::Demote && !status.quorate && active {
        moves.next = moves.next.min(Role::Unpromoted);
    }
    let can_start = moves
        .to
        .is_some_and(|to| startable(status, instance, moves.next, to));
    let moving = moves.to.is_some() && moves.from != moves.to;
    let staying = moves.next > Role::Stopped && can_start && !moving && !instance.stop;
    let stop = active && !staying;
    let demote = active && moves.role == Role::Promoted && (stop || moves.next != Role::Promoted);
    // Nothing can be done on a node that is away and cannot be fenced.
    let reachable = moves.from.is_some_and(|from| {
        moves.implied
            || (status.nodes.online.contains(from) && !status.nodes.pending.contains(from))
    });
    let needed = moving || instance.stop;
    moves.early = ByOperation {
        demote: needed || moves.next != Role::Promoted,
        stop: needed || moves.next == Role::Stopped,
        start: !active || moves.role <= moves.next,
        promote: true,
    };
    moves.must_stop = stop;
    moves.can_stop = active && reachable;
    moves.stop = stop && reachable;
    moves.demote = demote && reachable;
    moves.must_start = moves.next > Role::Stopped && can_start && (!active || stop);
    moves.start = moves.must_start && !status.unprobed && (!active || moves.stop);
    // It cannot be started elsewhere before it is stopped.
    moves.start &= !stop || moves.stop;
    let up = moves.start || (active && !stop);
    moves.promote = moves.next == Role::Promoted && up && (moves.role != Role::Promoted || stop);
    let version = moves.to.and_then(|to| cib.node(to));
    moves.reload = active
        && !stop
        && version.is_some_and(|state| state.history.parameters != cib.settings.version);
}

/// Whether a start or a promotion could run (`update_resource_action_runnable`).
fn startable(status: &Status, instance: &Instance, next: Role, to: Node) -> bool {
    if !status.nodes.online.contains(to) || status.nodes.pending.contains(to) {
        return false;
    }
    let active = instance.role > Role::Stopped;
    status.quorate
        || match status.policy {
            NoQuorumPolicy::Ignore | NoQuorumPolicy::Suicide => true,
            NoQuorumPolicy::Stop => false,
            NoQuorumPolicy::Freeze => active && next <= instance.role,
            NoQuorumPolicy::Demote => active,
        }
}

/// `pcmk__create_recurring_actions`.
fn watch(status: &Status, instance: &Instance, moves: &mut Moves) {
    let Some(to) = moves.to else {
        return;
    };
    if moves.next == Role::Stopped && instance.managed {
        return;
    }
    let there = instance.on == Some(to) && !moves.start;
    let waits = instance.managed && !moves.start && (moves.stop || !there);
    let start_unrunnable = waits || !startable(status, instance, moves.next, to);
    for watch in Watch::BOTH {
        // A start that others make necessary is not known yet when monitors are cancelled.
        let early = moves.early.start;
        let stays = instance.on == Some(to) && !(moves.start && early);
        let ran = stays && *instance.watches.of(watch);
        let cancels = ran && !instance.reschedule && !moves.reload;
        let runs = there && *instance.watches.of(watch);
        let keeps = runs && !instance.reschedule && !moves.reload;
        let role = match watch {
            Watch::Promoted => Role::Promoted,
            Watch::Unpromoted => Role::Unpromoted,
        };
        let away = !status.nodes.online.contains(to) || status.nodes.unclean.contains(to);
        let watching = if moves.next != role {
            if cancels {
                Watching::Cancel
            } else {
                Watching::Leave
            }
        } else if keeps || start_unrunnable || away {
            Watching::Leave
        } else {
            Watching::Begin
        };
        *moves.watches.of_mut(watch) = watching;
    }
}
