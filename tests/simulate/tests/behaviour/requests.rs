//! What operators, programs and results of calls ask for.

use simulate::pacemaker::{Action, Command, Node};

use crate::cluster::{Cluster, Is, config};

#[test]
fn instances_are_started_everywhere_and_the_best_is_promoted() {
    let mut cluster = Cluster::new(config(3));
    cluster.run(60);
    assert!(cluster.model.is_idle());
    assert_eq!(cluster.is, [Is::Primary, Is::Standby, Is::Standby]);
    assert_eq!(cluster.model.members(Node(1)).len(), 3);
    assert!(cluster.model.quorate(Node(2)));
}

#[test]
fn a_failed_monitor_is_recovered_from_until_the_threshold_and_again_after_a_cleanup() {
    let mut cluster = Cluster::started(config(3));
    for failures in 1..=3 {
        cluster.set(2, Is::Stopped);
        cluster.run(40);
        let starts = cluster
            .asked
            .iter()
            .filter(|asked| *asked == "2 start")
            .count();
        assert_eq!(starts, failures.min(2), "{:?}", cluster.asked);
    }
    assert_eq!(cluster.is[2], Is::Stopped);
    cluster.operator(0, Command::Cleanup(None));
    cluster.run(10);
    assert_eq!(cluster.is[2], Is::Standby);
}

#[test]
fn a_start_that_fails_is_not_tried_again() {
    let mut cluster = Cluster::started(config(3));
    cluster.answers.insert((2, Action::Start), 1);
    cluster.set(2, Is::Stopped);
    cluster.run(100);
    let starts = cluster
        .asked
        .iter()
        .filter(|asked| *asked == "2 start")
        .count();
    assert_eq!(starts, 1);
    assert_eq!(cluster.is[2], Is::Stopped);
}

#[test]
fn what_is_unmanaged_is_watched_and_left_alone() {
    let mut cluster = Cluster::started(config(3));
    cluster.operator(0, Command::Unmanage);
    cluster.set(0, Is::Stopped);
    cluster.run(60);
    assert!(
        cluster.asked.iter().all(|asked| asked.ends_with("watch")),
        "{:?}",
        cluster.asked
    );
    cluster.operator(0, Command::Manage);
    cluster.run(10);
    assert_eq!(cluster.primaries().len(), 1);
}

#[test]
fn a_parameter_is_taken_by_reloading_the_agent_everywhere() {
    let mut cluster = Cluster::started(config(3));
    cluster.operator(0, Command::SetParameter("maxlag".into(), "1".into()));
    cluster.run(5);
    for node in 0..3 {
        assert!(
            cluster.was_asked(&format!("{node} reload-agent")),
            "{:?}",
            cluster.asked
        );
        assert!(
            cluster.was_asked(&format!("{node} watch")),
            "{:?}",
            cluster.asked
        );
    }
    assert!(cluster.model.is_idle());
}

#[test]
fn a_score_that_changes_while_nothing_is_done_moves_the_primary_only_if_it_is_better() {
    let mut cluster = Cluster::started(config(3));
    cluster.score(0, 2, Some("999"));
    cluster.run(5);
    assert_eq!(cluster.primaries(), [0]);
    cluster.score(0, 2, Some("2000"));
    cluster.run(5);
    assert_eq!(cluster.primaries(), [2]);
    cluster.score(0, 2, Some("-INFINITY"));
    cluster.run(5);
    assert_eq!(cluster.primaries(), [0]);
}
