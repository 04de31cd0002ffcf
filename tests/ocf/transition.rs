//! Pacemaker, as far as an agent knows it: it takes instances for something, plans, and has the plan done in
//! its order, with a notification of everybody before and after each kind of change.
//!
//! - [`plan`]: what is to be done.
//! - [`played`]: what became of it.
//! - [`variables`]: what a notification says of it.

mod plan;
mod played;
mod variables;

use support::Trouble;

use crate::call::{Call, End, PATIENCE};
use crate::cluster::NODES;
use crate::world::World;
use crate::world::ask::Ask;
use plan::OPERATIONS;

pub(crate) use plan::Plan;
pub(crate) use played::{Played, Step};
pub(crate) use variables::{planned, variables};

/// What Pacemaker takes an instance for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Believed {
    /// It does not run.
    Stopped,
    /// It runs as a standby, or should.
    Unpromoted,
    /// It runs as a primary, or should.
    Promoted,
}

/// Pacemaker.
#[derive(Debug)]
pub(crate) struct Pacemaker<'a> {
    world: &'a World,
    believed: [Believed; 3],
    lost: Vec<&'static str>,
    parameters: Vec<(&'static str, String)>,
    killed_at: Option<u32>,
    tells_plan: bool,
}

impl<'a> Pacemaker<'a> {
    /// Of a world in which no instance runs yet.
    pub(crate) fn of_stopped(world: &'a World) -> Self {
        Self {
            world,
            believed: [Believed::Stopped; 3],
            lost: Vec::new(),
            parameters: Vec::new(),
            killed_at: None,
            tells_plan: false,
        }
    }

    /// Of a world in operation.
    pub(crate) fn of_running(world: &'a World) -> Self {
        Self {
            believed: [
                Believed::Promoted,
                Believed::Unpromoted,
                Believed::Unpromoted,
            ],
            ..Self::of_stopped(world)
        }
    }

    /// Takes a node for lost: it was fenced, and nothing can be done there.
    pub(crate) fn lose(&mut self, node: &'static str) {
        self.lost.push(node);
    }

