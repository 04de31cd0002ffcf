//! Who is promoted where not everybody has everything, and that nothing is lost by it.

use crate::judge::{Failure, Judged, Paf, case, ensure};
use crate::program::Program;
use crate::rows::{caught_up, is, leads, received, scores, write};
use crate::transition::{Pacemaker, Plan};
use crate::world::World;
use crate::world::server::Seen;

/// Plays a promotion after which a node has to be a standby still.
fn is_not_promoted(
    world: &World,
    pacemaker: &mut Pacemaker<'_>,
    plan: &Plan,
    node: &str,
) -> Judged {
    let played = pacemaker.play(plan)?;
    ensure(played.failure().is_some(), || {
        format!("nothing of {plan:?} failed")
    })?;
    is(world, node, Seen::Standby)
}

/// Fails unless Pacemaker would promote that node next, and it has all rows then.
fn is_promoted_next(
    world: &World,
    pacemaker: &mut Pacemaker<'_>,
    node: &'static str,
    rows: &str,
    standbys: &[&str],
) -> Judged {
    let candidate = pacemaker.candidate();
    ensure(candidate == Some(node), || {
        format!(
            "the next one is {candidate:?}, by the scores {:?}",
            scores(world)
        )
    })?;
    pacemaker.play(&Plan::new().promote(node))?.done()?;
    leads(world, node, rows, standbys)
}

/// A world whose standbys were both cut off before the last row.
fn both_cut(program: Program) -> Result<World, Failure> {
    let world = World::running(program)?;
    for node in ["srv2", "srv3"] {
        world.server(node).cut()?;
    }
    write(&world, "srv1", 2)?;
    Ok(world)
}

fn mend(world: &World, nodes: &[&str]) -> Judged {
    for node in nodes {
        world.server(node).mend()?;
    }
    Ok(())
}

/// After a restart, `pg_last_wal_receive_lsn` is the beginning of a segment.
#[test]
fn a_standby_that_was_restarted_is_as_far_as_its_wal_and_not_as_its_segment() -> Judged {
    case(Paf::Wrong(1), |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        world.server("srv2").cut()?;
        write(&world, "srv1", 2)?;
        received(&world, "srv3", "1 2")?;
        world.server("srv1").crash()?;
        pacemaker.lose("srv1");
        let restart = Plan::new().stop(&["srv3"]).start(&["srv3"]);
        pacemaker.play(&restart)?.done()?;
        let plan = Plan::new().demote("srv1").stop(&["srv1"]).promote("srv2");
        is_not_promoted(&world, &mut pacemaker, &plan, "srv2")?;
        mend(&world, &["srv2"])?;
        is_promoted_next(&world, &mut pacemaker, "srv3", "1 2", &["srv2"])
    })
}

#[test]
fn a_primary_in_whose_place_an_old_backup_was_put_is_not_recovered_as_the_primary() -> Judged {
    case(Paf::Wrong(3), |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        write(&world, "srv1", 2)?;
        caught_up(&world, "srv1", "1 2")?;
        world.server("srv1").crash()?;
        world.restore("srv1")?;
        let plan = Plan::new()
            .demote("srv1")
            .stop(&["srv1"])
            .start(&["srv1"])
            .promote("srv1");
        is_not_promoted(&world, &mut pacemaker, &plan, "srv1")?;
        is_promoted_next(&world, &mut pacemaker, "srv2", "1 2", &["srv1", "srv3"])
    })
}

#[test]
fn a_switchover_to_a_standby_that_was_cut_off_is_called_off_while_the_primary_runs() -> Judged {
    case(Paf::Wrong(8), |program| {
        let world = both_cut(program)?;
        let pacemaker = Pacemaker::of_running(&world);
        pacemaker.announce(&Plan::new().demote("srv1").promote("srv2"))?;
        let score = world.cluster.score("srv2");
        ensure(score.as_deref() == Some("-INFINITY"), || {
            format!("the score of srv2 is {score:?}")
        })?;
        ensure(pacemaker.candidate() == Some("srv1"), || {
            format!("the scores are {:?}", scores(&world))
        })?;
        mend(&world, &["srv2", "srv3"])?;
        leads(&world, "srv1", "1 2", &["srv2", "srv3"])
    })
}

