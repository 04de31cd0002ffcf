//! Situations, each of which a number stands for. Knows nothing of what is decided in them.

use std::fmt::Write as _;
use std::time::Duration;

use fastrand::Rng;

use super::super::super::cib::{Cib, Failures, Join, Location, Settings};
use super::super::super::config::{Config, Corosync, NoQuorumPolicy, Node};
use super::super::super::history::{Ended, History, Record, Task, Watch};
use super::super::super::input::OfRole;
use super::super::super::score::INFINITY;
use super::super::super::time::SimTime;

pub(super) struct Situation {
    pub(super) config: Config,
    pub(super) cib: Cib,
    pub(super) quorate: bool,
    pub(super) coordinator: Node,
}

impl Situation {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let random = &mut random;
        let nodes = [2_u8, 3, 3, 3, 4, 5][random.usize(0..6)];
        let config = config(random, nodes);
        let mut settings = Settings::new(&config);
        settings.maintenance = random.u8(0..15) == 0;
        settings.managed = random.u8(0..15) != 0;
        settings.stopped = random.u8(0..15) == 0;
        for node in (0..nodes).map(Node) {
            score(random, node, &mut settings);
            if random.u8(0..8) == 0 {
                settings.locations.push(Location {
                    node,
                    role: if random.bool() {
                        OfRole::Promoted
                    } else {
                        OfRole::Any
                    },
                    score: if random.bool() { INFINITY } else { -INFINITY },
                });
            }
            if random.u8(0..12) == 0 {
                let standby = settings.attributes.entry("standby".to_owned()).or_default();
                standby.insert(node, "on".to_owned());
            }
        }
        let mut cib = Cib::new(settings.into(), usize::from(nodes));
        let mut order: Vec<Node> = (0..nodes).map(Node).collect();
        random.shuffle(&mut order);
        let coordinator = order.first().copied().unwrap_or(Node(0));
        let mut promoted = false;
        for node in order {
            state(random, node, node == coordinator, &mut promoted, &mut cib);
        }
        keepers(&mut Rng::with_seed(!seed), &config, &mut cib);
        if config.fencing && random.u8(0..3) != 0 {
            cib.device = Some(Node(random.u8(0..nodes))).filter(|node| {
                cib.node(*node)
                    .is_some_and(|state| state.join == Join::Member)
            });
        }
        Self {
            quorate: random.u8(0..6) != 0,
            coordinator,
            cib,
            config,
        }
    }

    /// In one line.
    pub(super) fn short(&self) -> String {
        let mut text = format!(
            "quorate {}, {:?}, fencing {}, maintenance {}, managed {}, stopped {}, dc {}, device {:?}, {:?}, {:?}, threshold {:?}",
            self.quorate,
            self.config.no_quorum_policy,
            self.config.fencing,
            self.cib.settings.maintenance,
            self.cib.settings.managed,
            self.cib.settings.stopped,
            self.coordinator.0,
            self.cib.device,
            self.cib.settings.attributes,
            self.cib.settings.locations,
            self.config.migration_threshold,
        );
        for node in &self.cib.order {
            if let Some(state) = self.cib.node(*node) {
                write!(
                    text,
                    "\n    {}: ccm {} crmd {} {:?} expected {} shutdown {} failures {:?}",
                    node.0,
                    state.in_ccm,
                    state.controller,
                    state.join,
                    state.expected,
                    state.shutdown,
                    state.failures
                )
                .expect("a text grows");
                let (sorted, len) = state.history.sorted();
                for record in sorted.iter().take(len).flatten() {
                    write!(
                        text,
                        "\n        {} {:?} {:?}",
                        record.call, record.task, record.ended
                    )
                    .expect("a text grows");
                }
            }
        }
        text
    }
}

fn config(random: &mut Rng, nodes: u8) -> Config {
    let seconds = Duration::from_secs;
    let policies = [
        NoQuorumPolicy::Stop,
        NoQuorumPolicy::Stop,
        NoQuorumPolicy::Freeze,
        NoQuorumPolicy::Ignore,
        NoQuorumPolicy::Demote,
        NoQuorumPolicy::Suicide,
    ];
    Config {
        stickiness: [1, 10, 0, 100, INFINITY][random.usize(0..5)],
        migration_threshold: [None, Some(1), Some(3), Some(5)][random.usize(0..4)],
        fencing: random.u8(0..4) != 0,
        no_quorum_policy: policies[random.usize(0..policies.len())],
        corosync: Corosync {
            token: seconds(3),
            consensus: seconds(4),
            two_node: false,
            wait_for_all: false,
        },
        ..Config::of_the_guide(nodes)
    }
}

