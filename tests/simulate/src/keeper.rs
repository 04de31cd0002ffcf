//! `pgsql-state keeper` on each host: its own plan over what it sees, and the commands that it gives, each of which takes
//! its time. Knows no agent: callers tell whether one acts.
//!
//! - [`facts`]: what a keeper sees of the cluster.

mod facts;

use std::time::Duration;

use pgsql_state::config::KeeperSettings;
use pgsql_state::health::Failure;
use pgsql_state::keeper::facts::{AgentSeen, LocalFacts, NodeMark, PostmasterNow, Told, Trouble};
use pgsql_state::keeper::hang::{self, Entry, HangWatch};
use pgsql_state::keeper::plan::{MarkMemory, PacemakerCommand, is_news, on_trouble, on_turn};

use crate::pacemaker::{Command, Input, Lifetime};
use crate::world::setup::MARK;
use crate::world::{self, Thing, World};

/// Between two turns (`src/keeper/watch.rs`).
const PERIOD: Duration = Duration::from_secs(1);

/// It reads the CIB in so many turns once, where it has nothing else to do (`src/keeper/server.rs`).
const TO_REREAD: u32 = 60;

/// The keepers of a host. One is enough, and a second one is not to make anything worse.
#[derive(Debug, Default)]
pub(crate) struct Keepers {
    all: Vec<Keeper>,
    /// What they take longer for each step.
    pub(crate) delay: Duration,
}

/// A keeper.
#[derive(Clone, Copy, Debug)]
struct Keeper {
    is_running: bool,
    /// Counts its starts: what one was about to do before it was killed, another one does not.
    start: u32,
    turns: u32,
    is_watching: bool,
    told: Told,
    hang: HangWatch,
    mark: MarkMemory,
    /// It is killed when it has given this command.
    dies_behind: Option<PacemakerCommand>,
}

/// How a keeper goes on.
#[derive(Clone, Debug)]
pub(crate) struct KeeperTurn {
    pub(crate) node: usize,
    which: usize,
    start: u32,
    step: Step,
}

#[derive(Clone, Debug)]
enum Step {
    /// A second has passed.
    Turn,
    /// The postmaster has ended.
    Ended,
    /// It has read the CIB for that.
    Read(LocalFacts),
    /// It gives these commands, the next one last.
    Give(Vec<PacemakerCommand>),
}

impl Keeper {
    fn new(start: u32) -> Self {
        Self {
            is_running: true,
            start,
            turns: 0,
            is_watching: false,
            told: Told::NotYet,
            hang: HangWatch::default(),
            mark: MarkMemory::None,
            dies_behind: None,
        }
    }
}

impl World {
    /// From now on one runs on every host.
    pub(crate) fn begin_keepers(&mut self) {
        for node in 0..self.count() {
            if self.hosts[node].keepers.all.is_empty() {
                self.add_keeper(node);
            }
        }
    }

    fn add_keeper(&mut self, node: usize) {
        let all = &mut self.hosts[node].keepers.all;
        all.push(Keeper::new(0));
        let which = all.len() - 1;
        self.keeper_later(node, which, Duration::ZERO, Step::Turn);
    }

    /// A second one runs on a host that has one.
    pub(crate) fn double_keeper(&mut self, node: usize) {
        if self.hosts[node].keepers.all.len() == 1 {
            self.add_keeper(node);
        }
    }

    pub(crate) fn end_doubled_keeper(&mut self, node: usize) {
        self.hosts[node].keepers.all.truncate(1);
    }

    /// That of a host is killed, now or behind one of its commands.
    pub(crate) fn end_keeper(&mut self, node: usize, more: u64) {
        let Some(keeper) = self.hosts[node].keepers.all.first_mut() else {
            return;
        };
        match more % 3 {
            0 => keeper.is_running = false,
            1 => keeper.dies_behind = Some(PacemakerCommand::Mark),
            _ => keeper.dies_behind = Some(PacemakerCommand::ReportFailure),
        }
    }

    /// The host has lost its power.
    pub(crate) fn lose_keepers(&mut self, node: usize) {
        for keeper in &mut self.hosts[node].keepers.all {
            keeper.is_running = false;
        }
    }

    /// systemd starts those again that do not run.
    pub(crate) fn restart_keeper(&mut self, node: usize) {
        if !self.is_on(node) {
            return;
        }
        for which in 0..self.hosts[node].keepers.all.len() {
            let keeper = &mut self.hosts[node].keepers.all[which];
            keeper.dies_behind = None;
            if !keeper.is_running {
                *keeper = Keeper::new(keeper.start + 1);
                self.keeper_later(node, which, Duration::ZERO, Step::Turn);
            }
        }
    }

    /// A postmaster has ended.
    pub(crate) fn keepers_notice(&mut self, node: usize) {
        for which in 0..self.hosts[node].keepers.all.len() {
            let keeper = &mut self.hosts[node].keepers.all[which];
            if keeper.is_running && keeper.is_watching {
                keeper.is_watching = false;
                let time = self.keepers_time(node, 1, 20);
                self.keeper_later(node, which, time, Step::Ended);
            }
        }
    }

    fn keepers_time(&mut self, node: usize, least: u64, most: u64) -> Duration {
        self.later_millis(least, most) + self.hosts[node].keepers.delay
    }

    fn keeper_later(&mut self, node: usize, which: usize, time: Duration, step: Step) {
        let start = self.hosts[node].keepers.all[which].start;
        let turn = KeeperTurn {
            node,
            which,
            start,
            step,
        };
        self.after(time, Thing::Keeper(Box::new(turn)));
    }

