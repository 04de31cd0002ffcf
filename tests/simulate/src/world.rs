//! Everything that is there beside Pacemaker: hosts with disks and servers, the network, clients, and what is about
//! to happen. Knows nothing of the agent's code but that it runs.
//!
//! - [`queue`]: what is about to happen.
//! - [`network`]: which hosts hear which.
//! - [`host`]: a host; [`clock`]: its clocks.
//! - [`messages`]: what programs have sent and is not delivered yet.
//! - [`setup`]: what is configured.
//! - [`power`]: hosts that go off and come back, and what fences them.

pub(crate) mod clock;
pub(crate) mod host;
pub(crate) mod messages;
pub(crate) mod network;
pub(crate) mod power;
pub(crate) mod queue;
pub(crate) mod setup;

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::time::{Duration, Instant};

use fastrand::Rng;
use pgsql_state::health::Verdict;

use crate::events::{Event, Program};
use crate::invariants::Watch;
use crate::pacemaker::{ActionId, Input, Node, Output, Pacemaker, SimTime};
use crate::postgres::lineage::Lineage;
use crate::postgres::server::Written;
use crate::story::Story;
use host::Host;
use messages::Messages;
use network::Network;
use queue::Queue;
use setup::Setup;

/// Everything.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Duration,
    /// What the agent takes for the beginning.
    pub(crate) base: Instant,
    pub(crate) random: Rng,
    /// For what has come into the model later, so that a script kept before goes as it went.
    pub(crate) later: Rng,
    pub(crate) setup: Setup,
    pub(crate) queue: Queue<Thing>,
    pub(crate) hosts: Vec<Host>,
    pub(crate) network: Network,
    pub(crate) pacemaker: Pacemaker,
    messages: Messages,
    /// When the queue will wake Pacemaker.
    timer: Option<Duration>,
    /// What Pacemaker wants done and is not begun.
    pub(crate) wanted: Vec<Output>,
    /// Actions whose host is gone.
    pub(crate) killed: Vec<usize>,
    pub(crate) lineage: Lineage,
    pub(crate) rows: Vec<Written>,
    /// When an operator has last changed `synchronous_standby_names`.
    pub(crate) rule_since: Duration,
    /// Whether the cluster has been told of that since.
    pub(crate) rule_is_told: bool,
    /// Counts connections of walreceivers.
    pub(crate) links: u64,
    pub(crate) events: Vec<Event>,
    /// What operators are at, in several steps.
    pub(crate) programs: Vec<Program>,
    /// How many events are not mended yet.
    pub(crate) under_way: usize,
    /// Everything is mended, and nobody does anything any more.
    pub(crate) is_quiet: bool,
    pub(crate) watch: Watch,
    pub(crate) story: Story,
}

/// Something to come.
#[derive(Clone, Debug)]
pub(crate) enum Thing {
    /// An action of the agent goes on.
    Resume(ActionId),
    /// An action is killed by somebody, whichever this number is of.
    KillAction(u64),
    /// Pacemaker wanted to be woken.
    Timer,
    /// The device has fenced a node, or failed to.
    Fenced(usize, bool),
    /// A host has booted.
    Boot(usize),
    /// What goes wrong, or an operator does.
    Event(usize),
    /// A part of an event that comes later.
    Later(Box<crate::events::Later>),
    /// A server goes on, unless it was started or has died since.
    Server { node: usize, epoch: u64, step: Step },
    /// WAL is on its way over a connection.
    Send(u64),
    /// A standby's word is on its way back.
    Word {
        link: u64,
        written: u64,
        flushed: u64,
    },
    /// Servers and walreceivers notice who is silent.
    Pulse,
    /// A client writes.
    Client(usize),
    /// The HAProxy of a host checks the servers.
    Check(usize),
    /// The answer to a check, if there was one.
    Answer {
        host: usize,
        server: usize,
        verdict: Option<Verdict>,
    },
    /// The daemons ask one another what their servers are.
    DaemonsAsk,
    /// An operator goes on with what takes several steps.
    Program(usize),
    /// A keeper goes on.
    Keeper(Box<crate::keeper::KeeperTurn>),
}

/// How a server goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It has replayed what it has.
    Recovered,
    /// What was written is flushed.
    Flush,
    /// What was received is replayed.
    Replay,
    /// A walreceiver tries to connect.
    Connect,
    /// A checkpoint, or a standby's restartpoint.
    Checkpoint,
    /// A primary writes down which transactions are open.
    Snapshot,
    /// The last checkpoint of a primary that goes down, or the end of a standby.
    LastCheckpoint,
    /// What a dead one has left ends.
    OrphansEnd,
    /// An immediate shutdown ends.
    End,
}

const LATER: u64 = 0xD1B5_4A32_D192_ED03;

impl World {
    /// One in which nothing has happened yet.
    #[expect(clippy::too_many_arguments, reason = "each is a part of the world")]
    pub(crate) fn new(
        random: Rng,
        setup: Setup,
        hosts: Vec<Host>,
        lineage: Lineage,
        pacemaker: Pacemaker,
        story: Story,
        watch: Watch,
        network: Network,
        queue: Queue<Thing>,
        base: Instant,
    ) -> Self {
        Self {
            now: Duration::ZERO,
            base,
            later: Rng::with_seed(random.clone().u64(..) ^ LATER),
            random,
            setup,
            queue,
            hosts,
            network,
            pacemaker,
            messages: Messages::default(),
            timer: None,
            wanted: Vec::new(),
            killed: Vec::new(),
            lineage,
            rows: Vec::new(),
            rule_since: Duration::ZERO,
            rule_is_told: false,
            links: 0,
            events: Vec::new(),
            programs: Vec::new(),
            under_way: 0,
            is_quiet: false,
            watch,
            story,
        }
    }

