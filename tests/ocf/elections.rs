//! Elections that more than positions decide: which server comes from the last primary's history, and who could have
//! acknowledged what clients were told is safe.

use support::Trouble;

use crate::call::End;
use crate::cluster::NODES;
use crate::explained::{explained, has};
use crate::judge::{Failure, Judged, ensure};
use crate::program::Program;
use crate::rows::{caught_up, has_scores, is, leads, monitored, received, write};
use crate::transition::{Believed, Pacemaker, Plan, Played};
use crate::world::World;
use crate::world::server::Seen;

/// Why the first action of a plan failed that did.
fn reason(played: &Played) -> Result<String, Trouble> {
    let failure = played.failure().map(|step| step.ended.to_string());
    failure.ok_or_else(|| Trouble::Unfit("nothing failed".into()))
}

/// Has commits on any server wait for one of the others, from when the checkpointer has read it: until then a commit
/// waits for nobody, though every session shows the rule. Who needs a standby to have a row waits for the row.
fn wait_for_one(world: &World) -> Judged {
    for node in NODES {
        let names = "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (srv1, srv2, srv3)'";
        world.server(node).query(names)?;
        world.server(node).query("SELECT pg_reload_conf()")?;
    }
    Ok(())
}

#[test]
fn a_server_that_somebody_has_promoted_holds_nobody_and_does_not_win_by_its_timeline() -> Judged {
    let world = World::running(Program::Ours)?;
    let mut pacemaker = Pacemaker::of_running(&world);
    wait_for_one(&world)?;
    monitored(&world, "srv1")?;
    caught_up(&world, "srv1", "1")?;
    world.server("srv3").query("SELECT pg_promote()")?;
    write(&world, "srv1", 2)?;
    received(&world, "srv2", "1 2")?;
    let stray = world
        .ask("srv3", "monitor")
        .meta("role", "Unpromoted")
        .call()?;
    ensure(stray.end == End::Status(8), || format!("monitor: {stray}"))?;
    has_scores(&world, ["1001", "1000", "990"])?;
    pacemaker.play(&Plan::new().demote("srv3"))?.done()?;
    let stamp = world.cluster.permanent("srv3", "primary_end");
    ensure(stamp.is_none(), || format!("srv3 has the stamp {stamp:?}"))?;
    let plan = Plan::new().demote("srv1").promote("srv2");
    pacemaker.play(&plan)?.done()?;
    is(&world, "srv2", Seen::Primary)?;
    is(&world, "srv3", Seen::Standby)?;
    received(&world, "srv2", "1 2")
}

#[test]
fn a_complete_standby_takes_the_place_of_a_new_primary_that_it_could_not_follow_yet() -> Judged {
    let world = World::running(Program::Ours)?;
    let mut pacemaker = Pacemaker::of_running(&world);
    monitored(&world, "srv1")?;
    write(&world, "srv1", 2)?;
    caught_up(&world, "srv1", "1 2")?;
    pacemaker.play(&Plan::new().demote("srv1"))?.done()?;
    // They have all that it had, and cannot reach the next one.
    for node in ["srv1", "srv3"] {
        world.server(node).cut()?;
    }
    pacemaker.play(&Plan::new().promote("srv2"))?.done()?;
    is(&world, "srv2", Seen::Primary)?;
    world.server("srv2").crash()?;
    pacemaker.lose("srv2");
    let plan = Plan::new().demote("srv2").stop(&["srv2"]).promote("srv3");
    pacemaker.play(&plan)?.done()?;
    is(&world, "srv3", Seen::Primary)?;
    received(&world, "srv3", "1 2")
}

