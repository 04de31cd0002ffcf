//! Decides what becomes of each slot of a server: made, advanced, dropped or left alone. Knows no clock and no session.
//!
//! On a primary a slot is advanced by the standby that streams from it. On a standby nobody streams, so the plan advances it to
//! what its node says it has. Only inactive, physical slots of nodes, and those named beside them, are ever touched.

mod step;

use std::cmp::min;
use std::time::Duration;

use super::facts::{AlsoSlot, HeardPosition, SlotFacts, SlotNode, SlotPresence};
use super::names::SlotPrefix;
use crate::base::units::Bytes;
use crate::health::{Claim, Lsn};
use crate::postgres::slot_name::SlotName;
use crate::postgres::slot_rows::{
    ReplicationSlot, ServerCap, SlotActivity, SlotKind, SlotServer, SlotXmin, WalStatus,
};
pub use step::{SlotAlarm, SlotDrop, SlotLeave, SlotStep};

/// How long slots hold WAL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotPolicy {
    /// How the names of nodes' slots begin.
    pub prefix: SlotPrefix,
    /// How long the slot of a node is kept that is not heard.
    pub keep_absent: Duration,
    /// How much WAL an inactive slot may hold; without it the server's own limit holds.
    pub cap: Option<Bytes>,
}

/// Returns the steps in the order in which they are to be done: what is dropped makes room for what is made. Slots that are left
/// alone follow, and at last what a person has to look at.
#[must_use]
pub fn plan(facts: &SlotFacts, policy: &SlotPolicy) -> Vec<SlotStep> {
    let mut steps: Vec<SlotStep> = Vec::new();
    for slot in &facts.slots {
        steps.extend(of_slot(slot, facts, policy));
    }
    let exists = |name: &SlotName| facts.slots.iter().any(|slot| slot.name == *name);
    let nodes = facts.nodes.iter();
    let nodes = nodes.filter(|node| is_wanted(node.presence, policy));
    let wanted = nodes
        .map(|node| &node.slot)
        .chain(facts.also.iter().map(|also| &also.name));
    steps.extend(
        wanted
            .filter(|name| !exists(name))
            .map(|name| SlotStep::Create(name.clone())),
    );
    let mut steps = within_limits(steps, facts, policy);
    steps.sort_by_key(SlotStep::order);
    steps
}

/// Whether the slot of a node is to exist.
fn is_wanted(presence: SlotPresence, policy: &SlotPolicy) -> bool {
    match presence {
        SlotPresence::Seen(_) => true,
        SlotPresence::Away(silence) => silence <= policy.keep_absent,
        SlotPresence::GivenUp => false,
    }
}

/// What becomes of a slot that exists.
fn of_slot(slot: &ReplicationSlot, facts: &SlotFacts, policy: &SlotPolicy) -> Vec<SlotStep> {
    let leave = |why| vec![SlotStep::Leave(slot.name.clone(), why)];
    match slot.kind {
        SlotKind::Temporary => return leave(SlotLeave::Temporary),
        SlotKind::Logical => return leave(SlotLeave::Foreign),
        SlotKind::Physical => {}
    }
    let node = facts.nodes.iter().find(|node| node.slot == slot.name);
    let also = facts.also.iter().find(|also| also.name == slot.name);
    match (node, also, slot.activity) {
        (None, None, _) if !policy.prefix.begins(&slot.name) => leave(SlotLeave::Foreign),
        (_, _, SlotActivity::Active) => of_active(slot, &facts.server, policy),
        (None, None, SlotActivity::Inactive) => vec![drop(slot, SlotDrop::NoNode)],
        (Some(node), _, SlotActivity::Inactive) => of_node(slot, node, &facts.server, policy),
        (None, Some(also), SlotActivity::Inactive) => of_other(slot, also, &facts.server, policy),
    }
}

/// PostgreSQL neither advances nor drops a slot from which a session streams.
fn of_active(slot: &ReplicationSlot, server: &SlotServer, policy: &SlotPolicy) -> Vec<SlotStep> {
    let mut steps = vec![SlotStep::Leave(slot.name.clone(), SlotLeave::Active)];
    let held = slot.holds(server);
    if slot.wal == Some(WalStatus::Unreserved) || policy.cap.is_some_and(|cap| held > cap) {
        steps.push(SlotStep::Alarm(SlotAlarm::Behind(slot.name.clone(), held)));
    }
    steps
}

fn of_node(
    slot: &ReplicationSlot,
    node: &SlotNode,
    server: &SlotServer,
    policy: &SlotPolicy,
) -> Vec<SlotStep> {
    if !is_wanted(node.presence, policy) {
        return vec![drop(slot, SlotDrop::Absent)];
    }
    if let Some(why) = is_useless(slot, server) {
        return anew(slot, why);
    }
    let target = match node.presence {
        SlotPresence::Seen(position) => target(position, server),
        SlotPresence::Away(_) | SlotPresence::GivenUp => None,
    };
    match (target, node.presence) {
        (Some(to), _) => advanced(slot, to, server, policy),
        (None, SlotPresence::Seen(_)) if exceeds(slot, server, policy) => {
            anew(slot, SlotDrop::OverCap)
        }
        (None, SlotPresence::Away(_) | SlotPresence::GivenUp) if exceeds(slot, server, policy) => {
            vec![drop(slot, SlotDrop::OverCap)]
        }
        (None, SlotPresence::Seen(_)) => leave(slot, SlotLeave::OtherTimeline),
        (None, SlotPresence::Away(_) | SlotPresence::GivenUp) => leave(slot, SlotLeave::Awaited),
    }
}

