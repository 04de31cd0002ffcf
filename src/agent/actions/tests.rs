//! The actions over a simulated server and cluster: what is done, in which order, and the
//! result. Real servers are in `tests/ocf`.

mod crashed;
mod decisions;
mod demotion;
mod elections;
mod membership;
mod monitoring;
mod ownership;
mod played;
mod promotion;
mod upstream;

use std::time::{Duration, Instant};

use played::{Played, PlayedClock, Told, World, node};

use super::*;
use crate::agent::ocf::clone::{Size, TakenFor};
use crate::agent::ocf::code::Code;
use crate::agent::ocf::notification::{CloneInstance, NotificationType, NotifiedOperation};
use crate::health::Lsn;
use crate::postgres::control::ClusterState;
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;

fn at(timeline: u32, lsn: u64) -> Position {
    Position {
        timeline: Timeline(timeline),
        lsn: Lsn(lsn),
    }
}

fn list(names: &str) -> Vec<CloneInstance> {
    let instance = |name| CloneInstance {
        resource: "pgsqld".into(),
        node: node(name),
    };
    names.split_whitespace().map(instance).collect()
}

/// Three nodes of which `srv1` is or was the primary, and nothing planned.
fn calm() -> TransitionPlan {
    TransitionPlan {
        active: list("srv1 srv2 srv3"),
        promoted: list("srv1"),
        unpromoted: list("srv2 srv3"),
        ..TransitionPlan::default()
    }
}

/// The role goes from `srv1` to `srv2`.
fn switchover() -> TransitionPlan {
    TransitionPlan {
        promote: list("srv2"),
        demote: list("srv1"),
        ..calm()
    }
}

/// Runs an action on a node.
fn act<T>(
    world: &mut World,
    local: &str,
    plan: TransitionPlan,
    action: impl FnOnce(&Context, &mut Seams<'_, Played, Told>) -> T,
) -> T {
    let context = Context {
        local: node(local),
        attributes: "pgsqld".parse().unwrap(),
        maxlag: None,
        size: Size::Several,
        taken_for: TakenFor::Unknown,
        plan,
    };
    let mut clock = PlayedClock(Instant::now());
    let mut seams = Seams {
        server: &mut world.server,
        cluster: &mut world.cluster,
        deadline: Deadline::at(clock.now() + Duration::from_secs(30)),
        clock: &mut clock,
    };
    action(&context, &mut seams)
}

fn notified(
    world: &mut World,
    local: &str,
    plan: TransitionPlan,
    moment: NotificationType,
    operation: NotifiedOperation,
) {
    let outcome = act(world, local, plan, |context, seams| {
        notify::notify(context, seams, moment, operation)
    });
    assert_eq!(outcome, ActionOutcome::SUCCESS);
}

fn before_promotion(world: &mut World, local: &str, plan: TransitionPlan) {
    let (before, promotion) = (NotificationType::Before, NotifiedOperation::Promote);
    notified(world, local, plan, before, promotion);
}

fn after_promotion(world: &mut World, local: &str, plan: TransitionPlan) {
    let (after, promotion) = (NotificationType::After, NotifiedOperation::Promote);
    notified(world, local, plan, after, promotion);
}
