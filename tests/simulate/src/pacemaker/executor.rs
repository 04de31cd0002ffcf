//! A node's executor and the history that its controller keeps: one call at a time, in order, and monitors that recur
//! (`daemons/execd/execd_commands.c`, `daemons/controld/controld_execd.c`). Knows nothing of the cluster.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::config::{Config, Node};
use super::history::{ByWatch, Ended, History, Record, Task, Watch};
use super::input::ActionId;
use super::output::Output;
use super::scheduler::{Call, Lists, Op, Operation, Told};
use super::time::SimTime;
use super::variables::{self, Common};

/// Who asked for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// The number of the transition.
    pub(super) transition: u64,
    /// The part of it.
    pub(super) step: u8,
}

/// A call that has been asked for.
#[derive(Clone, Debug)]
struct Job {
    op: Op,
    lists: Arc<Lists>,
    parameters: Arc<BTreeMap<String, String>>,
    /// Which version of the parameters.
    version: u32,
    origin: Origin,
    call: u32,
    /// Its variables, once it has been made: each run of a monitor has the same.
    variables: Option<Arc<BTreeMap<String, String>>>,
}

/// One that is being made.
#[derive(Clone, Debug)]
struct Running {
    job: Job,
    id: ActionId,
    began: SimTime,
    until: SimTime,
    /// Nobody waits for it any more.
    forgotten: bool,
}

/// A monitor that recurs.
#[derive(Clone, Debug)]
struct Recurring {
    job: Job,
    /// When it is due; none while it waits in the queue or runs.
    next: Option<SimTime>,
    last: Option<Ended>,
}

/// A call that has ended, as the controller hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Finished {
    pub(super) op: Op,
    pub(super) origin: Origin,
    pub(super) ended: Ended,
    pub(super) call: u32,
    pub(super) began: SimTime,
}

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

    /// The variables of a call, kept where it recurs.
    fn variables_of(
        &mut self,
        job: &Job,
        context: &ExecutorContext<'_>,
    ) -> Arc<BTreeMap<String, String>> {
        let variables = Arc::new(variables::variables(
            context.config,
            context.common,
            &job.parameters,
            job.op,
            &job.lists,
        ));
        if let Call::Watch(watch) = job.op.call
            && let Some(recurring) = self.watches.of_mut(watch)
            && recurring.job.call == job.call
        {
            recurring.job.variables = Some(Arc::clone(&variables));
        }
        variables
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

    fn ended(
        &mut self,
        running: &Running,
        ended: Ended,
        now: SimTime,
        config: &Config,
    ) -> Option<Finished> {
        let mut news = !running.forgotten;
        if let Call::Watch(watch) = running.job.op.call {
            let same = self.watches.of_mut(watch).as_mut();
            match same.filter(|recurring| recurring.job.call == running.job.call) {
                Some(recurring) => {
                    recurring.next = Some(now + variables::recurring(config, watch).0);
                    // Only what differs from the last time is told.
                    news &= recurring.last != Some(ended);
                    recurring.last = Some(ended);
                }
                None => news = false,
            }
        }
        let finished = Finished {
            op: running.job.op,
            origin: running.job.origin,
            ended,
            call: running.job.call,
            began: running.began,
        };
        if news {
            self.enter(&finished, running.job.version, now);
        }
        Some(finished).filter(|_| news)
    }

    fn enter(&mut self, finished: &Finished, version: u32, now: SimTime) {
        let Some(task) = task(finished.op.call) else {
            if finished.op.call == Call::Reload {
                self.history.parameters = version;
            }
            return;
        };
        self.history.enter(Record {
            task,
            ended: finished.ended,
            call: finished.call,
            changed: now,
        });
        match task {
            Task::Start | Task::Probe => self.history.parameters = version,
            Task::Watch(watch) => *self.history.watched_with.of_mut(watch) = version,
            Task::Stop | Task::Promote | Task::Demote => {}
        }
    }

    /// Ends a monitor that recurs.
    pub(super) fn cancel(&mut self, watch: Watch, context: &mut ExecutorContext<'_>) {
        let recurring = self.watches.of_mut(watch).take();
        if let Some(recurring) = recurring.filter(|one| one.last.is_none()) {
            self.cancelled.push(recurring.job.origin);
        }
        self.queue.retain(|job| job.op.call != Call::Watch(watch));
        let runs = |running: &Running| running.job.op.call == Call::Watch(watch);
        if self.running.as_ref().is_some_and(runs) {
            self.kill(context);
            self.begin(context);
        }
    }

    fn cancel_all(&mut self, context: &mut ExecutorContext<'_>) {
        for watch in Watch::BOTH {
            self.cancel(watch, context);
        }
    }

    fn kill(&mut self, context: &mut ExecutorContext<'_>) {
        if let Some(running) = self.running.take() {
            context.outputs.push(Output::Kill { id: running.id });
        }
    }

    /// Who has to be told that a monitor was ended before it had answered.
    pub(super) fn take_cancelled(&mut self) -> Vec<Origin> {
        std::mem::take(&mut self.cancelled)
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
        for watch in Watch::BOTH {
            let Some(recurring) = self.watches.of_mut(watch).as_mut() else {
                continue;
            };
            if recurring.next.is_some_and(|next| next <= context.now) {
                recurring.next = None;
                self.queue.push_back(recurring.job.clone());
            }
        }
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

    /// A failure that nobody has seen: `crm_resource --fail`.
    pub(super) fn fail(&mut self, watch: Watch, node: Node, now: SimTime) -> Finished {
        self.calls += 1;
        let finished = Finished {
            op: Op {
                node,
                instance: 0,
                call: Call::Watch(watch),
                expected: watch.target(),
                told: Told::Plan,
            },
            origin: Origin {
                transition: 0,
                step: 0,
            },
            ended: Ended::Code(1),
            call: self.calls,
            began: now,
        };
        let version = self.history.parameters;
        self.enter(&finished, version, now);
        finished
    }
}

/// What a call is in the history; none where it has no entry.
pub(super) const fn task(call: Call) -> Option<Task> {
    match call {
        Call::Operation(Operation::Start) => Some(Task::Start),
        Call::Operation(Operation::Stop) => Some(Task::Stop),
        Call::Operation(Operation::Promote) => Some(Task::Promote),
        Call::Operation(Operation::Demote) => Some(Task::Demote),
        Call::Probe => Some(Task::Probe),
        Call::Watch(watch) => Some(Task::Watch(watch)),
        Call::Reload | Call::Notify(..) => None,
    }
}
