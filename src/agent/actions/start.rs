//! Starts the server, always as a standby: the cluster chooses which server becomes the primary. A crashed
//! primary replays its own WAL during the start and never accepts writes.

use tracing::{info, warn};

use super::cluster::Cluster;
use super::outcome::ActionOutcome;
use super::primary_ends::{self, FoundPrimary};
use super::server::Server;
use super::{Context, Seams, copied_from, observe, publish, scores};
use crate::agent::decide::decision::{self, ToStart};
use crate::agent::decide::state::{ServerState, Was};

/// The action `start`.
pub fn start<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> ActionOutcome {
    let before = observe::settled(seams, observe::patience(seams));
    match decision::start(before) {
        ToStart::Already => return ActionOutcome::SUCCESS,
        ToStart::Start => {}
        ToStart::Fail(code) => {
            // A missing data directory is named by a parameter, and that parameter has to be corrected.
            if before == ServerState::Missing
                && let Some(problem) = seams.server.problem(&context.local, seams.deadline)
            {
                return ActionOutcome::because(problem.code, problem.sentence);
            }
            let sentence = before.sentence();
            return ActionOutcome::because(code, format!("cannot start the server: {sentence}"));
        }
    }
    if let Some(problem) = seams.server.problem(&context.local, seams.deadline) {
        return ActionOutcome::because(problem.code, problem.sentence);
    }
    info!(
        "starting the server as a standby; before the start, {}",
        before.sentence()
    );
    match before {
        ServerState::Stopped(Was::Primary) => offer(context, seams),
        ServerState::Stopped(Was::Backup) => {
            let deadline = seams.leaving(seams.left() / 2);
            if let Err(error) = copied_from::keep(context, &mut seams.until(deadline)) {
                warn!("cannot record that this server was rebuilt: {error}");
            }
        }
        // Its stop may have published where its WAL ends, for a promotion that was broken off.
        ServerState::Crashed(_) => {
            publish::nothing(context, seams, &[context.attributes.position()]);
        }
        ServerState::Primary(_)
        | ServerState::Standby(_)
        | ServerState::Pending
        | ServerState::Starting
        | ServerState::Stopping
        | ServerState::Closed
        | ServerState::Silent
        | ServerState::Refusing(_)
        | ServerState::Stopped(Was::Standby)
        | ServerState::Unreadable
        | ServerState::Missing
        | ServerState::Elsewhere => {}
    }
    as_standby(seams)
}

/// Offers a former primary for promotion before it is started: afterwards nothing shows any more that it was
/// one, and an interrupted start would leave the cluster without a candidate for good.
fn offer<S: Server, C: Cluster>(context: &Context, seams: &mut Seams<'_, S, C>) {
    let deadline = seams.leaving(seams.left() / 2);
    let brief = &mut seams.until(deadline);
    // Likewise for what a killed action could not record.
    primary_ends::keep_stopped(context, brief, FoundPrimary::Stopped);
    if let Err(error) = scores::offer(context, brief) {
        warn!("cannot set the promotion score of a first primary: {error}");
    }
}

/// Starts a server that does not run, and verifies that it is a standby then.
pub(super) fn as_standby<S: Server, C>(seams: &mut Seams<'_, S, C>) -> ActionOutcome {
    if let Err(error) = seams.server.start(seams.deadline) {
        return ActionOutcome::failed(error.to_string());
    }
    let state = observe::settled(seams, seams.deadline);
    match state {
        ServerState::Standby(_) => ActionOutcome::SUCCESS,
        ServerState::Pending => {
            warn!("{}", state.sentence());
            ActionOutcome::SUCCESS
        }
        ServerState::Primary(_)
        | ServerState::Starting
        | ServerState::Stopping
        | ServerState::Closed
        | ServerState::Silent
        | ServerState::Refusing(_)
        | ServerState::Stopped(_)
        | ServerState::Crashed(_)
        | ServerState::Unreadable
        | ServerState::Missing
        | ServerState::Elsewhere => {
            let sentence = state.sentence();
            ActionOutcome::failed(format!(
                "the server was started as a standby, and {sentence}"
            ))
        }
    }
}
