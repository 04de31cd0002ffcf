use std::sync::Arc;

use fastrand::Rng;
use pgsql_state::health::{DownReason, TwoPrimaries, Verdict};

use super::*;
use crate::clients::haproxy::Block;
use crate::disk::Place;
use crate::pacemaker::CallVariables;
use crate::postgres::server::Life;
use crate::world::setup::Setup;

fn variables(pairs: &[(&str, &str)]) -> Arc<CallVariables> {
    let all = [
        ("OCF_RESOURCE_INSTANCE", "pgsqld"),
        ("OCF_RESKEY_pgdata", "/var/lib/postgresql/15/main"),
        ("OCF_RESKEY_crm_feature_set", "3.16.2"),
        ("OCF_RESKEY_CRM_meta_notify", "true"),
        ("OCF_RESKEY_CRM_meta_promoted_max", "1"),
        ("OCF_RESKEY_CRM_meta_timeout", "60000"),
        ("OCF_RESKEY_CRM_meta_on_node", "srv1"),
    ];
    let all = all.iter().chain(pairs);
    let all = all.map(|(name, value)| ((*name).into(), (*value).into()));
    let all: BTreeMap<String, String> = all.collect();
    Arc::new(all.into())
}

#[test]
fn the_agents_own_start_starts_a_simulated_server() {
    let mut run = Run::new(1, Rules::without(&[]), true);
    run.bring_up();
    run.start(ActionId(9_000), 0, "start", variables(&[]));
    run.until(Duration::from_secs(30));
    let Some(CallOutcome::Ended(outcome)) = run.endings.get(&ActionId(9_000)) else {
        panic!("{:?}", run.world.borrow().story);
    };
    assert_eq!(outcome.code.status(), 0, "{outcome:?}");
    run.start(
        ActionId(9_001),
        0,
        "monitor",
        variables(&[("OCF_RESKEY_CRM_meta_interval", "16000")]),
    );
    run.until(Duration::from_secs(60));
    let Some(CallOutcome::Ended(outcome)) = run.endings.get(&ActionId(9_001)) else {
        panic!("{:?}", run.world.borrow().story);
    };
    assert_eq!(outcome.code.status(), 0, "{outcome:?}");
}

#[test]
fn a_seed_determines_everything() {
    let script = Script::generate(7);
    let rules = Rules::without(&[]);
    let ended = play(&script, &rules, true);
    assert!(ended.rows.1 > 0 && ended.digest.is_some(), "{ended:?}");
    assert_eq!(ended, play(&script, &rules, true));
    // Nor does it matter whether somebody wants to know.
    let untold = Ended {
        story: Vec::new(),
        digest: None,
        ..ended
    };
    assert_eq!(untold, play(&script, &rules, false));
}

/// A cluster of three nodes that has come up, with a primary, and how its commits wait.
fn cluster() -> Run {
    let is_of_three = |seed: &u64| Setup::choose(&mut Rng::with_seed(*seed)).nodes == 3;
    let seed = (1..100).find(is_of_three).unwrap();
    let mut run = Run::new(seed, Rules::without(&[]), true);
    run.bring_up();
    run.until(Duration::from_secs(60));
    run
}

fn seconds(run: &mut Run, seconds: u64) {
    let now = run.world.borrow().now;
    run.until(now + Duration::from_secs(seconds));
}

fn primary(run: &Run) -> usize {
    let world = run.world.borrow();
    world
        .writer()
        .unwrap_or_else(|| panic!("{:#?}", world.story))
}

fn nothing_wrong(run: &Run) {
    let world = run.world.borrow();
    assert_eq!(world.watch.violations, [], "{:#?}", world.story);
}

#[test]
fn a_rolling_restart_stops_each_server_once_and_moves_the_primary_once() {
    let mut run = cluster();
    let old = primary(&run);
    run.world.borrow_mut().begin_rolling_restart(5);
    seconds(&mut run, 400);
    let world = run.world.borrow();
    assert!(world.programs[0].is_over(), "{:#?}", world.story);
    let lines = world.story.lines.as_deref().unwrap();
    for one in 1..=3 {
        let stopped = format!("srv{one}: the server is told to stop");
        let count = lines.iter().filter(|line| line.contains(&stopped)).count();
        // The old primary is also stopped to become a standby.
        assert_eq!(count, 1 + usize::from(old + 1 == one), "{lines:#?}");
    }
    drop(world);
    assert_ne!(primary(&run), old);
    nothing_wrong(&run);
}

