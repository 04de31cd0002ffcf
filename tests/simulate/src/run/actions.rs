//! The actions of the agent that a history is in the middle of: begun when Pacemaker wants them, resumed when their time has
//! come, killed, and ended. Knows no event.

use std::rc::Rc;
use std::sync::Arc;

use pgsql_state::agent::ocf::actions::Action;
use pgsql_state::agent::pgsqlms::call::{CallOutcome, call};
use pgsql_state::keeper::facts::AgentSeen;

use super::Run;
use crate::coroutine::{Task, Went};
use crate::pacemaker::{ActionId, CallVariables, Input, Output};
use crate::seams::action_context::ActionContext;
use crate::seams::host::SimHost;
use crate::story;
use crate::world::{Thing, number};

pub(super) struct Running {
    node: usize,
    action: Action,
    task: Task<CallOutcome>,
}

impl Run {
    pub(super) fn begin_what_is_wanted(&mut self) {
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
        variables: Arc<CallVariables>,
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

    /// Whether an action holds the agent's lock on a host.
    pub(super) fn acting_on(&self, node: usize) -> AgentSeen {
        let holds_it = |running: &Running| {
            let action = running.action;
            running.node == node
                && matches!(
                    action,
                    Action::Start | Action::Stop | Action::Promote | Action::Demote
                )
        };
        if self.actions.values().any(holds_it) {
            AgentSeen::Acting
        } else {
            AgentSeen::Idle
        }
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
    pub(super) fn kill_one(&mut self, which: u64) {
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

    pub(super) fn go_on(&mut self, id: ActionId) {
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
