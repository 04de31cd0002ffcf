//! Whatever happens, the cluster comes to rest with one primary when it is left alone.

use std::env;
use std::time::Instant;

use fastrand::Rng;
use simulate::pacemaker::{Action, Command, Input, Node, OfRole};

use crate::cluster::{Cluster, Fence, Is, config};

/// Something happens.
fn event(random: &mut Rng, cluster: &mut Cluster, nodes: u8) {
    let node = random.u8(0..nodes);
    let on = random.u8(0..nodes);
    let role = if random.bool() {
        OfRole::Promoted
    } else {
        OfRole::Any
    };
    match random.u8(0..24) {
        0 => cluster.power_off(node),
        1 if !cluster.up[usize::from(node)] => cluster.power_on(node),
        2 => {
            let group: Vec<u8> = (0..nodes).filter(|_| random.bool()).collect();
            let rest: Vec<u8> = (0..nodes).filter(|node| !group.contains(node)).collect();
            cluster.connect(&[&group, &rest]);
        }
        3 | 4 => cluster.connect(&[&(0..nodes).collect::<Vec<u8>>()]),
        5 => cluster.operator(on, Command::Ban(Node(node), role)),
        6 => cluster.operator(on, Command::Move(Node(node), role)),
        7 => cluster.operator(on, Command::Clear),
        8 => cluster.operator(on, Command::Standby(Node(node))),
        9 => cluster.operator(on, Command::Unstandby(Node(node))),
        10 => cluster.operator(on, Command::MaintenanceOn),
        11 => cluster.operator(on, Command::MaintenanceOff),
        12 => cluster.operator(
            on,
            Command::Refresh(Some(Node(node)).filter(|_| random.bool())),
        ),
        13 => cluster.operator(on, Command::Cleanup(None)),
        14 => cluster.operator(on, Command::StopCluster(Node(node))),
        15 => cluster.operator(on, Command::StartCluster(Node(node))),
        16 => cluster.tell(Input::KillController(Node(node))),
        17 => cluster.set(node, Is::Stopped),
        18 => {
            let actions = [
                Action::Start,
                Action::Stop,
                Action::Promote,
                Action::Demote,
                Action::Monitor,
            ];
            let action = actions[random.usize(0..5)];
            cluster.answers.insert((node, action), random.u8(1..10));
        }
        19 => {
            cluster.fence = if random.bool() {
                Fence::Works
            } else {
                Fence::Fails
            }
        }
        20 => cluster.operator(on, Command::Fail(Node(node))),
        21 => cluster.operator(
            on,
            Command::SetParameter("maxlag".into(), random.u8(..).to_string()),
        ),
        22 => cluster.operator(on, Command::Disable),
        _ => {
            let score = random.i32(-1..2_000).to_string();
            cluster.score(on, node, Some(&score));
        }
    }
}

fn history(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let nodes = random.u8(2..6);
    let mut settings = config(nodes);
    settings.fencing = random.u8(0..4) != 0;
    let mut cluster = Cluster::new(settings);
    for _ in 0..50 {
        cluster.run(random.u64(0..12));
        event(&mut random, &mut cluster, nodes);
    }
    // It is put in order.
    cluster.answers.clear();
    cluster.fence = Fence::Works;
    cluster.connect(&[&(0..nodes).collect::<Vec<u8>>()]);
    // Who wanted to leave leaves meanwhile, and what cannot be stopped is cleaned up.
    for _ in 0..3 {
        for node in 0..nodes {
            if !cluster.up[usize::from(node)] {
                cluster.power_on(node);
            }
            cluster.operator(node, Command::StartCluster(Node(node)));
        }
        cluster.run(120);
        for on in 0..nodes {
            let settings = [
                Command::MaintenanceOff,
                Command::Manage,
                Command::Enable,
                Command::Clear,
            ];
            for command in settings {
                cluster.operator(on, command);
            }
            cluster.operator(on, Command::Unstandby(Node(on)));
            cluster.score(on, on, Some("100"));
            cluster.operator(on, Command::Cleanup(None));
        }
        cluster.run(120);
    }
    let last: Vec<&String> = cluster.asked.iter().rev().take(60).collect();
    assert!(
        cluster.model.is_idle(),
        "seed {seed}: {:?} {last:?}",
        cluster.is
    );
    assert_eq!(
        cluster.primaries().len(),
        1,
        "seed {seed}: {:?}",
        cluster.is
    );
    assert!(
        !cluster.is.contains(&Is::Stopped),
        "seed {seed}: {:?} {last:?}",
        cluster.is
    );
}

/// A number that whoever runs the tests gives.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test says by the environment how long"
)]
fn number(name: &str, default: u64) -> u64 {
    let given = env::var(name).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn after_anything_at_all_there_is_one_primary_and_everything_runs() {
    let (first, count) = (number("SEED", 0), number("SEEDS", 300));
    let began = Instant::now();
    for seed in first..first + count {
        history(seed);
    }
    println!("{count} histories in {:?}", began.elapsed());
}
