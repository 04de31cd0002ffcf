//! A transition: what is done, and what each part of it waits for. Knows nothing of why.

use std::sync::Arc;

use super::super::config::Node;
use super::super::history::Watch;
use super::lists::Lists;

/// Before or after an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Moment {
    Pre,
    Post,
}

/// An operation of the whole clone, in the order in which they are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Operation {
    Demote,
    Stop,
    Start,
    Promote,
}

impl Operation {
    pub(in super::super) const ALL: [Self; 4] =
        [Self::Demote, Self::Stop, Self::Start, Self::Promote];

    pub(in super::super) const fn name(self) -> &'static str {
        match self {
            Self::Demote => "demote",
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Promote => "promote",
        }
    }

    /// What it is called when it is done everywhere.
    pub(in super::super) const fn done(self) -> &'static str {
        match self {
            Self::Demote => "demoted",
            Self::Stop => "stopped",
            Self::Start => "running",
            Self::Promote => "promoted",
        }
    }
}

/// Something of each operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ByOperation<T> {
    pub(super) demote: T,
    pub(super) stop: T,
    pub(super) start: T,
    pub(super) promote: T,
}

impl<T> ByOperation<T> {
    pub(super) const fn of(&self, operation: Operation) -> &T {
        match operation {
            Operation::Demote => &self.demote,
            Operation::Stop => &self.stop,
            Operation::Start => &self.start,
            Operation::Promote => &self.promote,
        }
    }

    pub(super) const fn of_mut(&mut self, operation: Operation) -> &mut T {
        match operation {
            Operation::Demote => &mut self.demote,
            Operation::Stop => &mut self.stop,
            Operation::Start => &mut self.start,
            Operation::Promote => &mut self.promote,
        }
    }
}

/// What the agent is called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Call {
    Operation(Operation),
    Reload,
    Probe,
    Watch(Watch),
    Notify(Moment, Operation),
}

/// What a call is told of the transition. Where fencing does a stop, Pacemaker notes that one first, and what has been
/// noted is not replaced by what is known later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Told {
    Plan,
    /// The plan, with that stop as the only one.
    PlanAndFencing,
    /// That stop alone.
    FencingAlone,
}

/// A call of the agent that a transition makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Op {
    pub(in super::super) node: Node,
    /// The number of the instance.
    pub(in super::super) instance: u8,
    pub(in super::super) call: Call,
    /// The exit status that is expected.
    pub(in super::super) expected: u8,
    pub(in super::super) told: Told,
}

/// A part of a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum What {
    /// A point in the order.
    Pseudo,
    Run(Op),
    Cancel(Node, Watch),
    Fence(Node),
    Shutdown(Node),
}

/// A part, and the parts that it waits for, as bits by their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Step {
    pub(in super::super) what: What,
    pub(in super::super) inputs: u128,
    /// Its priority is INFINITY: it is done also in a transition that is aborted, and after a failure.
    pub(in super::super) urgent: bool,
}

/// A transition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Graph {
    pub(in super::super) steps: Vec<Step>,
    pub(in super::super) lists: Arc<Lists>,
}

impl Graph {
    /// Adds a part, and says which it is. There are never more than 128: five instances have some hundred.
    pub(super) fn add(&mut self, what: What, urgent: bool) -> Option<u8> {
        let place = u8::try_from(self.steps.len()).ok()?;
        if place >= 128 {
            return None;
        }
        self.steps.push(Step {
            what,
            inputs: 0,
            urgent,
        });
        Some(place)
    }

    /// The second waits for the first, where there are both.
    pub(super) fn order(&mut self, first: Option<u8>, then: Option<u8>) {
        let (Some(first), Some(then)) = (first, then) else {
            return;
        };
        if let Some(step) = self.steps.get_mut(usize::from(then)) {
            step.inputs |= 1 << first;
        }
    }
}
