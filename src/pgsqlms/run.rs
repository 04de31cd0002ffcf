//! From something to do to the recipe for it. Knows neither Pacemaker nor PostgreSQL: both are handed in.

use super::invocation::{Invocation, Task};
use crate::agent::node::Node;
use crate::recipes::{
    Cluster, Context, Ending, Hands, Server, another, demote, monitor, notify, promote, start, stop,
};

/// Does it.
pub(super) fn run<S: Server, C: Cluster>(
    invocation: Invocation,
    local: Node,
    mut hands: Hands<'_, S, C>,
) -> Ending {
    let context = Context {
        local,
        attributes: invocation.attributes,
        maxlag: invocation.parameters.maxlag,
        size: invocation.size,
        plan: invocation.plan,
    };
    let hands = &mut hands;
    if let Some(owner) = another::owner(&context, hands) {
        return another::ending(invocation.task.action(), &context, &owner);
    }
    match invocation.task {
        Task::Start => start::start(&context, hands),
        Task::Stop => stop::stop(&context, hands),
        Task::Monitor => monitor::monitor(&context, hands),
        Task::Promote => promote::promote(&context, hands),
        Task::Demote => demote::demote(&context, hands),
        Task::Notify(moment, operation) => notify::notify(&context, hands, moment, operation),
        Task::ValidateAll => match hands.server.problem(&context.local, hands.deadline) {
            Some(problem) => Ending::because(problem.code, problem.sentence),
            None => Ending::SUCCESS,
        },
    }
}
