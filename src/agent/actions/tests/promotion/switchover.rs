//! Switchovers: whether the standby has everything before the primary is demoted, and switchovers that are cancelled.

use super::*;
use crate::agent::actions::server::CommitProof;
use crate::agent::actions::tests::played::alive;
use crate::agent::decide::state::ServerAnswer;
use crate::health::Failure;

#[test]
fn a_cancelled_switchover_promotes_no_server() {
    let mut world = voted("1#900", "1#900");
    world.tell("srv2", "cancel_switchover-pgsqld", "1");
    assert_eq!(promoted(&mut world).code, Code::Generic);
    assert_eq!(world.told("srv2", "cancel_switchover-pgsqld"), None);
    assert_eq!(world.score("srv2"), Some("-INFINITY"));
}

#[test]
fn a_primary_does_not_stop_for_a_standby_that_is_not_fit() {
    let mut world = World::with(primary());
    let before = (NotificationType::Before, NotifiedOperation::Demote);
    notified(&mut world, "srv1", switchover(), before.0, before.1);
    assert_eq!(world.server.done, ["prove"]);
    assert_eq!(world.score("srv2"), None);
    world.server.proof = Ok(CommitProof::Missing("it lacks 10kB".into()));
    notified(&mut world, "srv1", switchover(), before.0, before.1);
    assert_eq!(world.score("srv2"), Some("-INFINITY"));
}

#[test]
fn a_primary_that_stops_anyway_or_cannot_be_asked_finds_no_standby_unfit() {
    let stopped = TransitionPlan {
        stop: list("srv1"),
        ..switchover()
    };
    for (plan, proof, done) in [
        (
            stopped,
            Ok(CommitProof::Missing("it lacks 10kB".into())),
            &[][..],
        ),
        (switchover(), Err("too many clients"), &["prove"]),
    ] {
        let mut world = World::with(primary());
        world.server.proof = proof.map_err(Into::into);
        notified(
            &mut world,
            "srv1",
            plan,
            NotificationType::Before,
            NotifiedOperation::Demote,
        );
        assert_eq!(world.server.done, done);
        assert_eq!(world.score("srv2"), None);
    }
}

#[test]
fn a_primary_that_answers_writes_a_checkpoint_before_it_is_demoted() {
    let (before, demotion) = (NotificationType::Before, NotifiedOperation::Demote);
    let stopped = TransitionPlan {
        stop: list("srv1"),
        ..switchover()
    };
    let hung = || alive(ServerAnswer::Refused(Failure::TimedOut));
    let alone = TransitionPlan {
        promote: Vec::new(),
        ..stopped.clone()
    };
    for (evidence, local, plan, expected) in [
        (primary(), "srv1", switchover(), 1),
        (primary(), "srv1", stopped.clone(), 1),
        (hung(), "srv1", switchover(), 0),
        (hung(), "srv1", stopped.clone(), 0),
        (dead(ClusterState::Production), "srv1", stopped, 0),
        (standby(), "srv2", switchover(), 0),
        // Nobody takes its place: a partition that has lost the quorum has to be quick.
        (primary(), "srv1", alone, 0),
    ] {
        let mut world = World::with(evidence);
        notified(&mut world, local, plan.clone(), before, demotion);
        assert_eq!(world.server.checkpoints, expected, "{local} {plan:?}");
    }
    // One that fails changes nothing.
    let mut world = World::with(primary());
    world.server.most_checkpoints = 0;
    notified(&mut world, "srv1", switchover(), before, demotion);
    assert_eq!(world.server.done, ["prove"]);
}

#[test]
fn a_cancelled_switchover_does_not_prevent_a_later_failover() {
    let mut world = World::with(standby());
    world.tell("srv2", "cancel_switchover-pgsqld", "1");
    let lost = TransitionPlan {
        stop: list("srv1"),
        ..switchover()
    };
    before_promotion(&mut world, "srv2", lost);
    assert_eq!(world.told("srv2", "cancel_switchover-pgsqld"), None);
}

#[test]
fn only_the_primary_that_is_replaced_requests_a_proof() {
    let recovery = TransitionPlan {
        promote: list("srv1"),
        demote: list("srv1"),
        ..calm()
    };
    for (local, plan) in [("srv2", switchover()), ("srv1", recovery), ("srv1", calm())] {
        let mut world = World::with(primary());
        notified(
            &mut world,
            local,
            plan,
            NotificationType::Before,
            NotifiedOperation::Demote,
        );
        assert!(world.server.done.is_empty());
    }
}

#[test]
fn after_a_primary_without_a_record_its_shutdown_checkpoint_is_required() {
    let mut world = World::with(standby());
    before_promotion(&mut world, "srv2", switchover());
    assert_eq!(world.told("srv2", "cancel_switchover-pgsqld"), Some("1"));
    let mut world = World::with(standby());
    world.keep(
        "srv1",
        "primary_end-pgsqld",
        "1#1000#7388123456789012345#stopped",
    );
    before_promotion(&mut world, "srv2", switchover());
    assert_eq!(world.told("srv2", "cancel_switchover-pgsqld"), None);
}
