//! Composes the document of `/state` of what is known of the server.

use super::Facts;
use crate::answer::document::{
    ListName, LsnText, OtherPrimary, PeerRow, PeerServerRow, PeerSlotRow, ReplicationFields,
    StateDocument, VERSION, Word, rows,
};
use crate::answer::state_port::line;
use crate::health::{
    Claim, Contact, Details, Lsn, PeerServer, PeerSlot, Reachability, Receiver, Replication, State,
    Transactions,
};

/// The document.
pub(super) fn document(facts: &Facts<'_>) -> StateDocument {
    let (role, replication) = match facts.state {
        State::Primary(_) => (Some(Claim::Primary), None),
        State::Standby(_, standby) => (Some(Claim::Standby), standby.replication.as_ref()),
        State::Down(_) => (None, None),
    };
    let details = facts.details;
    StateDocument {
        version: VERSION,
        program: Some(env!("CARGO_PKG_VERSION").into()),
        uptime_seconds: Some(facts.uptime.as_secs_f64()),
        age_seconds: Some(facts.age.as_secs_f64()),
        answer: Some(line(facts.verdict, facts.words).trim_end().into()),
        role: role.map(Word::Known),
        reason: facts.verdict.reason().map(Into::into),
        maintenance: facts.ordered.map(Word::Known),
        quorum: facts.quorum.map(Word::Known),
        other_primary: facts.rival.map(|(rival, silence)| OtherPrimary {
            node: rival.node.clone(),
            timeline: rival.timeline,
            heard_seconds_ago: silence.as_secs_f64(),
        }),
        peers: Some(facts.contacts.iter().map(peer).collect()),
        sync_state: facts.sync.map(Word::Known),
        connection_slots: facts.slots().map(Word::Known),
        default_transaction_read_only: facts.transactions.map(Transactions::is_read_only),
        server_version: details.map(|details| details.server_version),
        postmaster_start_time: details.map(|details| details.started.clone()),
        system_identifier: details.map(|details| details.system_identifier.clone()),
        timeline: details.and_then(|details| details.timeline),
        flushed_lsn: text(details.and_then(|details| details.flushed)),
        replication: replication.map(|figures| replication_of(figures, facts)),
        senders: details.and_then(|details| rows(details.senders.as_deref())),
        slots: details.and_then(|details| rows(details.slots.as_deref())),
        left_out: details.map(left_out),
    }
}

/// The lists that the server did not send because they are too long.
fn left_out(details: &Details) -> Vec<Word<ListName>> {
    let lists = [
        (ListName::Senders, &details.senders),
        (ListName::Slots, &details.slots),
    ];
    let too_long = lists
        .into_iter()
        .filter(|(_, list)| list.as_deref() == Some(""));
    too_long.map(|(name, _)| Word::Known(name)).collect()
}

fn peer(contact: &Contact) -> PeerRow {
    PeerRow {
        node: contact.node.clone(),
        answers: match contact.reach {
            Reachability::Unasked | Reachability::Own => None,
            Reachability::Answers => Some(true),
            Reachability::Silent => Some(false),
        },
        server: contact.server.as_ref().map(server),
    }
}

fn server(server: &PeerServer) -> PeerServerRow {
    let slot = |slot: &PeerSlot| PeerSlotRow {
        slot_name: Some(slot.name.clone()),
        restart_lsn: Some(LsnText(slot.restart)),
    };
    PeerServerRow {
        system_identifier: Some(server.instance.system.clone()),
        role: Some(Word::Known(server.claim)),
        timeline: Some(server.timeline),
        end_lsn: text(server.end),
        slots: Some(server.slots.iter().map(slot).collect()),
    }
}

fn replication_of(figures: &Replication, facts: &Facts<'_>) -> ReplicationFields {
    let primary_end = match figures.receiver {
        Receiver::Streaming { primary_end } => primary_end,
        Receiver::Gone | Receiver::Hidden => None,
    };
    let replayed_commit = facts
        .details
        .and_then(|details| details.replayed_commit.clone());
    ReplicationFields {
        receiver: Some(Word::Known(figures.receiver.into())),
        primary_end_lsn: text(primary_end),
        received_lsn: text(figures.received),
        replayed_lsn: text(figures.replayed),
        replayed_commit,
        replay: Some(Word::Known(figures.replay)),
        lag_bytes: figures.lag().map(|lag| lag.0),
        delay_seconds: facts.delay.map(|delay| delay.as_secs_f64()),
    }
}

fn text(lsn: Option<Lsn>) -> Option<LsnText> {
    lsn.map(LsnText)
}
