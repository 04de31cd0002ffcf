//! Tells what the server is doing. A primary also tells the cluster what it thinks of its standbys; nothing of
//! that can make a healthy server look like a failed one.

use std::time::Duration;

use tracing::warn;

use super::cluster::Cluster;
use super::ending::Ending;
use super::server::Server;
use super::{Context, Hands, look, primary, publish, scores};
use crate::agent::decide::state::{Source, State};
use crate::agent::ocf::code::Code;
use crate::health::Receiver;

/// What is left of the operation's time, where it is waited for a server that starts, to say so.
const TO_SAY: Duration = Duration::from_millis(500);

/// The action `monitor` that is not repeated. Pacemaker looks so at a node that has come, and where an operator has what
/// has failed be forgotten (`crm_resource --cleanup`, `--refresh`): what was refused there may be tried again, or nothing
/// would tell any more what is lacking.
pub fn probe<S: Server, C: Cluster>(context: &Context, hands: &mut Hands<'_, S, C>) -> Ending {
    let ending = monitor(context, hands);
    if let Code::Success | Code::NotRunning = ending.code {
        let hands = &mut hands.until(hands.part_for_the_cluster());
        if let Err(error) = scores::end_own_refusal(context, hands) {
            warn!("the promotion score of this node stays as it is: {error}");
        }
    }
    ending
}

/// The actions `monitor` and `status`.
pub fn monitor<S: Server, C: Cluster>(context: &Context, hands: &mut Hands<'_, S, C>) -> Ending {
    // A primary needs both answers, and each takes about as long.
    if hands.server.seems_primary() {
        hands.cluster.foresee_nodes();
    }
    let state = look::settled(hands, hands.leaving(TO_SAY));
    let hands = &mut hands.until(hands.part_for_the_cluster());
    match state {
        State::Primary(Source::Said(_)) => {
            if let Err(error) = primary::tell(context, hands, context.taken_for) {
                warn!("promotion scores stay as they are: {error}");
            }
        }
        State::Standby(Source::Said(Some(standby))) => {
            match standby.replication.map(|figures| figures.receiver) {
                Some(Receiver::Streaming { primary_end }) => {
                    publish::primary_seen(context, hands, primary_end);
                }
                Some(Receiver::Gone) => {
                    warn!("this standby gets no WAL from any primary");
                    if let Err(error) = scores::offer_lone_standby(context, hands) {
                        warn!("the promotion score of this standby stays as it is: {error}");
                    }
                }
                Some(Receiver::Hidden) | None => {}
            }
        }
        State::Primary(Source::ControlFile(_))
        | State::Standby(Source::ControlFile(_))
        | State::Pending => {
            warn!("{}", state.sentence());
        }
        State::Standby(Source::Said(None))
        | State::Starting
        | State::Stopping
        | State::Closed
        | State::Silent
        | State::Refusing(_)
        | State::Stopped(_)
        | State::Crashed(_)
        | State::Unreadable
        | State::Missing
        | State::Elsewhere => {}
    }
    match state.code() {
        code @ (Code::Success | Code::RunningPromoted | Code::NotRunning) => Ending::plainly(code),
        code @ (Code::Generic
        | Code::Args
        | Code::Unimplemented
        | Code::Permission
        | Code::Installed
        | Code::Configured
        | Code::FailedPromoted) => Ending::because(code, state.sentence()),
    }
}
