//! A cluster whose agent does at once what it is asked: for what the model of Pacemaker does by itself. Knows nothing
//! of PostgreSQL.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use simulate::pacemaker::{
    Action, ActionId, Command, Config, Input, Lifetime, Node, Output, Pacemaker, SimTime,
};

/// What an instance really is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Is {
    Stopped,
    Standby,
    Primary,
}

/// How the fence device works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fence {
    Works,
    Fails,
}

pub(crate) struct Cluster {
    pub(crate) model: Pacemaker,
    pub(crate) now: Duration,
    queue: BTreeMap<(Duration, u64), Input>,
    serial: u64,
    pub(crate) is: Vec<Is>,
    pub(crate) up: Vec<bool>,
    pub(crate) fence: Fence,
    /// What was asked for, in order: `NODE ACTION`.
    pub(crate) asked: Vec<String>,
    /// Exit statuses for calls to come, by node and action.
    pub(crate) answers: BTreeMap<(u8, Action), u8>,
    /// How long a call takes.
    pub(crate) takes: BTreeMap<Action, Duration>,
    /// Hosts that are switched on again after they were fenced.
    pub(crate) reboots: bool,
}

pub(crate) fn config(nodes: u8) -> Config {
    let score = |node: u8| {
        let key = (Node(node), "master-pgsqld".to_owned());
        (key, (1000 - u32::from(node)).to_string())
    };
    Config {
        parameters: [("pgport".to_owned(), "5432".to_owned())].into(),
        migration_threshold: Some(3),
        permanent: (0..nodes).map(score).collect(),
        ..Config::of_the_guide(nodes)
    }
}

impl Cluster {
    /// All hosts are on, and nothing has happened yet.
    pub(crate) fn new(config: Config) -> Self {
        let nodes = config.nodes.len();
        let mut cluster = Self {
            model: Pacemaker::new(config),
            now: Duration::ZERO,
            queue: BTreeMap::new(),
            serial: 0,
            is: vec![Is::Stopped; nodes],
            up: vec![false; nodes],
            fence: Fence::Works,
            asked: Vec::new(),
            answers: BTreeMap::new(),
            takes: BTreeMap::new(),
            reboots: true,
        };
        for node in 0..u8::try_from(nodes).expect("few nodes") {
            cluster.power_on(node);
        }
        cluster
    }

    /// The same, once it has started.
    pub(crate) fn started(config: Config) -> Self {
        let mut cluster = Self::new(config);
        cluster.run(60);
        assert!(cluster.model.is_idle(), "{:?}", cluster.asked);
        cluster.asked.clear();
        cluster
    }

    pub(crate) fn power_on(&mut self, node: u8) {
        self.up[usize::from(node)] = true;
        self.tell(Input::HostUp(Node(node)));
    }

    pub(crate) fn power_off(&mut self, node: u8) {
        self.up[usize::from(node)] = false;
        self.is[usize::from(node)] = Is::Stopped;
        self.tell(Input::HostDown(Node(node)));
    }

    pub(crate) fn operator(&mut self, on: u8, command: Command) {
        self.tell(Input::Operator {
            on: Node(on),
            command,
        });
    }

    pub(crate) fn connect(&mut self, groups: &[&[u8]]) {
        let groups = groups
            .iter()
            .map(|group| group.iter().copied().map(Node).collect::<BTreeSet<Node>>());
        self.tell(Input::Connectivity(groups.collect()));
    }

    pub(crate) fn score(&mut self, from: u8, node: u8, score: Option<&str>) {
        self.tell(Input::SetAttribute {
            from: Node(from),
            node: Node(node),
            name: "master-pgsqld".into(),
            value: score.map(str::to_owned),
            lifetime: Lifetime::Permanent,
        });
    }

    /// What is monitored from now on is this.
    pub(crate) fn set(&mut self, node: u8, is: Is) {
        self.is[usize::from(node)] = is;
    }

    pub(crate) fn primaries(&self) -> Vec<u8> {
        let primaries = (0_u8..).zip(&self.is).filter(|(_, is)| **is == Is::Primary);
        primaries.map(|(node, _)| node).collect()
    }

