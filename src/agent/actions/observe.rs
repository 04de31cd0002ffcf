//! Observes the server's state, and waits while it is about to change. Knows no action.

use std::time::Duration;

use super::Seams;
use super::server::Server;
use crate::agent::decide::state::{ServerState, judge};
use crate::base::deadline::Deadline;

/// The interval between two observations.
const PACE: Duration = Duration::from_millis(100);

/// Longest wait for the answer of a server that may be frozen, if an action is to change it: a
/// healthy one answers in a thousandth of that.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Returns the end of that wait. However short the operation's timeout is, most of it is left for the action.
pub(super) fn patience<S, C>(seams: &Seams<'_, S, C>) -> Deadline {
    seams.within(PATIENCE.min(seams.left() / 4))
}

/// Observes the state once.
pub(super) fn once<S: Server, C>(seams: &mut Seams<'_, S, C>, deadline: Deadline) -> ServerState {
    judge(&seams.server.evidence(deadline))
}

/// Observes the state until the server neither starts nor shuts down any more, at most until the deadline. A server
/// that was killed meanwhile is found dead, and not waited for.
pub(super) fn settled<S: Server, C>(
    seams: &mut Seams<'_, S, C>,
    deadline: Deadline,
) -> ServerState {
    loop {
        let state = once(seams, deadline);
        let is_passing = match state {
            ServerState::Starting | ServerState::Stopping => true,
            ServerState::Primary(_)
            | ServerState::Standby(_)
            | ServerState::Pending
            | ServerState::Closed
            | ServerState::Silent
            | ServerState::Refusing(_)
            | ServerState::Stopped(_)
            | ServerState::Crashed(_)
            | ServerState::Unreadable
            | ServerState::Missing
            | ServerState::Elsewhere => false,
        };
        if !is_passing || seams.has_passed(deadline) {
            return state;
        }
        seams.pause(PACE, deadline);
    }
}
