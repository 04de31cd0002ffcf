//! A call of the agent: asked for, being made, and ended. Makes none.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::pacemaker::history::{Ended, Task};
use crate::pacemaker::input::ActionId;
use crate::pacemaker::scheduler::{Call, Lists, Op, Operation};
use crate::pacemaker::time::SimTime;
use crate::pacemaker::variables::CallVariables;

/// Who asked for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pacemaker) struct Origin {
    /// The number of the transition.
    pub(in crate::pacemaker) transition: u64,
    /// The part of it.
    pub(in crate::pacemaker) step: u8,
}

/// A call that has been asked for.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) op: Op,
    pub(super) lists: Arc<Lists>,
    pub(super) parameters: Arc<BTreeMap<String, String>>,
    /// Which version of the parameters.
    pub(super) version: u32,
    pub(super) origin: Origin,
    pub(super) call: u32,
    /// Its variables, once it has been made: each run of a monitor has the same.
    pub(super) variables: Option<Arc<CallVariables>>,
}

/// One that is being made.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) job: Job,
    pub(super) id: ActionId,
    pub(super) began: SimTime,
    pub(super) until: SimTime,
    /// Nobody waits for it any more.
    pub(super) forgotten: bool,
}

/// A call that has ended, as the controller hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pacemaker) struct Finished {
    pub(in crate::pacemaker) op: Op,
    pub(in crate::pacemaker) origin: Origin,
    pub(in crate::pacemaker) ended: Ended,
    pub(in crate::pacemaker) call: u32,
    pub(in crate::pacemaker) began: SimTime,
}

/// What a call is in the history; none where it has no entry.
pub(in crate::pacemaker) const fn task(call: Call) -> Option<Task> {
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
