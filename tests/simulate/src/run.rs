//! One history. Knows no rule of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use pgsql_state::agent::ocf::actions::Action;
use pgsql_state::agent::pgsqlms::call::{CallOutcome, call};
use pgsql_state::health::Lsn;
use pgsql_state::postgres::Timeline;
use pgsql_state::postgres::control::{Checkpoint, ClusterState, Control, WalLevel};
use pgsql_state::postgres::wal::Geometry;
use wal_writer::Mark;

use crate::clients::daemon::Daemon;
use crate::clients::haproxy::Proxy;
use crate::coroutine::{Task, Went};
use crate::disk::segment::{PAGE, SEGMENT};
use crate::disk::{Disk, Io, PgWal, Place};
use crate::events::script::PRIMARY;
use crate::events::{Ending, Event, Script};
use crate::invariants::{Rules, Violation, Watch};
use crate::pacemaker::{ActionId, Input, Output, Pacemaker};
use crate::postgres::lineage::{BranchId, Extent, Lineage, Snapshot};
use crate::postgres::replication::PULSE;
use crate::postgres::server::Server;
use crate::seams::action_context::ActionContext;
use crate::seams::host::SimHost;
use crate::story::{self, Log, Story};
use crate::world::clock::Clock;
use crate::world::host::{Fence, Host, Power};
use crate::world::network::Network;
use crate::world::queue::Queue;
use crate::world::setup::Setup;
use crate::world::{Thing, World, node, number};

const SYSTEM: u64 = 7_388_123_456_789_012_345;

/// What became of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What was wrong, in its order.
    pub violations: Vec<Violation>,
    /// Everything that happened, where that was wanted.
    pub story: Vec<String>,
    /// How many actions of the agent were run.
    pub actions: u64,
    /// How many rows clients have written, and how many of them were acknowledged.
    pub rows: (usize, usize),
    /// How many servers became primaries by the agent.
    pub promotions: u64,
    /// How many things happened.
    pub things: u64,
    /// What tells this history from others, where a story was wanted: it is the same where the same has happened and
    /// the same was said. It lasts as long as the standard library that made it.
    pub digest: Option<u64>,
}

struct Running {
    node: usize,
    action: Action,
    task: Task<CallOutcome>,
}

/// A history that is being played.
pub(crate) struct Run {
    pub(crate) world: Rc<RefCell<World>>,
    actions: BTreeMap<ActionId, Running>,
    count: u64,
    promotions: u64,
    things: u64,
    /// What actions have ended with that nobody waits for but a test.
    pub(crate) endings: BTreeMap<ActionId, CallOutcome>,
}

/// Quiet at the end, in which everything has to come to rest.
const QUIET: Duration = Duration::from_secs(300);

/// Plays a script, and holds it against rules.
#[must_use]
pub fn play(script: &Script, rules: &Rules, wants_story: bool) -> Ended {
    if wants_story {
        return tracing::subscriber::with_default(Log, || play_quietly(script, rules, true));
    }
    play_quietly(script, rules, false)
}

fn play_quietly(script: &Script, rules: &Rules, wants_story: bool) -> Ended {
    let mut run = Run::new(script.seed, rules.clone(), wants_story);
    run.bring_up();
    run.plan(&script.events);
    let last = script.events.iter().map(|event| event.at).max();
    let last = last.unwrap_or_default().max(Duration::from_secs(60));
    run.until(last + Duration::from_secs(5));
    let lost_host = match script.ending {
        Ending::TakenBack | Ending::AsOrdered => None,
        Ending::PrimaryLost => run.world.borrow().lost_for_good(last),
    };
    run.world.borrow_mut().mend_everything(lost_host);
    for wait in [100, 140] {
        run.until(last + Duration::from_secs(wait));
        run.world.borrow_mut().tidy_up(script.ending);
    }
    run.until(last + Duration::from_secs(140) + QUIET);
    run.world.borrow_mut().look_for_a_primary();
    let world = run.world.borrow();
    let acknowledged = world.rows.iter().filter(|row| row.acknowledged.is_some());
    let digest = || {
        let mut digest = DefaultHasher::new();
        world.digest(&mut digest);
        (run.count, run.promotions).hash(&mut digest);
        digest.finish()
    };
    Ended {
        digest: wants_story.then(digest),
        violations: world.watch.violations.clone(),
        story: world.story.lines.clone().unwrap_or_default(),
        actions: run.count,
        rows: (world.rows.len(), acknowledged.count()),
        promotions: run.promotions,
        things: run.things,
    }
}

