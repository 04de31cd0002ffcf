//! Verifies that the next primary has all WAL of this one, before this one stops: afterwards it would be
//! too late to keep this one. Knows no promotion.

use std::time::Duration;

use tracing::{error, info, warn};

use super::cluster::Cluster;
use super::server::{CommitProof, Server};
use super::{Context, Seams, observe, scores, stopping_soon};
use crate::agent::decide::scores::Score;
use crate::agent::decide::state::{RoleSource, ServerState};
use crate::agent::ocf::node::Node;
use crate::agent::ocf::notification::includes;

/// Longest wait for the next primary to have on its disk what was just committed.
const TO_PROVE: Duration = Duration::from_secs(5);

/// Longest wait for the answer of a server that may hang: a healthy one answers in a hundredth of that.
const TO_ANSWER: Duration = Duration::from_millis(500);

/// How long the notification lasts after a veto. A change of score ends the transition during which it is made, as
/// soon as the node that coordinates the cluster has seen it; until the notification has ended, that
/// transition stops nothing.
const TO_ABORT: Duration = Duration::from_secs(2);

/// Has this primary write a checkpoint, and cancels the transition if the next primary lacks something that this one has committed. A primary that is
/// stopped in the same transition ends whatever its standbys have, and one that cannot commit or be asked shows
/// nothing of them: then no standby is found unfit, and the election verifies that the next primary has all its WAL.
pub(super) fn of<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    next: &Node,
) {
    if includes(&context.plan.stop, &context.local) {
        info!("{next} need not show that it is fit: this primary is stopped in any case");
        // It may be stopped because it hangs.
        let state = observe::once(seams, seams.within(TO_ANSWER));
        if let ServerState::Primary(RoleSource::Said(_)) = state {
            stopping_soon::prepare(seams);
        }
        return;
    }
    let state = observe::once(seams, observe::patience(seams));
    let ServerState::Primary(_) = state else {
        let sentence = state.sentence();
        info!("{next} need not show that it is fit: here, {sentence}");
        return;
    };
    stopping_soon::prepare(seams);
    let deadline = seams.within(TO_PROVE);
    let why = match seams.server.prove(next, deadline) {
        Ok(CommitProof::Given) => {
            info!("{next} has everything that this primary has committed");
            return;
        }
        Ok(CommitProof::Missing(why)) => why,
        Err(error) => {
            warn!(
                "it is not known whether {next} has everything, and the election decides: {error}"
            );
            return;
        }
    };
    error!("{next} is not to take this primary's place: {why}");
    match scores::set(context, seams, next, Score::VETO) {
        Ok(()) => seams.pause(TO_ABORT, seams.deadline),
        Err(error) => warn!("cannot set the score, and the transition goes on: {error}"),
    }
}
