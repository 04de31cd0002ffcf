//! Reads the document `/state` of another node's daemon (`schemas/state.json`); does not know how it was requested.

use std::time::Duration;

use serde_json::Value;

use crate::health::{Claim, PeerServer, Sender, ServerIdentity, SyncState};

/// The version of the document that is understood.
const VERSION: u64 = 1;

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
pub fn read(body: &[u8]) -> Result<Option<ServerReport>, String> {
    let document: Value =
        serde_json::from_slice(body).map_err(|error| format!("the answer is not JSON: {error}"))?;
    match document.get("version").and_then(Value::as_u64) {
        Some(VERSION) => Ok(told(&document)),
        Some(other) => Err(format!("version {other} of /state is not supported")),
        None => Err("the answer is not from pgsql-state".into()),
    }
}

fn told(document: &Value) -> Option<ServerReport> {
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let claim = match text("role")? {
        "primary" => Claim::Primary,
        "standby" => Claim::Standby,
        _ => return None,
    };
    let age = document.get("age_seconds")?.as_f64()?;
    let senders = document.get("senders").and_then(Value::as_array);
    Some(ServerReport {
        server: PeerServer {
            instance: ServerIdentity {
                system: text("system_identifier")?.to_owned(),
                started: text("postmaster_start_time")?.to_owned(),
            },
            claim,
            timeline: document.get("timeline")?.as_i64()?,
            senders: senders.into_iter().flatten().filter_map(sender).collect(),
        },
        age: Duration::try_from_secs_f64(age).ok()?,
    })
}

fn sender(row: &Value) -> Option<Sender> {
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    Some(Sender {
        name: text("application_name")?.to_owned(),
        sync: text("sync_state").and_then(SyncState::parse),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
                7,
            ],
            "unheard": "of",
        })
    }

    fn reading(document: &Value) -> Result<Option<ServerReport>, String> {
        read(document.to_string().as_bytes())
    }

    #[test]
    fn a_server_is_read_with_its_age() {
        let told = reading(&document()).unwrap().unwrap();
        assert_eq!(told.age, Duration::from_millis(250));
        assert_eq!(told.server.claim, Claim::Primary);
        assert_eq!(told.server.timeline, 3);
        assert_eq!(told.server.instance.system, "7480000000000000001");
        let rows: Vec<_> = told
            .server
            .senders
            .iter()
            .map(|row| (row.name.as_str(), row.sync))
            .collect();
        let quorum = Some(SyncState::Quorum);
        assert_eq!(rows, [("srv2", quorum), ("srv3", None), ("srv4", None)]);
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
            ("postmaster_start_time", 7.into()),
            ("timeline", Value::Null),
            ("timeline", "3".into()),
        ] {
            let mut document = document();
            document[name] = value;
            assert_eq!(reading(&document), Ok(None), "{name}");
        }
    }

    #[test]
    fn answers_of_other_programs_and_versions_are_errors() {
        let wrong = read(b"production\n").unwrap_err();
        assert!(wrong.starts_with("the answer is not JSON"), "{wrong}");
        assert!(reading(&json!({"state": "running"})).is_err());
        assert!(reading(&json!({"version": 2})).is_err());
        assert!(reading(&json!([])).is_err());
    }
}
