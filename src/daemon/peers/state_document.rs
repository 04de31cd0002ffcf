//! Reads the document `/state` of another node's daemon for this one; does not know how it was requested.

use std::time::Duration;

use crate::answer::document::{
    LsnText, ReceiverWord, ReplicationFields, SenderRow, SlotRow, StateDocument,
    StateDocumentError, Word,
};
use crate::health::{Lsn, PeerServer, PeerSlot, Sender, ServerIdentity, SyncState};

/// The state of a server, and its age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerReport {
    /// The server.
    pub server: PeerServer,
    /// The age of the state when the document was sent.
    pub age: Duration,
}

/// Reads the document; `None` if it describes no running server, or lacks a required fact. The error is a
/// message for the log.
pub fn read(body: &[u8]) -> Result<Option<ServerReport>, StateDocumentError> {
    StateDocument::read(body).map(report_of)
}

fn report_of(document: StateDocument) -> Option<ServerReport> {
    let senders = document.senders.unwrap_or_default();
    let slots = document.slots.unwrap_or_default();
    Some(ServerReport {
        server: PeerServer {
            instance: ServerIdentity {
                system: document.system_identifier?,
                started: document.postmaster_start_time?,
            },
            claim: document.role.as_ref().and_then(Word::known)?,
            timeline: document.timeline?,
            senders: senders.into_iter().filter_map(sender).collect(),
            end: end(document.flushed_lsn, document.replication.as_ref()),
            slots: slots.into_iter().filter_map(slot).collect(),
        },
        age: Duration::try_from_secs_f64(document.age_seconds?).ok()?,
    })
}

/// How far the WAL of a server reaches. What its WAL receiver has counts only while it streams: after a start it is where the
/// receiver was told to begin.
fn end(flushed: Option<LsnText>, replication: Option<&ReplicationFields>) -> Option<Lsn> {
    let lsn = match replication {
        None => flushed,
        Some(fields) => match fields.receiver.as_ref().and_then(Word::known) {
            Some(ReceiverWord::Streaming) => fields.received_lsn.or(fields.replayed_lsn),
            Some(ReceiverWord::None | ReceiverWord::Hidden) | None => fields.replayed_lsn,
        },
    };
    lsn.map(|LsnText(lsn)| lsn)
}

fn slot(row: SlotRow) -> Option<PeerSlot> {
    let is_physical = row.slot_type.as_deref() == Some("physical");
    let LsnText(restart) = row.restart_lsn.filter(|_| is_physical)?;
    Some(PeerSlot {
        name: row.slot_name?,
        restart,
    })
}

fn sender(row: SenderRow) -> Option<Sender> {
    Some(Sender {
        name: row.application_name?,
        sync: row.sync_state.as_deref().and_then(SyncState::parse),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::health::Claim;

    fn document() -> Value {
        json!({
            "version": 1,
            "age_seconds": 0.25,
            "role": "primary",
            "system_identifier": "7480000000000000001",
            "postmaster_start_time": "2026-11-22 07:39:26.352526+00:00",
            "timeline": 3,
            "senders": [
                { "application_name": "srv2", "sync_state": "quorum" },
                { "application_name": "srv3", "sync_state": null },
                { "application_name": "srv4", "sync_state": "sunk" },
                { "sync_state": "sync" },
            ],
            "unheard": "of",
        })
    }

    fn reading(document: &Value) -> Result<Option<ServerReport>, StateDocumentError> {
        read(document.to_string().as_bytes())
    }

    #[test]
    fn a_server_is_read_with_its_age() {
        let report = reading(&document()).unwrap().unwrap();
        assert_eq!(report.age, Duration::from_millis(250));
        assert_eq!(report.server.claim, Claim::Primary);
        assert_eq!(report.server.timeline, 3);
        assert_eq!(report.server.instance.system, "7480000000000000001");
        let rows: Vec<_> = report
            .server
            .senders
            .iter()
            .map(|row| (row.name.as_str(), row.sync))
            .collect();
        let quorum = Some(SyncState::Quorum);
        assert_eq!(rows, [("srv2", quorum), ("srv3", None), ("srv4", None)]);
    }

    #[test]
    fn the_end_of_wal_is_what_is_flushed_received_while_it_streams_or_replayed() {
        let mut document = document();
        let end = |document: &Value| {
            let report = reading(document).unwrap().unwrap();
            report.server.end.map(|end| end.to_string())
        };
        assert_eq!(end(&document), None);
        document["flushed_lsn"] = "0/5000".into();
        assert_eq!(end(&document).as_deref(), Some("0/5000"));
        document["flushed_lsn"] = Value::Null;
        for (receiver, expected) in [
            ("streaming", "0/4000"),
            ("none", "0/3000"),
            ("hidden", "0/3000"),
        ] {
            document["replication"] = json!({
                "receiver": receiver, "received_lsn": "0/4000", "replayed_lsn": "0/3000",
            });
            assert_eq!(end(&document).as_deref(), Some(expected), "{receiver}");
        }
    }

    #[test]
    fn the_physical_slots_that_reserve_wal_are_read() {
        let mut document = document();
        document["slots"] = json!([
            { "slot_name": "a", "slot_type": "physical", "restart_lsn": "0/1" },
            { "slot_name": "b", "slot_type": "physical", "restart_lsn": null },
            { "slot_name": "c", "slot_type": "logical", "restart_lsn": "0/1" },
        ]);
        let slots = reading(&document).unwrap().unwrap().server.slots;
        let expected = PeerSlot {
            name: "a".into(),
            restart: Lsn(1),
        };
        assert_eq!(slots, [expected]);
    }

    #[test]
    fn a_document_that_lacks_a_required_fact_is_no_report() {
        for (name, value) in [
            ("role", Value::Null),
            ("role", "leader".into()),
            ("age_seconds", (-1.0).into()),
            ("age_seconds", 1e300.into()),
            ("age_seconds", Value::Null),
            ("system_identifier", Value::Null),
            ("timeline", Value::Null),
        ] {
            let mut document = document();
            document[name] = value;
            assert_eq!(reading(&document), Ok(None), "{name}");
        }
    }

    #[test]
    fn what_is_no_document_is_an_error() {
        for (name, value) in [
            ("postmaster_start_time", Value::from(7)),
            ("timeline", "3".into()),
            ("version", 2.into()),
        ] {
            let mut document = document();
            document[name] = value;
            assert!(reading(&document).is_err(), "{name}");
        }
        assert!(read(b"production\n").is_err());
    }
}
