//! Composes the document of `/state`: all known facts, in the form that `schemas/state.json` describes.

use serde_json::{Value, json};

use super::Facts;
use super::patroni::{parse, reason};
use crate::answer::line::line;
use crate::health::{
    ConnectionSlots, Contact, Maintenance, Quorum, Reachability, Receiver, Replay, Replication,
    State, SyncState, Transactions,
};

/// The version of the document: it is increased when a field changes its meaning, not when one is added.
const VERSION: u32 = 1;

/// The document.
pub(super) fn document(facts: &Facts<'_>) -> Value {
    let (role, replication) = match facts.state {
        State::Primary(_) => (Some("primary"), None),
        State::Standby(_, standby) => (Some("standby"), standby.replication.as_ref()),
        State::Down(_) => (None, None),
    };
    let room = facts.room().map(|room| match room {
        ConnectionSlots::Free => "free",
        ConnectionSlots::Full => "full",
    });
    let ordered = facts.ordered.map(|ordered| match ordered {
        Maintenance::Drain => "drain",
        Maintenance::Down => "down",
    });
    let details = facts.details;
    let list = |text: Option<&str>| text.and_then(parse).unwrap_or_else(|| json!([]));
    json!({
        "version": VERSION,
        "program": env!("CARGO_PKG_VERSION"),
        "uptime_seconds": facts.uptime.as_secs_f64(),
        "age_seconds": facts.age.as_secs_f64(),
        "answer": line(facts.verdict, facts.words).trim_end(),
        "role": role,
        "reason": reason(facts.verdict),
        "maintenance": ordered,
        "quorum": facts.quorum.map(Quorum::word),
        "other_primary": facts.rival.map(|(rival, silence)| json!({
            "node": rival.node,
            "timeline": rival.timeline,
            "heard_seconds_ago": silence.as_secs_f64(),
        })),
        "peers": facts.contacts.iter().map(peer).collect::<Vec<_>>(),
        "sync_state": facts.sync.map(SyncState::word),
        "connection_slots": room,
        "default_transaction_read_only": facts.transactions.map(is_read_only),
        "server_version": details.map(|details| details.server_version),
        "postmaster_start_time": details.map(|details| details.started.as_str()),
        "system_identifier": details.map(|details| details.system_identifier.as_str()),
        "timeline": details.and_then(|details| details.timeline),
        "flushed_lsn": details.and_then(|details| details.flushed).map(|lsn| lsn.to_string()),
        "replication": replication.map(|figures| replication_of(figures, facts)),
        "senders": details.map(|details| list(details.senders.as_deref())),
        "slots": details.map(|details| list(details.slots.as_deref())),
    })
}

/// The value of `default_transaction_read_only`.
fn is_read_only(transactions: Transactions) -> bool {
    match transactions {
        Transactions::ReadOnly => true,
        Transactions::ReadWrite => false,
    }
}

fn peer(contact: &Contact) -> Value {
    let answers = match contact.reach {
        Reachability::Unasked | Reachability::Own => None,
        Reachability::Answers => Some(true),
        Reachability::Silent => Some(false),
    };
    json!({ "node": contact.node, "answers": answers })
}

fn replication_of(figures: &Replication, facts: &Facts<'_>) -> Value {
    let (receiver, primary_end) = match figures.receiver {
        Receiver::Streaming { primary_end } => ("streaming", primary_end),
        Receiver::Gone => ("none", None),
        Receiver::Hidden => ("hidden", None),
    };
    let replay = match figures.replay {
        Replay::Running => "running",
        Replay::Paused => "paused",
    };
    json!({
        "receiver": receiver,
        "primary_end_lsn": primary_end.map(|lsn| lsn.to_string()),
        "received_lsn": figures.received.map(|lsn| lsn.to_string()),
        "replayed_lsn": figures.replayed.map(|lsn| lsn.to_string()),
        "replayed_commit": facts.details.and_then(|details| details.replayed_commit.as_deref()),
        "replay": replay,
        "lag_bytes": figures.lag().map(|lag| lag.0),
        "delay_seconds": facts.delay.map(|delay| delay.as_secs_f64()),
    })
}
