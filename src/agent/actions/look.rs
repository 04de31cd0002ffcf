//! The server's state, awaited where it is about to change. Knows no action.

use std::time::Duration;

use super::Hands;
use super::server::Server;
use crate::agent::decide::state::{State, judge};
use crate::base::deadline::Deadline;

/// Between two looks.
const PACE: Duration = Duration::from_millis(100);

/// Longest wait for an answer of a server that may be frozen, where something is to be done about it: a
/// healthy one answers in a thousandth of that.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The end of that wait. However short the operation's time is, most of it is left for what is to be done.
pub(super) fn patience<S, C>(hands: &Hands<'_, S, C>) -> Deadline {
    hands.within(PATIENCE.min(hands.left() / 4))
}

/// Looks once.
pub(super) fn once<S: Server, C>(hands: &mut Hands<'_, S, C>, deadline: Deadline) -> State {
    judge(&hands.server.evidence(deadline))
}

/// Looks until the server neither starts nor goes down any more, at longest until the deadline. A server that
/// was killed while it did so is seen to be dead, and not waited for.
pub(super) fn settled<S: Server, C>(hands: &mut Hands<'_, S, C>, deadline: Deadline) -> State {
    loop {
        let state = once(hands, deadline);
        let is_passing = match state {
            State::Starting | State::Stopping => true,
            State::Primary(_)
            | State::Standby(_)
            | State::Pending
            | State::Closed
            | State::Silent
            | State::Refusing(_)
            | State::Stopped(_)
            | State::Crashed(_)
            | State::Unreadable
            | State::Missing
            | State::Elsewhere => false,
        };
        if !is_passing || hands.has_passed(deadline) {
            return state;
        }
        hands.pause(PACE, deadline);
    }
}
