//! Selects and runs the action of a task. Knows neither Pacemaker nor PostgreSQL: callers pass both.

use tracing::info;

use super::invocation::{Invocation, Task};
use crate::agent::actions::{
    ActionOutcome, Cluster, Context, Seams, Server, demote, monitor, notify, other_resource,
    promote, start, stop,
};
use crate::agent::ocf::code::Code;
use crate::agent::ocf::node::Node;

/// Runs the action.
pub(super) fn run<S: Server, C: Cluster>(
    invocation: Invocation,
    local: Node,
    mut seams: Seams<'_, S, C>,
) -> ActionOutcome {
    let context = Context {
        local,
        attributes: invocation.attributes,
        maxlag: invocation.parameters.maxlag,
        size: invocation.size,
        taken_for: invocation.taken_for,
        plan: invocation.plan,
    };
    let seams = &mut seams;
    if let Some(owner) = other_resource::owner(&context, seams) {
        return other_resource::outcome(invocation.task.action(), &context, &owner);
    }
    match invocation.task {
        Task::Start => start::start(&context, seams),
        Task::Stop => stop::stop(&context, seams),
        Task::Monitor => monitor::monitor(&context, seams),
        Task::Probe => {
            let outcome = monitor::probe(&context, seams);
            match &invocation.flaw {
                Some(flaw) => flaw.in_place_of(outcome),
                None => outcome,
            }
        }
        Task::Promote => promote::promote(&context, seams),
        Task::Demote => demote::demote(&context, seams),
        Task::Notify(moment, operation) => notify::notify(&context, seams, moment, operation),
        Task::ValidateAll => match seams.server.problem(&context.local, seams.deadline) {
            Some(problem) => ActionOutcome::because(problem.code, problem.sentence),
            None => ActionOutcome::SUCCESS,
        },
        Task::Reload => reload(&context, seams),
    }
}

/// Reports what is wrong with new parameters, but never fails: a reload that fails has Pacemaker stop the server,
/// and on every node at once.
fn reload<S: Server, C>(context: &Context, seams: &mut Seams<'_, S, C>) -> ActionOutcome {
    if let Some(problem) = seams.server.problem(&context.local, seams.deadline) {
        let reason = format!("the next start would be refused: {}", problem.sentence);
        return ActionOutcome::because(Code::Success, reason);
    }
    info!(
        "the new parameters are in effect; those that only a start reads take effect at the next start"
    );
    ActionOutcome::SUCCESS
}