    /// Gives the resource a parameter.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.parameters.push((name, value.into()));
    }

    /// From now on, kills every action but notifications when so many things have changed, and has it done
    /// again.
    pub(crate) fn kill_at(&mut self, changes: u32) {
        self.killed_at = Some(changes);
    }

    /// From now on, passes its plan to every action, as Pacemaker does, and not to notifications alone.
    pub(crate) fn tell_plan(&mut self) {
        self.tells_plan = true;
    }

    /// What it takes each node's instance for.
    pub(crate) fn all_believed(&self) -> [Believed; 3] {
        self.believed
    }

    /// What it takes an instance for.
    pub(crate) fn believed(&self, node: &str) -> Believed {
        NODES
            .into_iter()
            .zip(self.believed)
            .find(|(name, _)| *name == node)
            .map_or(Believed::Stopped, |(_, believed)| believed)
    }

    pub(crate) fn take_for(&mut self, node: &str, what: Believed) {
        for (name, believed) in NODES.into_iter().zip(&mut self.believed) {
            if name == node {
                *believed = what;
            }
        }
    }

    /// The running node with the highest score, if that is not negative.
    pub(crate) fn candidate(&self) -> Option<&'static str> {
        let score = |node: &str| -> Option<i64> {
            match self.world.cluster.score(node)?.as_str() {
                "INFINITY" => Some(1_000_000),
                "-INFINITY" => Some(-1_000_000),
                number => number.parse().ok(),
            }
        };
        NODES
            .into_iter()
            .filter(|node| self.believed(node) != Believed::Stopped && !self.lost.contains(node))
            .filter_map(|node| Some((score(node)?, node)))
            .filter(|(score, _)| *score >= 0)
            .max_by_key(|(score, node)| (*score, std::cmp::Reverse(*node)))
            .map(|(_, node)| node)
    }

    /// Tells everybody of a plan's first operation and does nothing of it, as when a score is changed meanwhile
    /// and the plan is given up.
    pub(crate) fn announce(&self, plan: &Plan) -> Result<Vec<Step>, Trouble> {
        let first = OPERATIONS
            .into_iter()
            .find(|operation| !plan.nodes(operation).is_empty());
        let told: Vec<&'static str> = NODES
            .into_iter()
            .filter(|node| self.believed(node) != Believed::Stopped && !self.lost.contains(node))
            .collect();
        match first {
            Some(first) => self.notify("pre", first, plan, self.believed, &told),
            None => Ok(Vec::new()),
        }
    }

    /// Does a plan, up to its first failure.
    pub(crate) fn play(&mut self, plan: &Plan) -> Result<Played, Trouble> {
        let before = self.believed;
        let mut played = Played {
            steps: Vec::new(),
            notified: Vec::new(),
        };
        for operation in OPERATIONS {
            let nodes = plan.nodes(operation);
            if nodes.is_empty() {
                continue;
            }
            let here = |node: &&'static str| !self.lost.contains(node);
            let told: Vec<&'static str> = NODES
                .into_iter()
                .filter(|node| self.believed(node) != Believed::Stopped)
                .filter(here)
                .collect();
            let doing: Vec<&'static str> = nodes.iter().copied().filter(here).collect();
            played
                .notified
                .extend(self.notify("pre", operation, plan, before, &told)?);
            if let Some(changes) = self.killed_at {
                for node in &doing {
                    let mut moment = self.world.moment(node, changes);
                    self.ask(node, operation)
                        .killed_when(|| moment.has_come())?;
                }
            }
            let told_plan = if self.tells_plan {
                planned(self.world.cluster.resource(), plan, before)
            } else {
                Vec::new()
            };
            let steps = self.all(operation, &doing, |ask| {
                told_plan
                    .iter()
                    .fold(ask, |ask, (name, value)| ask.meta(name, value))
            })?;
            let failed: Vec<bool> = steps
                .iter()
                .map(|step| step.ended.end != End::Status(0))
                .collect();
            played.steps.extend(steps);
            if failed.contains(&true) {
                return Ok(played);
            }
            for node in nodes {
                self.take_for(
                    node,
                    match operation {
                        "stop" => Believed::Stopped,
                        "promote" => Believed::Promoted,
                        _ => Believed::Unpromoted,
                    },
                );
            }
            let told: Vec<&'static str> = NODES
                .into_iter()
                .filter(|node| self.believed(node) != Believed::Stopped)
                .filter(|node| !self.lost.contains(node))
                .collect();
            played
                .notified
                .extend(self.notify("post", operation, plan, before, &told)?);
        }
        Ok(played)
    }

    /// Tells nodes of a plan, all at once.
    fn notify(
        &self,
        moment: &str,
        operation: &str,
        plan: &Plan,
        before: [Believed; 3],
        told: &[&'static str],
    ) -> Result<Vec<Step>, Trouble> {
        let resource = self.world.cluster.resource();
        let variables = variables(resource, moment, operation, plan, before);
        self.all("notify", told, |ask| {
            variables
                .iter()
                .fold(ask, |ask, (name, value)| ask.meta(name, value))
        })
    }

    fn ask(&self, node: &'static str, action: &'static str) -> Ask<'a> {
        let parameters = self.parameters.iter();
        let ask = self.world.ask(node, action);
        parameters.fold(ask, |ask, (name, value)| ask.parameter(name, value))
    }

    /// Calls the agent on nodes, all at once.
    fn all(
        &self,
        action: &'static str,
        nodes: &[&'static str],
        mut with: impl FnMut(Ask<'a>) -> Ask<'a>,
    ) -> Result<Vec<Step>, Trouble> {
        let calls: Result<Vec<(&'static str, Call)>, Trouble> = nodes
            .iter()
            .map(|node| {
                let ask = with(self.ask(node, action));
                Ok((*node, ask.begin()?))
            })
            .collect();
        calls?
            .into_iter()
            .map(|(node, call)| {
                let ended = call.within(PATIENCE)?;
                Ok(Step {
                    node,
                    action,
                    ended,
                })
            })
            .collect()
    }
}
