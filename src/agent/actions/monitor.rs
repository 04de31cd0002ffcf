//! Reports the state of the server. A primary also sets the scores of its standbys; no failure
//! of that makes a healthy server look like a failed one.

use std::time::Duration;

use tracing::warn;

use super::cluster::Cluster;
use super::outcome::ActionOutcome;
use super::server::Server;
use super::{Context, Seams, observe, primary, publish, scores};
use crate::agent::decide::state::{RoleSource, ServerState};
use crate::agent::ocf::code::Code;
use crate::health::Receiver;

/// What is left of the operation's time for its report, when it waits for a server that starts.
const TO_SAY: Duration = Duration::from_millis(500);

/// The action `monitor` that is not repeated. Pacemaker calls it on a node that has joined, and when an operator has
/// failures forgotten (`crm_resource --cleanup`, `--refresh`): a promotion that was refused there may be tried again;
/// otherwise nothing would report any more what is lacking.
pub fn probe<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> ActionOutcome {
    let outcome = monitor(context, seams);
    if let Code::Success | Code::NotRunning = outcome.code {
        let seams = &mut seams.until(seams.part_for_the_cluster());
        if let Err(error) = scores::end_own_refusal(context, seams) {
            warn!("the promotion score of this node is unchanged: {error}");
        }
    }
    outcome
}

/// The actions `monitor` and `status`.
pub fn monitor<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> ActionOutcome {
    // A primary needs both answers, and each takes about as long.
    if seams.server.seems_primary() {
        seams.cluster.foresee_nodes();
    }
    let state = observe::settled(seams, seams.leaving(TO_SAY));
    let seams = &mut seams.until(seams.part_for_the_cluster());
    match state {
        ServerState::Primary(RoleSource::Said(_)) => {
            if let Err(error) = primary::tell(context, seams, context.taken_for) {
                warn!("promotion scores are unchanged: {error}");
            }
        }
        ServerState::Standby(RoleSource::Said(Some(standby))) => {
            match standby.replication.map(|figures| figures.receiver) {
                Some(Receiver::Streaming { primary_end }) => {
                    publish::primary_seen(context, seams, primary_end);
                }
                Some(Receiver::Gone) => {
                    warn!("this standby gets no WAL from any primary");
                    if let Err(error) = scores::offer_lone_standby(context, seams) {
                        warn!("the promotion score of this standby is unchanged: {error}");
                    }
                }
                Some(Receiver::Hidden) | None => {}
            }
        }
        ServerState::Primary(RoleSource::ControlFile(_))
        | ServerState::Standby(RoleSource::ControlFile(_))
        | ServerState::Pending => {
            warn!("{}", state.sentence());
        }
        ServerState::Standby(RoleSource::Said(None))
        | ServerState::Starting
        | ServerState::Stopping
        | ServerState::Closed
        | ServerState::Silent
        | ServerState::Refusing(_)
        | ServerState::Stopped(_)
        | ServerState::Crashed(_)
        | ServerState::Unreadable
        | ServerState::Missing
        | ServerState::Elsewhere => {}
    }
    match state.code() {
        code @ (Code::Success | Code::RunningPromoted | Code::NotRunning) => {
            ActionOutcome::plainly(code)
        }
        code @ (Code::Generic
        | Code::Args
        | Code::Unimplemented
        | Code::Permission
        | Code::Installed
        | Code::Configured
        | Code::FailedPromoted) => ActionOutcome::because(code, state.sentence()),
    }
}