#[test]
fn if_that_switchover_comes_all_the_same_nobody_is_promoted_who_lacks_a_row() -> Judged {
    case(Paf::Wrong(8), |program| {
        let world = both_cut(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        let plan = Plan::new().demote("srv1").promote("srv2");
        is_not_promoted(&world, &mut pacemaker, &plan, "srv2")?;
        for node in ["srv3", "srv2", "srv3"] {
            is_not_promoted(&world, &mut pacemaker, &Plan::new().promote(node), node)?;
        }
        mend(&world, &["srv2", "srv3"])?;
        is_promoted_next(&world, &mut pacemaker, "srv1", "1 2", &["srv2", "srv3"])
    })
}

#[test]
fn after_a_planned_stop_of_the_primary_nobody_is_promoted_who_lacks_its_end() -> Judged {
    case(Paf::Wrong(9), |program| {
        let world = both_cut(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        let plan = Plan::new().demote("srv1").stop(&["srv1"]).promote("srv2");
        is_not_promoted(&world, &mut pacemaker, &plan, "srv2")?;
        for node in ["srv3", "srv2"] {
            is_not_promoted(&world, &mut pacemaker, &Plan::new().promote(node), node)?;
        }
        pacemaker.play(&Plan::new().start(&["srv1"]))?.done()?;
        mend(&world, &["srv2", "srv3"])?;
        is_promoted_next(&world, &mut pacemaker, "srv1", "1 2", &["srv2", "srv3"])
    })
}

#[test]
fn a_standby_further_behind_than_maxlag_is_not_promoted() -> Judged {
    case(Paf::Wrong(12), |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        pacemaker.set("maxlag", "1048576");
        // What a standby's monitor remembers of a primary that was two megabytes ahead.
        let ahead = "SELECT '1#' || (pg_current_wal_lsn() - '0/0' + 2097152) || '#' || system_identifier \
                     FROM pg_control_system()";
        let ahead = world.server("srv1").query(ahead)?;
        world.cluster.set_private("srv2", "primary_seen", &ahead)?;
        world.server("srv1").crash()?;
        pacemaker.lose("srv1");
        let plan = Plan::new().demote("srv1").stop(&["srv1"]).promote("srv2");
        is_not_promoted(&world, &mut pacemaker, &plan, "srv2")
    })
}

/// PostgreSQL replays the WAL of a crash as a standby, too: there is no need for a primary in between, which
/// would write checkpoints of its own.
#[test]
fn a_crashed_primary_is_no_primary_on_its_way_to_a_standby() -> Judged {
    case(Paf::Wrong(21), |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        write(&world, "srv1", 2)?;
        world.server("srv1").crash()?;
        let checkpoint = || {
            world
                .server("srv1")
                .control()
                .map(|control| control.checkpoint)
        };
        let before = checkpoint();
        let plan = Plan::new().demote("srv1").stop(&["srv1"]).start(&["srv1"]);
        pacemaker.play(&plan)?.done()?;
        is(&world, "srv1", Seen::Standby)?;
        received(&world, "srv1", "1 2")?;
        ensure(checkpoint() == before, || {
            format!("its checkpoint is {:?}, it was {before:?}", checkpoint())
        })
    })
}

/// Weakness 23, which PAF does not show where everybody looks as often as the stand-ins have them look.
#[test]
fn what_a_node_said_before_an_earlier_promotion_does_not_count() -> Judged {
    case(Paf::Right, |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        world.server("srv2").cut()?;
        write(&world, "srv1", 2)?;
        received(&world, "srv3", "1 2")?;
        world.server("srv1").crash()?;
        pacemaker.lose("srv1");
        world
            .cluster
            .set_private("srv3", "lsn_location", "1#16777216")?;
        world.cluster.delay(5)?;
        let plan = Plan::new().demote("srv1").stop(&["srv1"]).promote("srv2");
        is_not_promoted(&world, &mut pacemaker, &plan, "srv2")?;
        mend(&world, &["srv2"])?;
        is_promoted_next(&world, &mut pacemaker, "srv3", "1 2", &["srv2"])
    })
}