/// A database cluster that was stopped right after it was made, whose WAL begins at a position.
pub(crate) fn new_cluster(lineage: &mut Lineage, system: u64, at: u64) -> (BranchId, Disk) {
    let branch = lineage.found(system, at);
    let mut pg_wal = PgWal::default();
    let written = lineage.mark(branch, Mark::ShutdownCheckpoint);
    lineage.tell_snapshot(branch, Snapshot::Complete);
    pg_wal.write(1, written.from, &written.bytes);
    let (begin, end) = (written.record.start, written.record.end);
    let disk = Disk {
        place: Place::Right,
        io: Io::Works,
        control: control(system, begin),
        signal: true,
        backup_label: false,
        pg_wal,
        extent: Extent {
            branch,
            written: end,
            flushed: end,
            replayed: end,
        },
    };
    (branch, disk)
}

impl Run {
    pub(crate) fn new(seed: u64, rules: Rules, wants_story: bool) -> Self {
        let mut random = Rng::with_seed(seed);
        let setup = Setup::choose(&mut random);
        let mut lineage = Lineage::default();
        let (_, disk) = new_cluster(&mut lineage, SYSTEM, SEGMENT);
        let host = |index: usize| {
            let mut server = Server::new();
            server.rule = setup.rule.clone();
            let mut disk = disk.clone();
            if index == 0 {
                disk.control.state = ClusterState::ShutDown;
                disk.signal = false;
            }
            Host {
                name: format!("srv{}", index + 1).parse().unwrap(),
                power: Power::On,
                disk,
                server,
                proxy: Proxy::new(setup.nodes),
                daemon: Daemon::default(),
                clock: Clock::new(),
                knows_users: true,
                slow_programs: Duration::ZERO,
                fence: Fence::Works,
            }
        };
        let hosts: Vec<Host> = (0..setup.nodes).map(host).collect();
        let story = Story {
            lines: wants_story.then(Vec::new),
        };
        let pacemaker = Pacemaker::new(setup.config.clone());
        let count = setup.nodes;
        let world = World::new(
            random,
            setup,
            hosts,
            lineage,
            pacemaker,
            story,
            Watch::new(count, rules),
            Network::default(),
            Queue::new(),
            Instant::now(),
        );
        Self {
            world: Rc::new(RefCell::new(world)),
            actions: BTreeMap::new(),
            count: 0,
            promotions: 0,
            things: 0,
            endings: BTreeMap::new(),
        }
    }

    /// Plans what goes wrong.
    pub(crate) fn plan(&mut self, events: &[Event]) {
        let mut world = self.world.borrow_mut();
        let count = world.count();
        for (index, event) in events.iter().enumerate() {
            let node = if event.node == PRIMARY {
                PRIMARY
            } else {
                event.node % count
            };
            world.events.push(Event { node, ..*event });
            world.queue.push(event.at, Thing::Event(index));
        }
    }

    /// The hosts come up, and clients come.
    pub(crate) fn bring_up(&mut self) {
        let mut world = self.world.borrow_mut();
        for host in 0..world.count() {
            world.tell(Input::HostUp(node(host)));
            world.after(Duration::from_secs(1), Thing::Client(host));
            let spread = world.some_millis(0, 100);
            world.after(spread, Thing::Check(host));
        }
        world.tell_connectivity();
        world.after(PULSE, Thing::Pulse);
        world.daemons_ask();
    }

    /// Lets everything happen until a moment.
    pub(crate) fn until(&mut self, end: Duration) {
        loop {
            self.begin_what_is_wanted();
            let mut world = self.world.borrow_mut();
            if world.queue.next().is_none_or(|next| next > end) {
                world.now = end;
                return;
            }
            let Some((now, thing)) = world.queue.pop() else {
                return;
            };
            world.now = now;
            self.things += 1;
            match thing {
                Thing::KillAction(which) => {
                    drop(world);
                    self.kill_one(which);
                }
                Thing::Resume(id) => {
                    drop(world);
                    self.go_on(id);
                }
                other @ (Thing::Timer
                | Thing::Fenced(_, _)
                | Thing::Boot(_)
                | Thing::Event(_)
                | Thing::Later(_)
                | Thing::Server { .. }
                | Thing::Send(_)
                | Thing::Word { .. }
                | Thing::Pulse
                | Thing::Client(_)
                | Thing::Check(_)
                | Thing::Answer { .. }
                | Thing::DaemonsAsk
                | Thing::Program(_)) => world.happen(&other),
            }
        }
    }

