//! The questions that are put to a server: what it answers, or why it does not, and how long that takes. Knows no
//! program.

use std::time::Duration;

use pgsql_state::agent::actions::ServerError;
use pgsql_state::base::Deadline;
use pgsql_state::health::Failure;

use super::action_context::ActionContext;
use crate::world::World;

impl ActionContext<'_> {
    /// Asks the server over a new session, and returns when it has answered or has not.
    pub(crate) fn ask<T>(
        &self,
        question: &'static str,
        deadline: Deadline,
        answer: impl Fn(&World) -> T,
    ) -> Result<T, ServerError> {
        let refused = |cause: String| ServerError::Question { question, cause };
        self.take_millis(3, 12);
        loop {
            let fresh = self.world().fresh(self.node);
            match fresh {
                Ok(()) => return Ok(answer(&self.world())),
                // Nobody answers: that is waited for.
                Err(Failure::TimedOut) => {
                    let left = self.left(deadline);
                    if left.is_zero() {
                        return Err(refused("it said nothing in time".into()));
                    }
                    self.take(left.min(Duration::from_millis(500)));
                }
                Err(failure) => return Err(refused(failure.word().into())),
            }
        }
    }
}