    /// Whether this has been asked for.
    pub(crate) fn was_asked(&self, what: &str) -> bool {
        self.asked.iter().any(|asked| asked == what)
    }

    fn at(&mut self, after: Duration, input: Input) {
        self.serial += 1;
        self.queue.insert((self.now + after, self.serial), input);
    }

    pub(crate) fn tell(&mut self, input: Input) {
        let outputs = self.model.handle(SimTime(self.now), input);
        assert!(outputs.len() < 1_000, "it asks for more and more");
        for output in outputs {
            self.do_what_is_asked(output);
        }
    }

    /// Lets so many seconds pass.
    pub(crate) fn run(&mut self, seconds: u64) {
        let end = self.now + Duration::from_secs(seconds);
        let mut steps = 0;
        loop {
            steps += 1;
            assert!(
                steps < 100_000,
                "time does not pass: {:?}",
                self.asked.iter().rev().take(20).collect::<Vec<_>>()
            );
            let timer = self.model.next_timer().map(|time| time.0.max(self.now));
            let queued = self.queue.keys().next().copied();
            let next = [timer, queued.map(|(at, _)| at)]
                .into_iter()
                .flatten()
                .min();
            let Some(next) = next.filter(|next| *next <= end) else {
                self.now = end;
                return;
            };
            self.now = next;
            let due = queued.filter(|(at, _)| *at <= next);
            match due.and_then(|key| self.queue.remove(&key)) {
                Some(Input::HostDown(node)) => self.power_off(node.0),
                Some(Input::HostUp(node)) => self.power_on(node.0),
                Some(input) => self.tell(input),
                None => self.tell(Input::Timer),
            }
        }
    }

    fn do_what_is_asked(&mut self, output: Output) {
        match output {
            Output::Run {
                id,
                node,
                action,
                variables,
                timeout: _,
            } => self.call(id, node, action, &variables),
            Output::Kill { id } => {
                self.queue.retain(
                    |_, input| !matches!(input, Input::Done { id: other, .. } if *other == id),
                );
            }
            Output::Fence { node } => {
                self.asked.push(format!("fence {}", node.0));
                let ok = self.fence == Fence::Works;
                if ok {
                    self.at(Duration::from_secs(1), Input::HostDown(node));
                    if self.reboots {
                        self.at(Duration::from_secs(21), Input::HostUp(node));
                    }
                }
                self.at(Duration::from_secs(1), Input::Fenced { node, ok });
            }
            Output::Note(_) => {}
        }
    }

    fn call(
        &mut self,
        id: ActionId,
        node: Node,
        action: Action,
        variables: &BTreeMap<String, String>,
    ) {
        if !self.up[usize::from(node.0)] {
            return;
        }
        let meta = |name: &str| variables.get(&format!("OCF_RESKEY_CRM_meta_{name}"));
        match (meta("notify_type"), meta("notify_operation")) {
            (Some(kind), Some(operation)) => {
                self.asked
                    .push(format!("{} notify {kind} {operation}", node.0));
            }
            _ if meta("interval").is_some() => self.asked.push(format!("{} watch", node.0)),
            _ => self.asked.push(format!("{} {}", node.0, action.name())),
        }
        let code = self.answers.remove(&(node.0, action));
        let is = &mut self.is[usize::from(node.0)];
        let code = code.unwrap_or_else(|| match action {
            Action::Start | Action::Demote => {
                *is = Is::Standby;
                0
            }
            Action::Stop => {
                *is = Is::Stopped;
                0
            }
            Action::Promote => {
                *is = Is::Primary;
                0
            }
            Action::Monitor => match is {
                Is::Stopped => 7,
                Is::Standby => 0,
                Is::Primary => 8,
            },
            Action::Notify | Action::ReloadAgent => 0,
        });
        let takes = self
            .takes
            .get(&action)
            .copied()
            .unwrap_or(Duration::from_millis(20));
        self.at(
            takes,
            Input::Done {
                id,
                code,
                reason: None,
            },
        );
    }
}
