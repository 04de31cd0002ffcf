//! Selects and runs the action of a task. Knows neither Pacemaker nor PostgreSQL: callers pass both.

use tracing::info;

use super::invocation::{Invocation, Task};
use crate::agent::actions::{
    Cluster, Context, Ending, Seams, Server, another, demote, monitor, notify, promote, start, stop,
};
use crate::agent::ocf::code::Code;
use crate::agent::ocf::node::Node;

/// Runs the action.
pub(super) fn run<S: Server, C: Cluster>(
    invocation: Invocation,
    local: Node,
    mut seams: Seams<'_, S, C>,
) -> Ending {
    let context = Context {
        local,
        attributes: invocation.attributes,
        maxlag: invocation.parameters.maxlag,
        size: invocation.size,
        taken_for: invocation.taken_for,
        plan: invocation.plan,
    };
    let seams = &mut seams;
    if let Some(owner) = another::owner(&context, seams) {
        return another::ending(invocation.task.action(), &context, &owner);
    }
    match invocation.task {
        Task::Start => start::start(&context, seams),
        Task::Stop => stop::stop(&context, seams),
        Task::Monitor => monitor::monitor(&context, seams),
        Task::Probe => {
            let ending = monitor::probe(&context, seams);
            match &invocation.flaw {
                Some(flaw) => flaw.in_place_of(ending),
                None => ending,
            }
        }
        Task::Promote => promote::promote(&context, seams),
        Task::Demote => demote::demote(&context, seams),
        Task::Notify(moment, operation) => notify::notify(&context, seams, moment, operation),
        Task::ValidateAll => match seams.server.problem(&context.local, seams.deadline) {
            Some(problem) => Ending::because(problem.code, problem.sentence),
            None => Ending::SUCCESS,
        },
        Task::Reload => reload(&context, seams),
    }
}

/// Reports what is wrong with new parameters, but never fails: a reload that fails has Pacemaker stop the server,
/// and on every node at once.
fn reload<S: Server, C>(context: &Context, seams: &mut Seams<'_, S, C>) -> Ending {
    if let Some(problem) = seams.server.problem(&context.local, seams.deadline) {
        let reason = format!("the next start would be refused: {}", problem.sentence);
        return Ending::because(Code::Success, reason);
    }
    info!(
        "the new parameters are in effect; those that only a start reads take effect at the next start"
    );
    Ending::SUCCESS
}
