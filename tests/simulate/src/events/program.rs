//! What operators do in several steps, each when the one before is seen to be done, as the page about Pacemaker tells
//! it. Knows no rule.

use std::time::Duration;

use crate::pacemaker::{Command, OfRole};
use crate::postgres::server::Life;
use crate::world::{Thing, World, node};

/// How often an operator looks.
const LOOK: Duration = Duration::from_secs(3);
/// Longest that he waits for a step before he gives up and takes his wish back.
const PATIENCE: Duration = Duration::from_secs(150);

/// What an operator is at.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// The steps that are left, the next one last.
    left: Vec<Step>,
    /// Since when he waits for the next one.
    since: Duration,
}

/// A step: something that is done, or waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The server is banned from its node.
    Ban(usize),
    /// It does not run any more.
    IsDown(usize),
    /// Something takes so many seconds.
    Work(u64),
    /// The ban is taken back.
    Clear,
    /// It streams from a primary, or is one.
    Streams(usize),
    /// The primary is to be on another node than this one.
    MoveFrom(usize),
    /// Another one is the primary.
    HasMovedFrom(usize),
    /// The data directory is emptied.
    Empty(usize),
    /// The directory is a copy of the primary.
    Copy(usize),
    /// What has failed on a node is forgotten.
    CleanUp(usize),
}

/// What became of a look at a step.
enum Look {
    Done,
    NotYet,
}

impl Program {
    /// Whether nothing is left to do.
    pub(crate) fn is_over(&self) -> bool {
        self.left.is_empty()
    }
}

impl World {
    /// A rolling restart ("A minor upgrade of PostgreSQL"): standbys first, one after the other, then the role moves, then
    /// the old primary.
    pub(crate) fn begin_rolling_restart(&mut self, seconds: u64) {
        let Some(primary) = self.writer() else {
            return;
        };
        let one = |at: usize| {
            let work = Step::Work(seconds % 20);
            [
                Step::Ban(at),
                Step::IsDown(at),
                work,
                Step::Clear,
                Step::Streams(at),
            ]
        };
        let standbys = (0..self.count()).filter(|at| *at != primary);
        let mut steps: Vec<Step> = standbys.flat_map(one).collect();
        steps.extend([
            Step::MoveFrom(primary),
            Step::HasMovedFrom(primary),
            Step::Clear,
        ]);
        steps.extend(one(primary));
        self.begin(steps);
    }

    /// A server is made anew from a base backup of the primary ("A lost node returns").
    pub(crate) fn begin_rebuild(&mut self, at: usize, seconds: u64) {
        if self.writer().is_none_or(|primary| primary == at) {
            return;
        }
        self.begin(vec![
            Step::Ban(at),
            Step::IsDown(at),
            Step::Empty(at),
            Step::Work(seconds),
            Step::Copy(at),
            Step::Clear,
            Step::CleanUp(at),
        ]);
    }

    fn begin(&mut self, mut steps: Vec<Step>) {
        steps.reverse();
        self.programs.push(Program {
            left: steps,
            since: self.now,
        });
        self.go_on(self.programs.len() - 1);
    }

    /// An operator looks whether he can go on.
    pub(crate) fn go_on(&mut self, index: usize) {
        let Program { left, since } = &self.programs[index];
        let (Some(step), since) = (left.last().copied(), *since) else {
            return;
        };
        if self.is_quiet {
            return;
        }
        match self.look(step, since) {
            Look::Done => {
                let now = self.now;
                let program = &mut self.programs[index];
                program.left.pop();
                program.since = now;
            }
            Look::NotYet if self.now.saturating_sub(since) < PATIENCE => {}
            Look::NotYet => {
                self.take_wishes_back();
                return;
            }
        }
        self.after(LOOK, Thing::Program(index));
    }

    fn look(&mut self, step: Step, since: Duration) -> Look {
        let done = |is_done| if is_done { Look::Done } else { Look::NotYet };
        match step {
            Step::Ban(at) => {
                self.touch_all();
                self.watch.kept_away.insert(at);
                self.command(Command::Ban(node(at), OfRole::Any));
                Look::Done
            }
            Step::IsDown(at) => done(self.hosts[at].server.life == Life::Down && self.is_on(at)),
            Step::Work(seconds) => done(self.now.saturating_sub(since).as_secs() >= seconds),
            Step::Clear => {
                self.take_wishes_back();
                Look::Done
            }
            Step::Streams(at) => {
                let server = &self.hosts[at].server;
                done(server.takes_writes() || self.streams(at))
            }
            Step::MoveFrom(primary) => {
                if self.writer() != Some(primary) {
                    return Look::Done;
                }
                let Some(next) = (0..self.count()).find(|at| self.streams(*at)) else {
                    return Look::NotYet;
                };
                self.touch_all();
                self.command(Command::Move(node(next), OfRole::Promoted));
                Look::Done
            }
            Step::HasMovedFrom(primary) => {
                done(self.writer().is_some_and(|writer| writer != primary))
            }
            Step::Empty(at) => {
                let Some(primary) = self.source(at) else {
                    return Look::NotYet;
                };
                self.touch_all();
                self.give_up_beside(primary, at);
                self.empty(at);
                Look::Done
            }
            // Where the primary is gone meanwhile, he begins anew once there is one again.
            Step::Copy(at) => match self.source(at) {
                Some(primary) => {
                    self.back_up(primary, at);
                    Look::Done
                }
                None => Look::NotYet,
            },
            Step::CleanUp(at) => {
                self.command(Command::Cleanup(Some(node(at))));
                Look::Done
            }
        }
    }

    fn take_wishes_back(&mut self) {
        self.touch_all();
        self.watch.kept_away.clear();
        self.command(Command::Clear);
    }

    /// The primary that a server which does not run can be copied from.
    fn source(&self, at: usize) -> Option<usize> {
        let is_possible = self.is_on(at) && self.hosts[at].server.life == Life::Down;
        self.writer()
            .filter(|primary| is_possible && *primary != at && self.network.joins(at, *primary))
    }

    pub(crate) fn writer(&self) -> Option<usize> {
        (0..self.count()).find(|one| self.hosts[*one].server.takes_writes())
    }

    /// Whether a standby streams, and has once had everything.
    pub(crate) fn streams(&self, at: usize) -> bool {
        let Some(receiver) = self.hosts[at].server.receiver else {
            return false;
        };
        let senders = &self.hosts[receiver.from].server.senders;
        let mut own = senders.iter().filter(|one| one.link == receiver.link);
        own.any(|one| one.streaming)
    }
}