#[test]
fn after_a_power_cut_nobody_is_promoted_before_so_many_are_there_that_one_has_what_was_acknowledged()
-> Judged {
    let world = World::running(Program::Ours)?;
    wait_for_one(&world)?;
    monitored(&world, "srv1")?;
    let rule = world.cluster.permanent("srv1", "sync_rule");
    let rule = rule.unwrap_or_default();
    ensure(rule.ends_with("#1@0#ANY 1 (srv2,srv3)"), || {
        format!("srv1 keeps the rule {rule:?}")
    })?;
    world.server("srv3").cut()?;
    write(&world, "srv1", 2)?;
    received(&world, "srv2", "1 2")?;
    for node in NODES {
        world.server(node).crash()?;
    }
    let mut pacemaker = Pacemaker::of_stopped(&world);
    pacemaker.play(&Plan::new().start(&["srv3"]))?.done()?;
    let alone = Plan::new().promote("srv3");
    let why = reason(&pacemaker.play(&alone)?)?;
    let lacking = "srv3 must not be promoted: commits on srv1 waited for ANY 1 (srv2,srv3), and 1 more of srv2 must \
                   take part";
    let name = world.cluster.resource();
    let accept =
        format!("crm_attribute --node srv1 --name sync_rule-{name} --lifetime forever --delete");
    has(&why, &[lacking, &accept])?;
    is(&world, "srv3", Seen::Standby)?;
    has(
        &explained(&world, "srv3")?,
        &[
            "\nan election now: no node is promoted\n",
            "srv3 is not: commits on srv1 waited for ANY 1 (srv2,srv3), and 1 more of srv2 must take part\n",
            &accept,
        ],
    )?;
    // The one that acknowledged the row comes.
    pacemaker.play(&Plan::new().start(&["srv2"]))?.done()?;
    world.server("srv3").mend()?;
    let candidate = pacemaker.candidate();
    ensure(candidate == Some("srv2"), || {
        format!("the next one is {candidate:?}")
    })?;
    pacemaker.play(&Plan::new().promote("srv2"))?.done()?;
    leads(&world, "srv2", "1 2", &["srv3"])
}

#[test]
fn after_a_power_cut_a_loss_is_accepted_by_the_command_that_is_told() -> Judged {
    let world = World::running(Program::Ours)?;
    wait_for_one(&world)?;
    monitored(&world, "srv1")?;
    for node in NODES {
        world.server(node).crash()?;
    }
    let mut pacemaker = Pacemaker::of_stopped(&world);
    pacemaker.play(&Plan::new().start(&["srv3"]))?.done()?;
    reason(&pacemaker.play(&Plan::new().promote("srv3"))?)?;
    world.cluster.set_permanent("srv1", "sync_rule", None)?;
    world.cluster.set_score("srv3", Some("1"))?;
    pacemaker.play(&Plan::new().promote("srv3"))?.done()?;
    is(&world, "srv3", Seen::Primary)
}

/// The primary is lost, srv3 has a row that srv2 lacks, and a constraint keeps Pacemaker from promoting srv3: it chooses
/// srv2, and again; what comes of that.
fn chosen_twice(world: &World) -> Result<Played, Failure> {
    let mut pacemaker = Pacemaker::of_running(world);
    monitored(world, "srv1")?;
    world.server("srv2").cut()?;
    write(world, "srv1", 2)?;
    received(world, "srv3", "1 2")?;
    world.server("srv1").crash()?;
    pacemaker.lose("srv1");
    let plan = Plan::new().demote("srv1").stop(&["srv1"]).promote("srv2");
    let first = pacemaker.play(&plan)?;
    has(&reason(&first)?, &["srv3 is ahead of srv2"])?;
    Ok(pacemaker.play(&Plan::new().promote("srv2"))?)
}

#[test]
fn one_that_may_be_promoted_is_the_second_time_where_commits_waited_for_nobody() -> Judged {
    let world = World::running(Program::Ours)?;
    chosen_twice(&world)?.done()?;
    is(&world, "srv2", Seen::Primary)
}

#[test]
fn one_that_may_be_promoted_is_not_where_only_another_may_have_what_was_acknowledged() -> Judged {
    let world = World::running(Program::Ours)?;
    wait_for_one(&world)?;
    has(
        &reason(&chosen_twice(&world)?)?,
        &[
            "srv2 must not be promoted: it is at ",
            "and srv3, which the cluster does not promote, at ",
            "crm_attribute --node srv1 --name sync_rule-",
        ],
    )?;
    let score = world.cluster.score("srv2");
    ensure(score.as_deref() == Some("-1000001"), || {
        format!("its score is {score:?}")
    })?;
    is(&world, "srv2", Seen::Standby)
}

/// The position and the timeline that a server's newest history ends with.
fn begin(world: &World, node: &str) -> Result<String, Trouble> {
    let history = "SELECT pg_read_file('pg_wal/00000002.history')";
    world.server(node).query(history)
}