fn score(random: &mut Rng, node: Node, settings: &mut Settings) {
    let scores = [
        "1001",
        "1000",
        "990",
        "980",
        "1",
        "-1000",
        "-INFINITY",
        "1000",
    ];
    if random.u8(0..6) != 0 {
        let of_name = settings
            .attributes
            .entry("master-pgsqld".to_owned())
            .or_default();
        of_name.insert(node, scores[random.usize(0..scores.len())].to_owned());
    }
}

fn state(random: &mut Rng, node: Node, coordinator: bool, promoted: &mut bool, cib: &mut Cib) {
    let kind = if coordinator { 0 } else { random.u8(0..16) };
    if kind == 15 {
        return;
    }
    cib.see(node);
    let history = history(random, promoted);
    let Some(state) = cib.node_mut(node) else {
        return;
    };
    (state.in_ccm, state.controller, state.join, state.expected) = match kind {
        11 => (false, false, Join::Down, true),
        12 => (false, false, Join::Down, false),
        13 => (true, true, Join::Pending, true),
        14 => (true, false, Join::Down, true),
        _ => (true, true, Join::Member, true),
    };
    state.shutdown = random.u8(0..12) == 0;
    if kind != 12 {
        state.history = history;
    }
    if random.u8(0..6) == 0 {
        let tasks = [
            Task::Start,
            Task::Watch(Watch::Promoted),
            Task::Demote,
            Task::Watch(Watch::Unpromoted),
        ];
        state.failures.push(Failures {
            task: tasks[random.usize(0..4)],
            count: [1, 2, 3, 5, INFINITY][random.usize(0..5)],
            last: SimTime::ZERO,
        });
    }
}

/// What keepers may have told: drawn apart, so that the rest of a situation is what its number stood for before.
fn keepers(random: &mut Rng, config: &Config, cib: &mut Cib) {
    for state in &mut cib.status {
        if random.u8(0..8) == 0 {
            let value = ["1", "1", ""][random.usize(0..3)];
            let mark = config.mark.clone();
            state.transient.insert(mark, value.to_owned());
        }
        let last = state.history.last;
        if let Some(last) = last.filter(|_| random.u8(0..6) == 0) {
            state.history.enter(Record {
                task: Task::Reported,
                ended: Ended::Code(1),
                call: 90,
                changed: SimTime(last.changed.0 + Duration::from_secs(500)),
            });
        }
    }
}

/// What may have happened on a node.
fn history(random: &mut Rng, promoted: &mut bool) -> History {
    let mut history = History::default();
    let mut call = 0;
    let mut role = None;
    let steps = random.u8(0..7);
    for _ in 0..steps {
        let task = match role {
            None => [Task::Probe, Task::Start, Task::Start][random.usize(0..3)],
            Some(false) => [
                Task::Watch(Watch::Unpromoted),
                Task::Watch(Watch::Unpromoted),
                Task::Promote,
                Task::Stop,
                Task::Probe,
            ][random.usize(0..5)],
            Some(true) => [
                Task::Watch(Watch::Promoted),
                Task::Watch(Watch::Promoted),
                Task::Demote,
            ][random.usize(0..3)],
        };
        if task == Task::Promote && *promoted {
            continue;
        }
        let fine = random.u8(0..6) != 0;
        let ended = if fine {
            Ended::Code(match (task, role) {
                (Task::Probe, None) => [7, 0, 8][random.usize(0..3)],
                (Task::Probe, Some(_)) => [0, 7][random.usize(0..2)],
                (task, _) => task.target(),
            })
        } else if random.u8(0..5) == 0 {
            Ended::Timeout
        } else {
            Ended::Code([1, 1, 2, 3, 4, 5, 6, 7, 8, 9][random.usize(0..10)])
        };
        let again = matches!(task, Task::Watch(watch) if history.watches.of(watch).is_some_and(|known| known.call == call));
        if !again {
            call += 1;
        }
        history.enter(Record {
            task,
            ended,
            call,
            changed: SimTime(Duration::from_secs(
                1_000 + u64::from(call) * 10 + u64::from(again),
            )),
        });
        match (task, ended) {
            (Task::Probe, Ended::Code(8)) | (Task::Promote, Ended::Code(0)) => role = Some(true),
            (Task::Probe, Ended::Code(0)) => role = role.or(Some(false)),
            (Task::Probe, Ended::Code(7)) | (Task::Stop, Ended::Code(0)) => role = None,
            (Task::Start | Task::Demote, Ended::Code(0)) => role = Some(false),
            (
                Task::Probe
                | Task::Watch(_)
                | Task::Start
                | Task::Demote
                | Task::Promote
                | Task::Stop
                | Task::Reported,
                _,
            ) => {}
        }
        if !fine && random.bool() {
            break;
        }
    }
    *promoted |= role == Some(true);
    history
}
