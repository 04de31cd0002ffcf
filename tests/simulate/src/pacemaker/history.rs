//! What a node's executor has recorded of the resource: the `lrm_rsc_op` entries of the CIB
//! (`pcmk__create_history_xml` in `lib/pacemaker/pcmk_sched_actions.c`). Knows nothing of what follows from it.

use super::time::SimTime;

/// One of the two monitors that recur.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Watch {
    /// Of the primary.
    Promoted,
    /// Of a standby.
    Unpromoted,
}

impl Watch {
    pub(super) const BOTH: [Self; 2] = [Self::Promoted, Self::Unpromoted];

    /// What it has to answer.
    pub(super) const fn target(self) -> u8 {
        match self {
            Self::Promoted => 8,
            Self::Unpromoted => 0,
        }
    }
}

/// Something of each of the two monitors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ByWatch<T> {
    pub(super) promoted: T,
    pub(super) unpromoted: T,
}

impl<T> ByWatch<T> {
    pub(super) const fn of(&self, watch: Watch) -> &T {
        match watch {
            Watch::Promoted => &self.promoted,
            Watch::Unpromoted => &self.unpromoted,
        }
    }

    pub(super) const fn of_mut(&mut self, watch: Watch) -> &mut T {
        match watch {
            Watch::Promoted => &mut self.promoted,
            Watch::Unpromoted => &mut self.unpromoted,
        }
    }
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Task {
    Start,
    Stop,
    Promote,
    Demote,
    Probe,
    Watch(Watch),
    /// `asyncmon`: a failure that somebody has reported.
    Reported,
}

impl Task {
    /// What it has to answer.
    pub(super) const fn target(self) -> u8 {
        match self {
            Self::Probe => 7,
            Self::Watch(watch) => watch.target(),
            Self::Start | Self::Stop | Self::Promote | Self::Demote | Self::Reported => 0,
        }
    }
}

/// How an entry's action has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It has not.
    Pending,
    /// With this exit status.
    Code(u8),
    /// It took too long.
    Timeout,
}

/// An entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) task: Task,
    pub(super) ended: Ended,
    /// The executor's number of the call; all runs of a monitor have that of the first.
    pub(super) call: u32,
    /// When it began, or when the result of a monitor last changed.
    pub(super) changed: SimTime,
}

impl Record {
    /// Its exit status; 1 where it took too long.
    pub(super) const fn code(&self) -> u8 {
        match self.ended {
            Ended::Pending => 0,
            Ended::Code(code) => code,
            Ended::Timeout => 1,
        }
    }

    /// Whether it has not answered what it had to (`did_rsc_op_fail`).
    pub(super) fn failed(&self) -> bool {
        match self.ended {
            Ended::Pending => false,
            Ended::Code(code) => code != self.task.target(),
            Ended::Timeout => true,
        }
    }
}

/// The entries of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct History {
    /// `…_last_0`: the last that does not recur.
    pub(super) last: Option<Record>,
    /// `…_last_failure_0`: the last that failed.
    pub(super) failure: Option<Record>,
    /// `…_monitor_INTERVAL`.
    pub(super) watches: ByWatch<Option<Record>>,
    /// With which version of the parameters each of these was begun.
    pub(super) watched_with: ByWatch<u32>,
    /// With which version of the parameters it was started, probed or reloaded.
    pub(super) parameters: u32,
}

impl History {
    /// Enters what has happened.
    pub(super) fn enter(&mut self, record: Record) {
        if record.failed() {
            self.failure = Some(record);
        }
        match record.task {
            Task::Watch(watch) => {
                if !record.failed() {
                    *self.watches.of_mut(watch) = Some(record);
                }
            }
            Task::Start | Task::Stop | Task::Promote | Task::Demote | Task::Probe => {
                self.last = Some(record);
            }
            Task::Reported => {}
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.records().next().is_none()
    }

    pub(super) fn records(&self) -> impl Iterator<Item = Record> {
        let ByWatch {
            promoted,
            unpromoted,
        } = self.watches;
        [promoted, unpromoted, self.failure, self.last]
            .into_iter()
            .flatten()
    }

    /// The entries in the order in which they happened (`sort_op_by_callid`): by the number of the call, and of
    /// one call by the time.
    pub(super) fn sorted(&self) -> ([Option<Record>; 4], usize) {
        let mut sorted = [None; 4];
        let mut len = 0;
        for record in self.records() {
            let mut place = len;
            while place > 0 {
                let before = sorted.get(place - 1).copied().flatten();
                let later = before.is_some_and(|before: Record| {
                    (before.call, before.changed) > (record.call, record.changed)
                });
                if !later {
                    break;
                }
                sorted.swap(place - 1, place);
                place -= 1;
            }
            if let Some(slot) = sorted.get_mut(place) {
                *slot = Some(record);
            }
            len += 1;
        }
        (sorted, len)
    }
}
