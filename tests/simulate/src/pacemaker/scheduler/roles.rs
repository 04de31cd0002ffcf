//! Which instance is promoted (`pcmk__set_instance_roles` in `pcmk_sched_promotable.c`). Knows nothing of how that
//! comes about.

use std::cmp::Ordering;

use super::super::config::NoQuorumPolicy;
use super::super::input::OfRole;
use super::super::score::{self, INFINITY};
use super::assign::{self, Assigning, Fate};
use super::failures::Role;

/// Gives each instance its role; at most one is promoted.
pub(super) fn give(mut assigning: Assigning<'_>) -> Vec<Fate> {
    let count = assigning.fates.len();
    let mut sort_index = vec![0; count];
    for place in 0..count {
        let (priority, index) = priority(&assigning, place);
        if let Some(slot) = assigning.priority.get_mut(place) {
            *slot = priority;
        }
        if let Some(slot) = sort_index.get_mut(place) {
            *slot = index;
        }
    }
    merge(&mut assigning, &mut sort_index);
    let mut order: Vec<usize> = (0..count).collect();
    assign::sort(&mut order, |one, other| {
        compare(&assigning, &sort_index, one, other)
    });
    let managed = assigning.cib.settings.managed && !assigning.cib.settings.maintenance;
    let mut promoted = 0;
    for place in order {
        let index = sort_index.get(place).copied().unwrap_or(-1);
        let may = index >= 0 && (promoted < 1 || !managed);
        let next = if may && promotable(&assigning, place) {
            promoted += 1;
            Role::Promoted
        } else {
            Role::Unpromoted
        };
        if let Some(fate) = assigning.fates.get_mut(place) {
            if next == Role::Promoted {
                fate.next = Role::Promoted;
            } else if fate.to.is_none() {
                fate.next = Role::Stopped;
            } else {
                fate.next = Role::Unpromoted;
            }
        }
    }
    assigning.fates
}

/// `set_instance_priority`: the promotion priority and the sort index.
fn priority(assigning: &Assigning<'_>, place: usize) -> (i32, i32) {
    let before = assigning.priority.get(place).copied().unwrap_or(0);
    let Some(fate) = assigning.fates.get(place) else {
        return (before, before);
    };
    let Some(chosen) = fate.to else {
        return (before, 0);
    };
    let mut priority = match fate.next {
        Role::Unknown => assigning.promotion_score(place, chosen).unwrap_or(-1),
        Role::Stopped | Role::Unpromoted => -INFINITY,
        Role::Promoted => before,
    };
    for location in &assigning.cib.settings.locations {
        if location.role == OfRole::Promoted && location.node == chosen {
            priority = score::add(priority, location.score);
        }
    }
    if fate.next == Role::Promoted {
        (priority, INFINITY)
    } else {
        (priority, priority)
    }
}

/// `sort_promotable_instances`, without colocations: the clone's own preference for the node is added.
fn merge(assigning: &mut Assigning<'_>, sort_index: &mut [i32]) {
    for (place, index) in sort_index.iter().enumerate() {
        let to = assigning.fates.get(place).and_then(|fate| fate.to);
        let weight = to.and_then(|to| assigning.clone.get_mut(to.index()));
        if let Some(weight) = weight.filter(|_| *index >= 0) {
            *weight = score::add(*index, *weight);
        }
    }
    for (place, index) in sort_index.iter_mut().enumerate() {
        let Some(fate) = assigning.fates.get(place) else {
            continue;
        };
        let managed = assigning.instance(place).is_some_and(|one| one.managed);
        if !managed && fate.next == Role::Promoted {
            *index = INFINITY;
        } else if let Some(to) = fate.to.filter(|_| *index >= 0) {
            *index = assigning.clone.get(to.index()).copied().unwrap_or(*index);
        }
    }
}

fn compare(assigning: &Assigning<'_>, sort_index: &[i32], one: usize, other: usize) -> Ordering {
    let index = |place: usize| sort_index.get(place).copied().unwrap_or(0);
    let role = |place: usize| {
        assigning
            .instance(place)
            .map_or(Role::Stopped, |one| one.role)
    };
    index(other)
        .cmp(&index(one))
        .then_with(|| role(other).cmp(&role(one)))
        .then_with(|| assigning.compare(one, other))
}

/// `node_to_be_promoted_on`.
fn promotable(assigning: &Assigning<'_>, place: usize) -> bool {
    let (Some(instance), Some(fate)) = (assigning.instance(place), assigning.fates.get(place))
    else {
        return false;
    };
    let Some(to) = fate.to else {
        return false;
    };
    if !instance.managed {
        return instance.role == Role::Promoted;
    }
    let priority = assigning.priority.get(place).copied().unwrap_or(-1);
    if priority < 0 || !assigning.status.nodes.available(to) {
        return false;
    }
    let without = match assigning.status.policy {
        NoQuorumPolicy::Freeze => instance.role == Role::Promoted,
        NoQuorumPolicy::Demote => false,
        NoQuorumPolicy::Stop | NoQuorumPolicy::Ignore | NoQuorumPolicy::Suicide => true,
    };
    assigning.status.quorate || without
}
