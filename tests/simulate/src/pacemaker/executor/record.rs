//! What is recorded of a call that has ended, and told. Makes no call.

use super::Executor;
use super::call::{Finished, Running, task};
use crate::pacemaker::config::Config;
use crate::pacemaker::history::{Ended, Record, Task};
use crate::pacemaker::scheduler::Call;
use crate::pacemaker::time::SimTime;
use crate::pacemaker::variables;

impl Executor {
    /// A call has ended: returns that, if it is told.
    pub(super) fn ended(
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
            Task::Stop | Task::Promote | Task::Demote | Task::Reported => {}
        }
    }

    /// A failure that nobody has seen: `crm_resource --fail` (`fail_lrm_resource`).
    pub(in crate::pacemaker) fn fail(&mut self, now: SimTime) {
        self.calls += 1;
        self.history.enter(Record {
            task: Task::Reported,
            ended: Ended::Code(1),
            call: self.calls,
            changed: now,
        });
    }
}
