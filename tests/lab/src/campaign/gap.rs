//! How long clients found no primary, and how long no write was acknowledged; pure.

use std::time::Duration;

use pgsql_state_traffic::history::{History, Silence, Told, longest_silence};

use crate::host::Host;
use crate::scenario::Phases;

/// Something that was done, and when, since 1970.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) at: Duration,
    pub(super) what: String,
}

/// The longest time in which the client that no fault kills got no answer of a primary through HAProxy.
pub(super) fn without_a_primary(history: &History) -> Silence {
    longest_silence(history, Host::Client.name(), |told| match told {
        Told::Acknowledged(_) => true,
        Told::Value(server, _) | Told::Members(server, _) => server.writes.is_some(),
        Told::Role(_) | Told::Failed(_) | Told::Unknown(_) => false,
    })
}

/// The longest time in which no write of the same client was acknowledged: there may have been a primary that waited for
/// a standby.
pub(super) fn without_a_write(history: &History) -> Silence {
    longest_silence(history, Host::Client.name(), |told| {
        matches!(told, Told::Acknowledged(_))
    })
}

/// Where the time of a gap went, in words.
pub(super) fn parts(phases: &Phases) -> String {
    [
        ("until Pacemaker decided", phases.detect),
        ("fencing", phases.fence),
        ("stopping, electing, promoting", phases.promote),
        ("HAProxy", phases.route),
        ("the client", phases.connect),
    ]
    .into_iter()
    .filter(|(_, took)| *took >= Duration::from_millis(50))
    .map(|(what, took)| format!("{what} {:.1}", took.as_secs_f64()))
    .collect::<Vec<_>>()
    .join(", ")
}
