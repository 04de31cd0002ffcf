//! What is lost, cut off, killed and fenced.

use std::time::Duration;

use simulate::pacemaker::{Action, Command, Input, Lifetime, NoQuorumPolicy, Node, OfRole};

use crate::cluster::{Cluster, Fence, Is, config};

#[test]
fn a_lost_primary_is_fenced_before_another_is_promoted() {
    let mut cluster = Cluster::started(config(3));
    cluster.reboots = false;
    cluster.power_off(0);
    cluster.run(5);
    assert!(cluster.asked.iter().all(|asked| asked.ends_with("watch")));
    cluster.run(20);
    let at = |what: &str| cluster.asked.iter().position(|asked| asked == what);
    assert!(at("fence 0") < at("1 promote"), "{:?}", cluster.asked);
    assert_eq!(cluster.primaries(), [1]);
    assert_eq!(cluster.is[2], Is::Standby);
}

#[test]
fn while_fencing_fails_nobody_is_promoted_until_an_operator_vouches() {
    let mut cluster = Cluster::started(config(3));
    cluster.fence = Fence::Fails;
    cluster.power_off(0);
    cluster.run(120);
    let tries = cluster
        .asked
        .iter()
        .filter(|asked| *asked == "fence 0")
        .count();
    assert_eq!(tries, 10);
    assert!(!cluster.was_asked("1 promote"));
    cluster.operator(1, Command::ConfirmOff(Node(0)));
    cluster.run(10);
    assert_eq!(cluster.primaries(), [1]);
}

#[test]
fn without_fencing_another_is_promoted_when_the_primary_is_lost() {
    let mut config = config(3);
    config.fencing = false;
    let mut cluster = Cluster::started(config);
    cluster.power_off(0);
    cluster.run(30);
    assert_eq!(cluster.primaries(), [1]);
    assert!(!cluster.was_asked("fence 0"));
}

#[test]
fn a_primary_that_is_cut_off_is_stopped_there_and_fenced_from_the_other_side() {
    let mut cluster = Cluster::started(config(3));
    cluster.takes.insert(Action::Demote, Duration::from_secs(2));
    cluster.connect(&[&[0], &[1, 2]]);
    cluster.run(8);
    assert!(cluster.was_asked("0 demote"), "{:?}", cluster.asked);
    assert!(!cluster.model.quorate(Node(0)));
    assert!(cluster.model.quorate(Node(1)));
    cluster.run(10);
    assert!(cluster.was_asked("fence 0"));
    assert_eq!(cluster.primaries(), [1]);
    cluster.score(1, 0, Some("1"));
    cluster.connect(&[&[0, 1, 2]]);
    cluster.run(60);
    assert!(cluster.model.is_idle());
    assert_eq!(cluster.is, [Is::Standby, Is::Primary, Is::Standby]);
}

#[test]
fn a_partition_without_quorum_that_freezes_leaves_its_primary_alone() {
    let mut config = config(3);
    config.no_quorum_policy = NoQuorumPolicy::Freeze;
    let mut cluster = Cluster::started(config);
    cluster.power_off(1);
    cluster.power_off(2);
    cluster.run(60);
    assert_eq!(cluster.primaries(), [0]);
    assert!(!cluster.was_asked("fence 1"));
}

#[test]
fn a_partition_without_quorum_that_stops_comes_back_with_the_quorum() {
    let mut cluster = Cluster::started(config(3));
    cluster.power_off(1);
    cluster.power_off(2);
    cluster.run(60);
    assert_eq!(cluster.is[0], Is::Stopped);
    cluster.power_on(1);
    cluster.run(60);
    assert_eq!(cluster.primaries(), [0]);
    assert_eq!(cluster.is[1], Is::Standby);
}

#[test]
fn a_stop_that_fails_has_its_node_fenced() {
    let mut cluster = Cluster::started(config(3));
    cluster.answers.insert((0, Action::Stop), 1);
    cluster.operator(1, Command::Standby(Node(0)));
    cluster.run(60);
    assert!(cluster.was_asked("fence 0"));
    assert_eq!(cluster.primaries(), [1]);
}

#[test]
fn without_fencing_a_stop_that_fails_blocks_its_instance() {
    let mut config = config(3);
    config.fencing = false;
    let mut cluster = Cluster::started(config);
    cluster.answers.insert((2, Action::Stop), 1);
    cluster.operator(1, Command::Standby(Node(2)));
    cluster.run(60);
    let stops = cluster
        .asked
        .iter()
        .filter(|asked| *asked == "2 stop")
        .count();
    assert_eq!(stops, 1);
    assert_eq!(cluster.is[2], Is::Standby);
}

