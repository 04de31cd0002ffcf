//! Starts the server, always as a standby: which one becomes the primary is the cluster's choice. A crashed
//! primary replays its own WAL on the way and is never open for writers.

use tracing::{info, warn};

use super::cluster::Cluster;
use super::ending::Ending;
use super::ends::{self, Found};
use super::server::Server;
use super::{Context, Hands, copy, look, scores};
use crate::agent::decide::decision::{self, ToStart};
use crate::agent::decide::state::{State, Was};

/// The action `start`.
pub fn start<S: Server, C: Cluster>(context: &Context, hands: &mut Hands<'_, S, C>) -> Ending {
    let before = look::settled(hands, look::patience(hands));
    match decision::start(before) {
        ToStart::Already => return Ending::SUCCESS,
        ToStart::Start => {}
        ToStart::Fail(code) => {
            // What is missing is named by a parameter, which is what has to be mended.
            if before == State::Missing
                && let Some(problem) = hands.server.problem(&context.local, hands.deadline)
            {
                return Ending::because(problem.code, problem.sentence);
            }
            let sentence = before.sentence();
            return Ending::because(code, format!("cannot start the server: {sentence}"));
        }
    }
    if let Some(problem) = hands.server.problem(&context.local, hands.deadline) {
        return Ending::because(problem.code, problem.sentence);
    }
    info!(
        "starting the server as a standby; before, {}",
        before.sentence()
    );
    match before {
        State::Stopped(Was::Primary) => offer(context, hands),
        State::Stopped(Was::Backup) => {
            let deadline = hands.leaving(hands.left() / 2);
            if let Err(error) = copy::keep(context, &mut hands.until(deadline)) {
                warn!("that this server was made anew is not kept: {error}");
            }
        }
        State::Primary(_)
        | State::Standby(_)
        | State::Pending
        | State::Starting
        | State::Stopping
        | State::Closed
        | State::Silent
        | State::Refusing(_)
        | State::Stopped(Was::Standby)
        | State::Crashed(_)
        | State::Unreadable
        | State::Missing
        | State::Elsewhere => {}
    }
    as_standby(hands)
}

/// Offers a former primary for promotion, before it is started: afterwards nothing tells any more that it was
/// one, and a start that is broken off in between would leave the cluster without a candidate for good.
fn offer<S: Server, C: Cluster>(context: &Context, hands: &mut Hands<'_, S, C>) {
    let deadline = hands.leaving(hands.left() / 2);
    let brief = &mut hands.until(deadline);
    // The same holds for what an action was killed before it could tell.
    ends::keep_stopped(context, brief, Found::Stopped);
    if let Err(error) = scores::offer(context, brief) {
        warn!("the promotion score of a first primary is not set: {error}");
    }
}

/// Starts a server that is not there, and sees that it is a standby then.
pub(super) fn as_standby<S: Server, C>(hands: &mut Hands<'_, S, C>) -> Ending {
    if let Err(error) = hands.server.start(hands.deadline) {
        return Ending::failed(error.to_string());
    }
    let state = look::settled(hands, hands.deadline);
    match state {
        State::Standby(_) => Ending::SUCCESS,
        State::Pending => {
            warn!("{}", state.sentence());
            Ending::SUCCESS
        }
        State::Primary(_)
        | State::Starting
        | State::Stopping
        | State::Closed
        | State::Silent
        | State::Refusing(_)
        | State::Stopped(_)
        | State::Crashed(_)
        | State::Unreadable
        | State::Missing
        | State::Elsewhere => {
            let sentence = state.sentence();
            Ending::failed(format!(
                "the server was started as a standby, and {sentence}"
            ))
        }
    }
}
