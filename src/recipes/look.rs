//! The server's state, awaited where it is about to change. Knows no action.

use std::time::Duration;

use super::deadline::Deadline;
use super::server::Server;
use crate::agent::state::{State, judge};

/// Between two looks.
const PACE: Duration = Duration::from_millis(100);

/// Longest wait for an answer of a server that may be frozen, where something is to be done about it: a
/// healthy one answers in a thousandth of that.
const PATIENCE: Duration = Duration::from_secs(10);

/// The end of that wait. However short the operation's time is, most of it is left for what is to be done.
pub(super) fn patience(deadline: Deadline) -> Deadline {
    deadline.within(PATIENCE.min(deadline.left() / 4))
}

/// Looks once.
pub(super) fn once<S: Server>(server: &mut S, deadline: Deadline) -> State {
    judge(&server.evidence(deadline))
}

/// Looks until the server neither starts nor goes down any more, at longest until the deadline. A server that
/// was killed while it did so is seen to be dead, and not waited for.
pub(super) fn settled<S: Server>(server: &mut S, deadline: Deadline) -> State {
    loop {
        let state = once(server, deadline);
        let is_passing = match state {
            State::Starting | State::Stopping => true,
            State::Primary(_)
            | State::Standby(_)
            | State::Closed
            | State::Silent
            | State::Refusing(_)
            | State::Stopped(_)
            | State::Crashed(_)
            | State::Unreadable
            | State::Missing => false,
        };
        if !is_passing || deadline.has_passed() {
            return state;
        }
        deadline.pause(PACE);
    }
}