/// A slot for others than nodes. They are not asked whether they are there, so only the cap limits it.
fn of_other(
    slot: &ReplicationSlot,
    also: &AlsoSlot,
    server: &SlotServer,
    policy: &SlotPolicy,
) -> Vec<SlotStep> {
    if let Some(why) = is_useless(slot, server) {
        return anew(slot, why);
    }
    let target = match server.role {
        Claim::Primary => None,
        Claim::Standby => also
            .on_primary
            .map(|on_primary| min(on_primary, server.end)),
    };
    match target {
        Some(to) => advanced(slot, to, server, policy),
        None if exceeds(slot, server, policy) => anew(slot, SlotDrop::OverCap),
        None => leave(slot, SlotLeave::Awaited),
    }
}

/// Why a slot keeps nothing that its owner could use, or keeps what it should not.
fn is_useless(slot: &ReplicationSlot, server: &SlotServer) -> Option<SlotDrop> {
    match (slot.wal, slot.restart, slot.xmin, server.role) {
        (Some(WalStatus::Lost), _, _, _) => Some(SlotDrop::Lost),
        (_, None, _, _) => Some(SlotDrop::NoReservation),
        // No feedback takes it back where nobody streams. On a primary the standby that returns does.
        (_, Some(_), SlotXmin::Held, Claim::Standby) => Some(SlotDrop::Xmin),
        (_, Some(_), SlotXmin::Held, Claim::Primary) | (_, Some(_), SlotXmin::None, _) => None,
    }
}

/// How far a slot may be advanced for a node that has said where it is.
///
/// A former primary may have to be rewound to the last checkpoint before the promotion. What is before the own redo location is not
/// needed for that, and what follows is kept anyway.
fn target(position: HeardPosition, server: &SlotServer) -> Option<Lsn> {
    let bound = match (server.role, position.role) {
        _ if position.timeline != server.timeline => return None,
        (Claim::Primary | Claim::Standby, Claim::Standby) => server.end,
        (Claim::Standby, Claim::Primary) => min(server.redo, server.end),
        (Claim::Primary, Claim::Primary) => return None,
    };
    Some(min(position.end, bound))
}

fn advanced(
    slot: &ReplicationSlot,
    to: Lsn,
    server: &SlotServer,
    policy: &SlotPolicy,
) -> Vec<SlotStep> {
    let restart = slot.restart.max(Some(to));
    let after = ReplicationSlot {
        restart,
        ..slot.clone()
    };
    if exceeds(&after, server, policy) {
        anew(slot, SlotDrop::OverCap)
    } else if restart == slot.restart {
        leave(slot, SlotLeave::Level)
    } else {
        vec![SlotStep::Advance(slot.name.clone(), to)]
    }
}

/// Whether a slot holds more than the cap, and more than the server would keep without it.
fn exceeds(slot: &ReplicationSlot, server: &SlotServer, policy: &SlotPolicy) -> bool {
    let holds_more = slot.restart.is_some_and(|restart| restart < server.redo);
    holds_more && policy.cap.is_some_and(|cap| slot.holds(server) > cap)
}

fn drop(slot: &ReplicationSlot, why: SlotDrop) -> SlotStep {
    SlotStep::Drop(slot.name.clone(), why)
}

fn anew(slot: &ReplicationSlot, why: SlotDrop) -> Vec<SlotStep> {
    vec![drop(slot, why), SlotStep::Create(slot.name.clone())]
}

fn leave(slot: &ReplicationSlot, why: SlotLeave) -> Vec<SlotStep> {
    vec![SlotStep::Leave(slot.name.clone(), why)]
}

/// Makes nothing that could fill the disk, and no more slots than the server has room for.
fn within_limits(steps: Vec<SlotStep>, facts: &SlotFacts, policy: &SlotPolicy) -> Vec<SlotStep> {
    let is_capped = match (facts.server.keeps, policy.cap) {
        (_, Some(_)) | (ServerCap::Limited(_), None) => true,
        (ServerCap::Absent | ServerCap::Unlimited, None) => false,
    };
    let dropped = steps
        .iter()
        .filter(|step| matches!(step, SlotStep::Drop(..)));
    let kept = facts.slots.len().saturating_sub(dropped.count());
    let mut room = facts.server.most.saturating_sub(kept);
    let mut alarms = Vec::new();
    let mut done: Vec<SlotStep> = Vec::new();
    for step in steps {
        match step {
            SlotStep::Create(_) if !is_capped => alarms.push(SlotAlarm::NoCap),
            SlotStep::Create(_) if room == 0 => alarms.push(SlotAlarm::NoRoom),
            SlotStep::Create(_) => {
                room -= 1;
                done.push(step);
            }
            SlotStep::Drop(..)
            | SlotStep::Advance(..)
            | SlotStep::Leave(..)
            | SlotStep::Alarm(_) => done.push(step),
        }
    }
    alarms.dedup();
    done.extend(alarms.into_iter().map(SlotStep::Alarm));
    done
}

#[cfg(test)]
mod tests;