#[test]
fn a_server_that_is_made_anew_from_a_backup_streams_again() {
    let mut run = cluster();
    let at = (primary(&run) + 1) % 3;
    run.world.borrow_mut().begin_rebuild(at, 20);
    seconds(&mut run, 20);
    assert_eq!(run.world.borrow().hosts[at].disk.place, Place::Empty);
    seconds(&mut run, 100);
    let world = run.world.borrow();
    assert!(world.programs[0].is_over(), "{:#?}", world.story);
    assert!(world.streams(at), "{:#?}", world.story);
    assert_eq!(world.hosts[at].disk.control.backup_start, None);
    drop(world);
    nothing_wrong(&run);
}

#[test]
fn standbys_that_wait_for_a_snapshot_that_no_primary_sends_count_as_healthy() {
    let mut run = cluster();
    let lost = primary(&run);
    {
        let mut world = run.world.borrow_mut();
        world.overflow(true);
        world.checkpoint(lost);
    }
    // Each standby has made the checkpoint its own.
    seconds(&mut run, 10);
    {
        let mut world = run.world.borrow_mut();
        for one in 0..3 {
            world.power_off(one);
        }
    }
    seconds(&mut run, 5);
    let others: Vec<usize> = (0..3).filter(|one| *one != lost).collect();
    for one in &others {
        run.world.borrow_mut().power_on(*one);
    }
    let mut have_waited = [false; 3];
    for _ in 0..120 {
        seconds(&mut run, 1);
        for (one, host) in run.world.borrow().hosts.iter().enumerate() {
            have_waited[one] |= host.server.life == Life::Starting && host.server.has_replayed;
        }
    }
    let world = run.world.borrow();
    for one in others {
        assert!(have_waited[one], "{:#?}", world.story);
        let started = format!("srv{}: Start: Ending(Ending {{ code: ", one + 1);
        let lines = world.story.lines.as_deref().unwrap();
        let mut ended = lines.iter().filter(|line| line.contains(&started));
        assert!(
            ended.all(|line| line.contains("code: Success")),
            "{lines:#?}"
        );
    }
}

#[test]
fn a_primary_beside_one_with_a_newer_timeline_is_not_told_as_one_also_once_that_is_silent() {
    let mut run = cluster();
    let old = primary(&run);
    let other = (old + 1) % 3;
    {
        let mut world = run.world.borrow_mut();
        if world.setup.two_primaries == TwoPrimaries::Report {
            world.setup.two_primaries = TwoPrimaries::Yield;
            world.daemons_ask();
        }
        assert_eq!(world.verdict(old), Verdict::Production);
        world.promote_by_hand(other);
    }
    seconds(&mut run, 5);
    let yields = Verdict::Down(DownReason::TwoPrimaries);
    let mut world = run.world.borrow_mut();
    assert_eq!(world.verdict(other), Verdict::Production);
    assert_eq!(world.verdict(old), yields);
    world.power_off(other);
    drop(world);
    seconds(&mut run, 5);
    assert_eq!(run.world.borrow_mut().verdict(old), yields);
}

#[test]
fn a_check_that_is_not_answered_counts_once_it_is_not_waited_for_any_more() {
    let mut run = cluster();
    let frozen = primary(&run);
    run.world.borrow_mut().hosts[frozen].server.frozen = true;
    let is_up = |run: &Run| {
        let world = run.world.borrow();
        (0..3).any(|host| world.hosts[host].proxy.is_up(Block::Prod, frozen))
    };
    let now = run.world.borrow().now;
    run.until(now + Duration::from_millis(240));
    assert!(is_up(&run));
    seconds(&mut run, 8);
    assert!(!is_up(&run));
}