    /// The moment that the clock of a host shows.
    pub(crate) fn instant(&self, node: usize) -> Instant {
        self.base + self.hosts[node].clock.shows(self.now)
    }

    pub(crate) fn after(&mut self, time: Duration, thing: Thing) {
        let at = self.now + time;
        self.queue.push(at, thing);
    }

    /// Some milliseconds, of these.
    pub(crate) fn some_millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.random.u64(least..=most))
    }

    /// The same for what has come into the model later.
    pub(crate) fn later_millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.later.u64(least..=most))
    }

    pub(crate) fn count(&self) -> usize {
        self.hosts.len()
    }

    /// What has become of everything.
    pub(crate) fn digest(&self, digest: &mut impl Hasher) {
        for row in &self.rows {
            let acknowledged = row.acknowledged.as_ref().map(ToString::to_string);
            (row.spot.branch, row.spot.end, row.client).hash(digest);
            (acknowledged, row.given_up).hash(digest);
        }
        for host in &self.hosts {
            let extent = host.disk.extent;
            (extent.branch, extent.written, extent.flushed).hash(digest);
            (extent.replayed, host.disk.control.checkpoint.at.0).hash(digest);
        }
        for violation in &self.watch.violations {
            violation.to_string().hash(digest);
        }
        self.story.lines.hash(digest);
    }

    pub(crate) fn is_on(&self, node: usize) -> bool {
        self.hosts[node].power == host::Power::On
    }

    /// Has a server go on after some time.
    pub(crate) fn plan(&mut self, node: usize, time: Duration, step: Step) {
        let epoch = self.hosts[node].server.epoch;
        self.after(time, Thing::Server { node, epoch, step });
    }

    /// Tells Pacemaker of something.
    pub(crate) fn tell(&mut self, input: Input) {
        self.handle(input);
        if !self.messages.is_empty() {
            self.deliver();
        }
    }

    fn handle(&mut self, input: Input) {
        let outputs = self.pacemaker.handle(SimTime(self.now), input);
        for output in outputs {
            match output {
                Output::Note(text) => self.story.pacemaker(self.now, &text),
                Output::Run { .. } | Output::Kill { .. } | Output::Fence { .. } => {
                    self.wanted.push(output);
                }
            }
        }
        self.wind_timer();
    }

    fn wind_timer(&mut self) {
        let Some(SimTime(next)) = self.pacemaker.next_timer() else {
            return;
        };
        let next = next.max(self.now);
        if self
            .timer
            .is_none_or(|timer| timer > next || timer < self.now)
        {
            self.timer = Some(next);
            self.queue.push(next, Thing::Timer);
        }
    }

    /// Who hears whom, for Corosync.
    pub(crate) fn tell_connectivity(&mut self) {
        let on: BTreeSet<usize> = (0..self.count()).filter(|node| self.is_on(*node)).collect();
        let groups = self.network.groups(&on);
        let groups = groups
            .into_iter()
            .map(|group| group.into_iter().map(node).collect())
            .collect();
        self.tell(Input::Connectivity(groups));
    }

    /// Lets something happen that is not an action's.
    pub(crate) fn happen(&mut self, thing: &Thing) {
        match *thing {
            Thing::Resume(_) | Thing::KillAction(_) | Thing::Keeper(_) => {}
            Thing::Timer => {
                self.timer = None;
                let is_due = self
                    .pacemaker
                    .next_timer()
                    .is_some_and(|SimTime(at)| at <= self.now);
                if is_due {
                    self.tell(Input::Timer);
                } else {
                    self.wind_timer();
                }
            }
            Thing::Fenced(node, ok) => self.fenced(node, ok),
            Thing::Boot(node) => self.boot(node),
            Thing::Event(index) => self.play(index),
            Thing::Later(ref later) => self.play_later(**later),
            Thing::Server { node, epoch, step } => {
                if self.hosts[node].server.epoch == epoch {
                    self.step(node, step);
                }
            }
            Thing::Send(link) => self.send(link),
            Thing::Word {
                link,
                written,
                flushed,
            } => self.hear(link, written, flushed),
            Thing::Pulse => {
                self.pulse();
                self.look_for_two_primaries();
                self.look_for_an_outage();
            }
            Thing::Client(host) => self.client_turn(host),
            Thing::Check(host) => self.check(host),
            Thing::Answer {
                host,
                server,
                verdict,
            } => self.answered(host, server, verdict),
            Thing::DaemonsAsk => self.daemons_ask(),
            Thing::Program(index) => self.go_on(index),
        }
    }
}

/// A node as Pacemaker's model counts it.
pub(crate) fn node(number: usize) -> Node {
    Node(number as u8)
}

/// And back.
pub(crate) fn number(node: Node) -> usize {
    usize::from(node.0)
}
