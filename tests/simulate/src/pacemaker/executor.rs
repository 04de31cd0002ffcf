//! A node's executor and the history that its controller keeps: one call at a time, in order, and monitors that recur
//! (`daemons/execd/execd_commands.c`, `daemons/controld/controld_execd.c`). Knows nothing of the cluster.
//!
//! - [`call`]: one call.
//! - [`monitors`]: those that recur.
//! - [`record`]: what is recorded of one that has ended.

mod call;
mod monitors;
mod record;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::config::Config;
use super::history::{ByWatch, Ended, History, Watch};
use super::input::ActionId;
use super::output::Output;
use super::scheduler::{Call, Lists, Op};
use super::time::SimTime;
use super::variables::{self, Common};
use call::{Job, Running};
use monitors::Recurring;

pub(super) use call::{Finished, Origin, task};

/// What executors need of the rest.
pub(super) struct ExecutorContext<'a> {
    pub(super) config: &'a Config,
    pub(super) common: &'a Common,
    pub(super) next_id: &'a mut u64,
    pub(super) now: SimTime,
    pub(super) outputs: &'a mut Vec<Output>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Executor {
    queue: VecDeque<Job>,
    running: Option<Running>,
    watches: ByWatch<Option<Recurring>>,
    pub(super) history: History,
    calls: u32,
    /// Who asked for monitors that were ended before they had answered.
    cancelled: Vec<Origin>,
}

impl Executor {
    /// Takes a call. Whatever changes the instance ends its monitors before.
    pub(super) fn submit(
        &mut self,
        op: Op,
        origin: Origin,
        lists: &Arc<Lists>,
        parameters: (&Arc<BTreeMap<String, String>>, u32),
        context: &mut ExecutorContext<'_>,
    ) {
        self.calls += 1;
        let job = Job {
            op,
            lists: Arc::clone(lists),
            parameters: Arc::clone(parameters.0),
            version: parameters.1,
            origin,
            call: self.calls,
            variables: None,
        };
        match op.call {
            Call::Operation(_) | Call::Reload => self.cancel_all(context),
            Call::Watch(watch) => {
                self.cancel(watch, context);
                *self.watches.of_mut(watch) = Some(Recurring {
                    job: job.clone(),
                    next: None,
                    last: None,
                });
            }
            Call::Probe | Call::Notify(..) => {}
        }
        self.queue.push_back(job);
        self.begin(context);
    }

    /// Begins the next call, if none is being made.
    fn begin(&mut self, context: &mut ExecutorContext<'_>) {
        if self.running.is_some() {
            return;
        }
        let Some(job) = self.queue.pop_front() else {
            return;
        };
        *context.next_id += 1;
        let id = ActionId(*context.next_id);
        let timeout = variables::timeout(context.config, job.op.call);
        let variables = match &job.variables {
            Some(variables) => Arc::clone(variables),
            None => self.variables_of(&job, context),
        };
        context.outputs.push(Output::Run {
            id,
            node: job.op.node,
            action: variables::action(job.op.call),
            variables,
            timeout,
        });
        self.running = Some(Running {
            job,
            id,
            began: context.now,
            until: context.now + timeout,
            forgotten: false,
        });
    }

    /// A call has ended.
    pub(super) fn done(
        &mut self,
        id: ActionId,
        ended: Ended,
        context: &mut ExecutorContext<'_>,
    ) -> Option<Finished> {
        if self.running.as_ref().is_none_or(|running| running.id != id) {
            return None;
        }
        let running = self.running.take()?;
        let finished = self.ended(&running, ended, context.now, context.config);
        self.begin(context);
        finished
    }

    fn kill(&mut self, context: &mut ExecutorContext<'_>) {
        if let Some(running) = self.running.take() {
            context.outputs.push(Output::Kill { id: running.id });
        }
    }

    /// The resource is no longer known here: `crm_resource --refresh`.
    pub(super) fn forget(&mut self, context: &mut ExecutorContext<'_>) {
        self.cancel_all(context);
        self.history = History::default();
    }

    /// The controller here has died: nobody hears how its calls end, and its monitors end.
    pub(super) fn lose_controller(&mut self, context: &mut ExecutorContext<'_>) {
        self.forget(context);
        self.queue.clear();
        if let Some(running) = &mut self.running {
            running.forgotten = true;
        }
    }

    /// Pacemaker stops here, and with it whatever it has started.
    pub(super) fn stop(&mut self, context: &mut ExecutorContext<'_>) {
        self.queue.clear();
        self.watches = ByWatch::default();
        self.kill(context);
        self.history = History::default();
    }

    /// The host has lost its power.
    pub(super) fn vanish(&mut self) {
        let calls = self.calls;
        *self = Self {
            calls,
            ..Self::default()
        };
    }

    /// Whether something other than a monitor that recurs is being done or is to be.
    pub(super) fn busy(&self) -> bool {
        let once = |job: &Job| !matches!(job.op.call, Call::Watch(_));
        self.queue.iter().any(once) || self.running.as_ref().is_some_and(|one| once(&one.job))
    }

    /// When it wants to be woken.
    pub(super) fn next(&self) -> Option<SimTime> {
        let watches = Watch::BOTH
            .into_iter()
            .filter_map(|watch| self.watches.of(watch).as_ref());
        let due = watches.filter_map(|one| one.next);
        due.chain(self.running.as_ref().map(|running| running.until))
            .min()
    }

    /// Begins monitors that are due, and kills a call that has taken too long.
    pub(super) fn wake(&mut self, context: &mut ExecutorContext<'_>) -> Option<Finished> {
        self.queue_due(context.now);
        let late = |running: &Running| running.until <= context.now;
        let finished = self
            .running
            .take_if(|running| late(running))
            .and_then(|running| {
                context.outputs.push(Output::Kill { id: running.id });
                self.ended(&running, Ended::Timeout, context.now, context.config)
            });
        self.begin(context);
        finished
    }

    /// Whether this call is being made here.
    pub(super) fn runs(&self, id: ActionId) -> bool {
        self.running
            .as_ref()
            .is_some_and(|running| running.id == id)
    }
}