    pub(crate) fn keeper_goes_on(&mut self, turn: KeeperTurn, agent: AgentSeen) {
        let KeeperTurn {
            node,
            which,
            start,
            step,
        } = turn;
        let keeper = self.hosts[node].keepers.all.get(which);
        if keeper.is_none_or(|keeper| !keeper.is_running || keeper.start != start) {
            return;
        }
        match step {
            Step::Turn => self.keepers_turn(node, which, agent),
            Step::Ended => {
                let postmaster = if self.hosts[node].server.runs() {
                    PostmasterNow::Another
                } else {
                    PostmasterNow::None
                };
                let local = LocalFacts {
                    trouble: Trouble::Died,
                    told: self.keeper(node, which).told,
                    agent,
                    postmaster,
                };
                self.keeper_finds(node, which);
                self.keeper_looks(node, which, local);
            }
            Step::Read(local) => {
                let local = LocalFacts { agent, ..local };
                let cluster = self.keepers_view(node);
                match on_trouble(&local, cluster.as_ref()) {
                    Ok(mut commands) => {
                        if local.trouble == Trouble::Hung {
                            self.keeper(node, which).told = Told::Already;
                        }
                        commands.reverse();
                        let time = self.keepers_time(node, 15, 40);
                        self.keeper_later(node, which, time, Step::Give(commands));
                    }
                    Err(why) => self.keeper_says(node, &why.to_string()),
                }
            }
            Step::Give(mut commands) => {
                let Some(command) = commands.pop() else {
                    return;
                };
                self.keeper_gives(node, which, command);
                let time = self.keepers_time(node, 15, 40);
                self.keeper_later(node, which, time, Step::Give(commands));
            }
        }
    }

    fn keeper(&mut self, node: usize, which: usize) -> &mut Keeper {
        &mut self.hosts[node].keepers.all[which]
    }

    fn keeper_says(&mut self, node: usize, text: &str) {
        let now = self.now;
        self.story
            .line(now, format_args!("the keeper of srv{}: {text}", node + 1));
    }

    /// Asks Pacemaker only where the host shows anything to tell.
    fn keeper_looks(&mut self, node: usize, which: usize, local: LocalFacts) {
        match is_news(&local) {
            Ok(()) => {
                let time = self.keepers_time(node, 15, 40);
                self.keeper_later(node, which, time, Step::Read(local));
            }
            Err(why) => self.keeper_says(node, &why.to_string()),
        }
    }

    fn keeper_finds(&mut self, node: usize, which: usize) {
        let runs = self.hosts[node].server.runs();
        let keeper = self.keeper(node, which);
        if runs && !keeper.is_watching {
            keeper.is_watching = true;
            keeper.told = Told::NotYet;
            keeper.hang = HangWatch::default();
        }
    }

    fn keepers_turn(&mut self, node: usize, which: usize, agent: AgentSeen) {
        let settings = KeeperSettings::default();
        let keeper = *self.keeper(node, which);
        let is_marked = keeper.mark != MarkMemory::None;
        if is_marked || keeper.turns.is_multiple_of(TO_REREAD) {
            let view = self.keepers_view(node);
            let now = self.instant(node);
            let unmark = on_turn(keeper.mark, view.as_ref(), now, settings.give_back_after);
            if let Some(unmark) = unmark {
                let time = self.keepers_time(node, 15, 40);
                self.keeper_later(node, which, time, Step::Give(vec![unmark]));
            }
        }
        self.keeper_finds(node, which);
        let entry = match self.fresh(node) {
            Err(Failure::TimedOut) => Entry::Shut,
            Ok(()) | Err(_) => Entry::Open,
        };
        let entry = Some(entry);
        let keeper = self.keeper(node, which);
        keeper.turns += 1;
        let turn = hang::KeeperTurn {
            took: PERIOD,
            period: PERIOD,
            entry,
        };
        let limit = settings.hung_after.unwrap_or(Duration::MAX);
        let counts = keeper.is_watching && keeper.told == Told::NotYet;
        if counts && keeper.hang.has_hung(turn, limit) {
            let local = LocalFacts {
                trouble: Trouble::Hung,
                told: keeper.told,
                agent,
                postmaster: PostmasterNow::Watched,
            };
            self.keeper_looks(node, which, local);
        }
        self.keeper_later(node, which, PERIOD, Step::Turn);
    }

    fn keeper_gives(&mut self, node: usize, which: usize, command: PacemakerCommand) {
        let now = self.instant(node);
        self.keeper_says(node, &format!("{command:?}"));
        let from = world::node(node);
        let marks = |value: Option<&str>| Input::SetAttribute {
            from,
            node: from,
            name: MARK.into(),
            value: value.map(str::to_owned),
            lifetime: Lifetime::Transient,
        };
        let (input, memory) = match command {
            PacemakerCommand::Mark => (marks(Some("1")), MarkMemory::Since(now)),
            PacemakerCommand::Unmark => (marks(None), MarkMemory::None),
            PacemakerCommand::ReportFailure => {
                let command = Command::Fail(from);
                let memory = self.keeper(node, which).mark;
                (Input::Operator { on: from, command }, memory)
            }
        };
        self.tell(input);
        let keeper = self.keeper(node, which);
        keeper.mark = memory;
        if keeper.dies_behind == Some(command) {
            keeper.is_running = false;
            self.keeper_says(node, "is killed");
        }
    }

    /// Whether the cluster has a node marked.
    pub(crate) fn is_marked(&self, asking: usize, node: usize) -> NodeMark {
        let [asking, node] = [asking, node].map(world::node);
        let mark = self
            .pacemaker
            .attribute(asking, node, MARK, Lifetime::Transient);
        match mark {
            Some("1") => NodeMark::Set,
            Some(_) | None => NodeMark::Unset,
        }
    }
}