#[test]
fn a_coordinator_that_dies_has_a_successor_that_finishes() {
    let mut cluster = Cluster::started(config(3));
    cluster.takes.insert(Action::Demote, Duration::from_secs(3));
    cluster.operator(1, Command::Move(Node(1), OfRole::Promoted));
    cluster.run(1);
    let dead = cluster.model.coordinator(Node(1)).expect("a coordinator");
    cluster.tell(Input::KillController(Node(1)));
    cluster.run(30);
    assert_ne!(cluster.model.coordinator(Node(1)), Some(dead));
    assert!(cluster.model.is_idle());
    assert_eq!(cluster.primaries(), [1]);
    assert!(
        cluster
            .asked
            .iter()
            .all(|asked| !asked.starts_with("fence"))
    );
}

#[test]
fn a_call_that_takes_too_long_is_killed_and_has_failed() {
    let mut cluster = Cluster::started(config(3));
    cluster
        .takes
        .insert(Action::Promote, Duration::from_secs(1_000));
    cluster.operator(1, Command::Move(Node(1), OfRole::Promoted));
    cluster.run(20);
    assert!(cluster.was_asked("1 promote"));
    cluster.takes.clear();
    cluster.run(40);
    assert!(cluster.was_asked("1 demote"), "{:?}", cluster.asked);
    assert_eq!(cluster.primaries().len(), 1);
}

#[test]
fn one_of_two_nodes_goes_on_alone_once_both_have_been_seen() {
    let mut cluster = Cluster::started(config(2));
    cluster.reboots = false;
    cluster.power_off(0);
    cluster.run(30);
    assert_eq!(cluster.primaries(), [1]);
    cluster.power_off(1);
    cluster.run(10);
    cluster.power_on(1);
    cluster.run(60);
    // It has not seen the other since.
    assert!(!cluster.model.quorate(Node(1)));
    assert_eq!(cluster.primaries(), [0; 0]);
    cluster.power_on(0);
    cluster.run(60);
    assert_eq!(cluster.primaries().len(), 1);
}

#[test]
fn a_node_that_leaves_is_not_fenced_and_comes_back() {
    let mut cluster = Cluster::started(config(3));
    cluster.score(0, 0, Some("1"));
    cluster.operator(0, Command::StopCluster(Node(0)));
    cluster.run(10);
    assert_eq!(cluster.primaries(), [1]);
    assert!(cluster.model.members(Node(0)).is_empty());
    assert_eq!(cluster.model.members(Node(1)).len(), 2);
    cluster.operator(0, Command::StartCluster(Node(0)));
    cluster.run(10);
    assert_eq!(cluster.is, [Is::Standby, Is::Primary, Is::Standby]);
    assert!(!cluster.was_asked("fence 0"));
}

#[test]
fn the_configuration_is_that_of_whoever_has_seen_the_newest() {
    let mut cluster = Cluster::started(config(3));
    let name = "primary_end-pgsqld";
    let set = |value: &str| Input::SetAttribute {
        from: Node(1),
        node: Node(1),
        name: name.into(),
        value: Some(value.into()),
        lifetime: Lifetime::Permanent,
    };
    cluster.tell(set("1"));
    cluster.operator(0, Command::StopCluster(Node(0)));
    cluster.run(10);
    cluster.tell(set("2"));
    cluster.operator(0, Command::StartCluster(Node(0)));
    cluster.run(10);
    assert_eq!(cluster.model.permanent(Node(0), name), [(Node(1), "2")]);
}

#[test]
fn attributes_that_are_private_go_with_their_node() {
    let mut cluster = Cluster::started(config(3));
    cluster.tell(Input::SetAttribute {
        from: Node(2),
        node: Node(2),
        name: "lsn".into(),
        value: Some("7".into()),
        lifetime: Lifetime::Private,
    });
    let told = |cluster: &Cluster| {
        let told = cluster
            .model
            .attribute(Node(0), Node(2), "lsn", Lifetime::Private);
        told.map(str::to_owned)
    };
    assert_eq!(told(&cluster).as_deref(), Some("7"));
    assert!(cluster.model.is_idle());
    cluster.power_off(2);
    cluster.run(15);
    assert_eq!(told(&cluster), None);
}