#[test]
fn a_server_that_was_promoted_apart_to_the_same_timeline_does_not_win_by_what_it_wrote() -> Judged {
    let world = World::running(Program::Ours)?;
    let mut pacemaker = Pacemaker::of_running(&world);
    monitored(&world, "srv1")?;
    caught_up(&world, "srv1", "1")?;
    // All that the primary has is with both when it is lost.
    world.server("srv1").freeze()?;
    for node in ["srv2", "srv3"] {
        world.server(node).cut()?;
    }
    world.server("srv1").crash()?;
    world.server("srv2").query("SELECT pg_promote()")?;
    let stray = begin(&world, "srv2")?;
    let rows = "INSERT INTO kept SELECT generate_series(100, 5000)";
    world.server("srv2").query(rows)?;
    world.server("srv2").crash()?;
    for node in ["srv1", "srv2"] {
        pacemaker.lose(node);
    }
    let plan = Plan::new()
        .demote("srv1")
        .stop(&["srv1", "srv2"])
        .promote("srv3");
    pacemaker.play(&plan)?.done()?;
    let right = begin(&world, "srv3")?;
    ensure(stray == right, || {
        format!("they began at different positions: {stray:?}, {right:?}")
    })?;
    let mut pacemaker = Pacemaker::of_running(&world);
    pacemaker.take_for("srv1", Believed::Stopped);
    pacemaker.take_for("srv2", Believed::Stopped);
    pacemaker.take_for("srv3", Believed::Promoted);
    pacemaker.play(&Plan::new().start(&["srv1"]))?.done()?;
    write(&world, "srv3", 2)?;
    received(&world, "srv1", "1 2")?;
    world.server("srv3").crash()?;
    pacemaker.lose("srv3");
    let plan = Plan::new().demote("srv3").stop(&["srv3"]).start(&["srv2"]);
    pacemaker.play(&plan)?.done()?;
    let given_way = pacemaker.play(&Plan::new().promote("srv2"))?;
    has(&reason(&given_way)?, &["srv1 is ahead of srv2"])?;
    pacemaker.play(&Plan::new().promote("srv1"))?.done()?;
    is(&world, "srv1", Seen::Primary)?;
    received(&world, "srv1", "1 2")
}

#[test]
fn a_server_that_was_promoted_apart_does_not_follow_one_that_came_from_another_timeline_of_its_number()
-> Judged {
    let world = World::running(Program::Ours)?;
    let mut pacemaker = Pacemaker::of_running(&world);
    monitored(&world, "srv1")?;
    caught_up(&world, "srv1", "1")?;
    // srv3 is cut off; srv2 is promoted by hand, and writes more than the others will.
    world.server("srv3").cut()?;
    world.server("srv2").cut()?;
    world.server("srv2").query("SELECT pg_promote()")?;
    let rows = "INSERT INTO kept SELECT generate_series(100, 5000)";
    world.server("srv2").query(rows)?;
    world.server("srv2").crash()?;
    world.server("srv1").crash()?;
    for node in ["srv1", "srv2"] {
        pacemaker.lose(node);
    }
    let plan = Plan::new()
        .demote("srv1")
        .stop(&["srv1", "srv2"])
        .promote("srv3");
    pacemaker.play(&plan)?.done()?;
    write(&world, "srv3", 2)?;
    // It crashes, and is promoted once more: its record is of a timeline that came from its own second one.
    world.server("srv3").crash()?;
    let mut pacemaker = Pacemaker::of_running(&world);
    pacemaker.take_for("srv1", Believed::Stopped);
    pacemaker.take_for("srv2", Believed::Stopped);
    pacemaker.take_for("srv3", Believed::Promoted);
    let plan = Plan::new()
        .demote("srv3")
        .stop(&["srv3"])
        .start(&["srv3"])
        .promote("srv3");
    pacemaker.play(&plan)?.done()?;
    world.server("srv3").crash()?;
    pacemaker.lose("srv3");
    let plan = Plan::new().demote("srv3").stop(&["srv3"]).start(&["srv2"]);
    pacemaker.play(&plan)?.done()?;
    let refused = pacemaker.play(&Plan::new().promote("srv2"))?;
    has(&reason(&refused)?, &["srv2 must not be promoted"])?;
    is(&world, "srv2", Seen::Standby)
}

#[test]
fn while_a_primary_runs_that_pacemaker_was_told_to_forget_nobody_else_is_promoted() -> Judged {
    let world = World::running(Program::Ours)?;
    let mut pacemaker = Pacemaker::of_running(&world);
    monitored(&world, "srv1")?;
    // Its node has left the cluster with the server running, before the probe was back.
    pacemaker.take_for("srv1", Believed::Stopped);
    let why = reason(&pacemaker.play(&Plan::new().promote("srv2"))?)?;
    has(
        &why,
        &[
            "a primary that the cluster does not know of answers where this standby has its WAL from",
        ],
    )?;
    is(&world, "srv1", Seen::Primary)?;
    is(&world, "srv2", Seen::Standby)?;
    write(&world, "srv1", 2)?;
    received(&world, "srv2", "1 2")?;
    // It may be promoted as soon as that one is gone.
    world.server("srv1").crash()?;
    pacemaker.play(&Plan::new().promote("srv2"))?.done()?;
    is(&world, "srv2", Seen::Primary)?;
    received(&world, "srv2", "1 2")
}
