//! Composes the document of Patroni's REST API, with the fields that are known without Patroni's distributed
//! configuration store: in Patroni's order, with LSNs as decimal numbers of bytes.

use serde_json::{Map, Value, json};

use super::Facts;
use super::judge::{from_archive, streams};
use crate::health::{Details, DownReason, Lsn, Replay, Replication, State, SyncState, Verdict};

/// The document; `another` is the reason for which a standby does not meet the request.
pub(super) fn document(facts: &Facts<'_>, another: Option<&'static str>) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.into(), value);
    let details = facts.details;
    put("state", running(facts).into());
    if let Some(details) = details {
        put("postmaster_start_time", details.started.clone().into());
    }
    // If the verdict is down, the role must not appear: a load balancer may search the body for it.
    match (facts.state, facts.verdict) {
        (_, Verdict::Down(_)) | (State::Down(_), _) => None,
        (State::Primary(_), Verdict::Production | Verdict::Standby | Verdict::Lagging(_)) => {
            put("role", "primary".into())
        }
        (State::Standby(_, _), Verdict::Production | Verdict::Standby | Verdict::Lagging(_)) => {
            put("role", "replica".into())
        }
    };
    if let Some(details) = details {
        put("server_version", details.server_version.into());
        put("xlog", xlog(facts, details));
        // These names contain that of a role too.
        match facts
            .sync
            .filter(|_| !matches!(facts.verdict, Verdict::Down(_)))
        {
            Some(SyncState::Sync) => put("sync_standby", true.into()),
            Some(SyncState::Quorum) => put("quorum_standby", true.into()),
            Some(SyncState::Async | SyncState::Potential) | None => None,
        };
        put("timeline", details.timeline.into());
        if streams(facts) {
            put("replication_state", "streaming".into());
        } else if from_archive(facts) {
            put("replication_state", "in archive recovery".into());
        }
        if let Some(senders) = details.senders.as_deref().and_then(parse) {
            put("replication", senders);
        }
        let identifier = details.system_identifier.clone();
        put("database_system_identifier", identifier.into());
    }
    if let Some(reason) = reason(facts.verdict).or(another) {
        put("reason", reason.into());
    }
    fields.into()
}

/// The state of the server's process, in Patroni's words.
pub(in crate::answer) fn running(facts: &Facts<'_>) -> &'static str {
    let reason = match facts.state {
        State::Primary(_) | State::Standby(_, _) => return "running",
        State::Down(reason) => reason,
    };
    match reason {
        DownReason::Starting | DownReason::Recovering => "starting",
        DownReason::ShuttingDown => "stopping",
        DownReason::NoSocket | DownReason::Refused => "stopped",
        DownReason::NotAccepting
        | DownReason::NotHot
        | DownReason::Unreachable
        | DownReason::NoHost
        | DownReason::Denied
        | DownReason::OtherServer
        | DownReason::Timeout
        | DownReason::Hung
        | DownReason::Full
        | DownReason::Auth
        | DownReason::NoDatabase
        | DownReason::DatabaseClosed
        | DownReason::MissingFile
        | DownReason::Tls
        | DownReason::Lost
        | DownReason::Maintenance
        | DownReason::NoQuorum
        | DownReason::TwoPrimaries
        | DownReason::ReadOnly
        | DownReason::Internal => "unknown",
    }
}

fn xlog(facts: &Facts<'_>, details: &Details) -> Value {
    let replication = match facts.state {
        State::Standby(_, standby) => standby.replication,
        State::Primary(_) | State::Down(_) => {
            return json!({ "location": details.flushed.map(|lsn| lsn.0) });
        }
    };
    let Some(Replication {
        received,
        replayed,
        replay,
        ..
    }) = replication
    else {
        return json!({});
    };
    let bytes = |lsn: Option<Lsn>| lsn.map(|lsn| lsn.0);
    json!({
        "received_location": bytes(received.or(replayed)),
        "replayed_location": bytes(replayed),
        "replayed_timestamp": details.replayed_commit,
        "paused": replay == Replay::Paused,
    })
}

/// Parses a part that the server returned as JSON text.
pub(super) fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// The reason of the verdict, in the state port's words.
pub(super) fn reason(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Production | Verdict::Standby => None,
        Verdict::Lagging(reason) => Some(reason.word()),
        Verdict::Down(reason) => Some(reason.word()),
    }
}
