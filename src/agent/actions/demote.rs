//! Makes a primary a standby: a stop, and a start as a standby. A dead server is only started, and a server
//! that the same transition stops is not started.

use super::cluster::Cluster;
use super::outcome::ActionOutcome;
use super::server::Server;
use super::{Context, Seams, observe, start, stop};
use crate::agent::decide::decision::{self, ToDemote};
use crate::agent::ocf::notification::includes;

/// The action `demote`.
pub fn demote<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> ActionOutcome {
    let state = observe::once(seams, observe::patience(seams));
    match decision::demote(state) {
        ToDemote::Already => return ActionOutcome::SUCCESS,
        ToDemote::Fail(code) => return ActionOutcome::because(code, state.sentence()),
        ToDemote::Start | ToDemote::Restart => {}
    }
    // Half of the time for each of the two.
    let deadline = seams.leaving(seams.left() / 2);
    if let Err(failed) = stop::end(context, seams, state, deadline) {
        return failed;
    }
    if is_stopped_next(context) {
        return ActionOutcome::SUCCESS;
    }
    start::as_standby(seams)
}

/// Returns whether the cluster is about to stop this instance: a start in between would only delay that.
fn is_stopped_next(context: &Context) -> bool {
    includes(&context.plan.stop, &context.local)
}
