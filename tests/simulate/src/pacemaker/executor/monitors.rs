//! Monitors that recur: when they are due, and how they are ended. Makes no call.

use std::sync::Arc;

use super::call::{Job, Origin, Running};
use super::{Executor, ExecutorContext};
use crate::pacemaker::history::{Ended, Watch};
use crate::pacemaker::scheduler::Call;
use crate::pacemaker::time::SimTime;
use crate::pacemaker::variables::{self, CallVariables};

/// A monitor that recurs.
#[derive(Clone, Debug)]
pub(super) struct Recurring {
    pub(super) job: Job,
    /// When it is due; none while it waits in the queue or runs.
    pub(super) next: Option<SimTime>,
    pub(super) last: Option<Ended>,
}

impl Executor {
    /// The variables of a call, kept where it recurs.
    pub(super) fn variables_of(
        &mut self,
        job: &Job,
        context: &ExecutorContext<'_>,
    ) -> Arc<CallVariables> {
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

    /// Has monitors that are due wait for their turn.
    pub(super) fn queue_due(&mut self, now: SimTime) {
        for watch in Watch::BOTH {
            let Some(recurring) = self.watches.of_mut(watch).as_mut() else {
                continue;
            };
            if recurring.next.is_some_and(|next| next <= now) {
                recurring.next = None;
                self.queue.push_back(recurring.job.clone());
            }
        }
    }

    /// Ends a monitor that recurs.
    pub(in crate::pacemaker) fn cancel(&mut self, watch: Watch, context: &mut ExecutorContext<'_>) {
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

    pub(super) fn cancel_all(&mut self, context: &mut ExecutorContext<'_>) {
        for watch in Watch::BOTH {
            self.cancel(watch, context);
        }
    }

    /// Who has to be told that a monitor was ended before it had answered.
    pub(in crate::pacemaker) fn take_cancelled(&mut self) -> Vec<Origin> {
        std::mem::take(&mut self.cancelled)
    }
}
