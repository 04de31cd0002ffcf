//! What became of a plan.

use crate::call::{End, Ended};
use crate::judge::{Failure, Judged};

/// An action of a plan that was done.
#[derive(Debug)]
pub(crate) struct Step {
    /// Where.
    pub(crate) node: &'static str,
    /// What.
    pub(crate) action: &'static str,
    /// How it went.
    pub(crate) ended: Ended,
}

/// What became of a plan. After a failure, nothing more of it is done.
#[derive(Debug)]
pub(crate) struct Played {
    /// In the order in which they were done.
    pub(crate) steps: Vec<Step>,
    /// What the notifications wrote.
    pub(crate) notified: Vec<Step>,
}

impl Played {
    /// The action that failed.
    pub(crate) fn failure(&self) -> Option<&Step> {
        self.steps
            .iter()
            .find(|step| step.ended.end != End::Status(0))
    }

    /// Fails unless everything was done.
    pub(crate) fn done(&self) -> Judged {
        match self.failure() {
            None => Ok(()),
            Some(step) => Err(Failure::Agent(format!(
                "{} on {} failed: {}; before it, {:?}",
                step.action, step.node, step.ended, self.notified
            ))),
        }
    }
}