    fn begin_what_is_wanted(&mut self) {
        let (wanted, killed) = {
            let mut world = self.world.borrow_mut();
            if world.wanted.is_empty() && world.killed.is_empty() {
                return;
            }
            (
                std::mem::take(&mut world.wanted),
                std::mem::take(&mut world.killed),
            )
        };
        self.actions
            .retain(|_, running| !killed.contains(&running.node));
        for output in wanted {
            match output {
                Output::Run {
                    id,
                    node,
                    action,
                    variables,
                    ..
                } => {
                    self.start(id, number(node), action.name(), variables);
                }
                Output::Kill { id } => drop(self.actions.remove(&id)),
                Output::Fence { node } => self.world.borrow_mut().fence(number(node)),
                Output::Note(_) => {}
            }
        }
    }

    /// Begins an action of the agent.
    pub(crate) fn start(
        &mut self,
        id: ActionId,
        node: usize,
        action: &str,
        variables: Arc<BTreeMap<String, String>>,
    ) {
        let Some(action) = Action::parse(action) else {
            return;
        };
        if !self.world.borrow().is_on(node) {
            return;
        }
        self.count += 1;
        let world = Rc::clone(&self.world);
        let task = Task::new(move |pauser| {
            let context = ActionContext {
                world,
                known: Rc::default(),
                pauser,
                node,
            };
            call(action, &variables, &mut SimHost::new(context))
        });
        self.actions.insert(id, Running { node, action, task });
        let mut world = self.world.borrow_mut();
        let now = world.now;
        if world.story.lines.is_some() {
            world
                .story
                .agent(now, node, format_args!("{action:?} begins"));
        }
        let time = world.some_millis(3, 10);
        world.after(time, Thing::Resume(id));
    }

    /// Has the story tell what the agent has said.
    fn log(&mut self, node: usize) {
        let mut world = self.world.borrow_mut();
        if world.story.lines.is_some() {
            let now = world.now;
            for line in story::said() {
                world.story.agent(now, node, &line);
            }
        }
    }

    /// Somebody kills an action: Pacemaker takes it for a failure.
    fn kill_one(&mut self, which: u64) {
        let count = self.actions.len() as u64;
        let chosen = which.checked_rem(count).unwrap_or_default() as usize;
        let Some(id) = self.actions.keys().nth(chosen).copied() else {
            return;
        };
        let node = self.actions.remove(&id).map_or(0, |running| running.node);
        let mut world = self.world.borrow_mut();
        let now = world.now;
        world.story.agent(now, node, "an action is killed");
        world.tell(Input::Done {
            id,
            code: 1,
            reason: None,
        });
    }

    fn go_on(&mut self, id: ActionId) {
        let Some(running) = self.actions.get_mut(&id) else {
            return;
        };
        let (node, action) = (running.node, running.action);
        let went = running.task.go_on();
        self.log(node);
        match went {
            Went::Waits(time) => self.world.borrow_mut().after(time, Thing::Resume(id)),
            Went::Ended(outcome) => {
                self.actions.remove(&id);
                let mut world = self.world.borrow_mut();
                let now = world.now;
                if world.story.lines.is_some() {
                    world
                        .story
                        .agent(now, node, format_args!("{action:?}: {outcome:?}"));
                }
                if let CallOutcome::Ended(outcome) = &outcome {
                    world.watch.ended(node, action, outcome, now);
                    let is_promoted = action == Action::Promote && outcome.code.status() == 0;
                    self.promotions += u64::from(is_promoted);
                    world.tell(Input::Done {
                        id,
                        code: outcome.code.status(),
                        reason: outcome.reason.clone(),
                    });
                }
                drop(world);
                self.endings.insert(id, outcome);
            }
        }
    }
}

fn control(system: u64, at: u64) -> Control {
    Control {
        system_identifier: system,
        control_version: 1300,
        catalog_version: 202_209_061,
        state: ClusterState::ShutDownInRecovery,
        checkpoint: Checkpoint {
            at: Lsn(at),
            redo: Lsn(at),
            timeline: Timeline(1),
            previous_timeline: Timeline(1),
        },
        minimum_recovery: None,
        backup_start: None,
        backup_end: None,
        backup_end_required: false,
        wal_level: WalLevel::Replica,
        geometry: Geometry::new(SEGMENT as u32, PAGE as u32).unwrap(),
    }
}

#[cfg(test)]
mod tests;
