//! Stops the server, whatever state it is in: one that is dead is stopped, and one that does not go is ended
//! by force, which is what fencing its host would come to.

use std::time::Duration;

use tracing::{info, warn};

use super::cluster::Cluster;
use super::ending::Ending;
use super::ends::{self, FoundPrimary};
use super::server::{Force, Server, Shutdown};
use super::{Context, Seams, look};
use crate::agent::decide::decision::{self, ToStop};
use crate::agent::decide::state::{ServerState, Was};
use crate::base::deadline::Deadline;

/// What is left of the operation's time to tell the cluster how far the server was.
const TO_TELL: Duration = Duration::from_secs(3);

/// The action `stop`.
pub fn stop<S: Server, C: Cluster>(context: &Context, seams: &mut Seams<'_, S, C>) -> Ending {
    let deadline = seams.leaving(TO_TELL.min(seams.left() / 4));
    let state = look::once(
        seams,
        seams.within(look::PATIENCE.min(seams.left_until(deadline) / 4)),
    );
    halt(context, seams, state, deadline)
}

/// Stops the server that was seen in a state until a deadline, and keeps how far it was if it was a healthy
/// primary: whoever is to take its place has to have that. After a crash nobody is held to it, or a failover
/// could never be. It is not looked at again: one that is frozen would be waited for twice.
pub(super) fn halt<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    state: ServerState,
    deadline: Deadline,
) -> Ending {
    let shutdown = match decision::stop(state) {
        ToStop::Already => return Ending::SUCCESS,
        ToStop::Sweep => {
            if let Err(error) = seams.server.sweep(deadline) {
                return Ending::failed(format!("the server is dead, and {error}"));
            }
            if state == ServerState::Stopped(Was::Primary) {
                ends::keep_stopped(context, seams, FoundPrimary::Stopped);
            }
            return Ending::SUCCESS;
        }
        ToStop::Stop => Shutdown::Orderly,
        ToStop::StopAtOnce => Shutdown::Hasty,
    };
    info!("stopping the server: {}", state.sentence());
    if let ServerState::Primary(_) = state {
        // Asked for while it stops.
        seams.cluster.foresee_nodes();
    }
    match seams.server.stop(shutdown, deadline) {
        Err(error) => return Ending::failed(format!("the server could not be stopped: {error}")),
        Ok(Force::Needed) => {
            warn!("the server had to be ended by force; it recovers when it starts");
        }
        Ok(Force::None) => {
            if let ServerState::Primary(_) = state {
                ends::keep_stopped(context, seams, FoundPrimary::Running);
            }
        }
    }
    Ending::SUCCESS
}
