//! Stops the server, whatever state it is in: a dead server counts as stopped, and one that does not stop is killed,
//! which has the same effect as fencing its host.

use std::time::Duration;

use tracing::{info, warn};

use super::cluster::Cluster;
use super::outcome::ActionOutcome;
use super::primary_ends::{self, FoundPrimary};
use super::server::{Force, Server, Shutdown};
use super::{Context, Seams, observe, publish, unknown};
use crate::agent::decide::decision::{self, ToStop};
use crate::agent::decide::state::{ServerState, Was};
use crate::agent::ocf::notification::includes;
use crate::base::deadline::Deadline;

/// What is left of the operation's time to record where the server's WAL ended.
const TO_TELL: Duration = Duration::from_secs(3);

/// Longest that a stop is put off to see whether a primary runs that the cluster does not know of.
const TO_WITNESS: Duration = Duration::from_secs(3);

/// The action `stop`.
pub fn stop<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> ActionOutcome {
    let deadline = seams.leaving(TO_TELL.min(seams.left() / 4));
    let state = observe::once(
        seams,
        seams.within(observe::PATIENCE.min(seams.left_until(deadline) / 4)),
    );
    if let ServerState::Standby(_) = state {
        let brief = &mut seams.until(seams.within(TO_WITNESS.min(seams.left_until(deadline) / 4)));
        if let Err(error) = unknown::witness_of_stop(context, brief) {
            warn!(
                "cannot determine whether a primary sends WAL that the cluster does not know of: {error}"
            );
        }
    }
    match end(context, seams, state, deadline) {
        Ok(StopEnd::InOrder) => {}
        Ok(StopEnd::Otherwise) => tell_of_crash(context, seams),
        Err(failed) => return failed,
    }
    ActionOutcome::SUCCESS
}

/// If another server is promoted while this one is kept stopped, publishes where its WAL ends: it may be the only one to have what
/// was acknowledged. All of its processes have ended before, so that nothing comes after that.
fn tell_of_crash<S: Server, C: Cluster>(context: &Context, seams: &mut Seams<'_, S, C>) {
    let (plan, local) = (&context.plan, &context.local);
    let is_kept_stopped = !includes(&plan.start, local) && !includes(&plan.promote, local);
    if plan.promote.is_empty() || !is_kept_stopped {
        return;
    }
    let brief = &mut seams.until(seams.within(TO_TELL));
    match publish::position(context, brief) {
        Ok(Some(position)) => info!("the WAL of this server ends at {position}"),
        Ok(None) => {}
        Err(error) => warn!("cannot publish where the WAL of this server ends: {error}"),
    }
}

/// How a server has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StopEnd {
    /// There is none, or its end as a primary is on record.
    InOrder,
    /// It has crashed or had to be killed, or was a standby.
    Otherwise,
}

/// Stops the server that was found in a state until a deadline, and records where its WAL ended if it was a healthy
/// primary: the server that replaces it must have that. After a crash no server needs to have it; otherwise a failover
/// could never succeed. The state is not observed again: that would wait twice for a server that is frozen.
pub(super) fn end<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    state: ServerState,
    deadline: Deadline,
) -> Result<StopEnd, ActionOutcome> {
    let shutdown = match decision::stop(state) {
        ToStop::Already => return Ok(StopEnd::InOrder),
        ToStop::Sweep => {
            if let Err(error) = seams.server.sweep(deadline) {
                let reason = format!("the server is dead, and {error}");
                return Err(ActionOutcome::failed(reason));
            }
            if state == ServerState::Stopped(Was::Primary) {
                primary_ends::keep_stopped(context, seams, FoundPrimary::Stopped);
                return Ok(StopEnd::InOrder);
            }
            return Ok(StopEnd::Otherwise);
        }
        ToStop::Stop => Shutdown::Orderly,
        ToStop::StopAtOnce => Shutdown::Hasty,
    };
    info!("stopping the server: {}", state.sentence());
    if let ServerState::Primary(_) = state {
        // Queried while the server stops.
        seams.cluster.foresee_nodes();
    }
    match seams.server.stop(shutdown, deadline) {
        Err(error) => {
            let reason = format!("the server could not be stopped: {error}");
            return Err(ActionOutcome::failed(reason));
        }
        Ok(Force::Needed) => {
            warn!("the server had to be killed; it recovers when it starts");
        }
        Ok(Force::None) => {
            if let ServerState::Primary(_) = state {
                primary_ends::keep_stopped(context, seams, FoundPrimary::Running);
                return Ok(StopEnd::InOrder);
            }
        }
    }
    Ok(StopEnd::Otherwise)
}
