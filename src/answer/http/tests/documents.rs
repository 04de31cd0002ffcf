//! The documents, and the schema of `/state`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

const SCHEMA: &str = include_str!("../../../../schemas/state.json");

#[test]
fn the_document_has_the_fields_of_patronis_in_its_order() {
    let standby = ask("GET /replica", STRICT, Verdict::Standby, &streaming());
    assert_eq!(standby.content_type, "application/json");
    assert_eq!(
        standby.body,
        "{\"state\":\"running\",\"postmaster_start_time\":\"2026-11-22 07:39:26.352526+00:00\",\
         \"role\":\"replica\",\"server_version\":150014,\"xlog\":{\"received_location\":\
         1073741824,\"replayed_location\":1073736824,\"replayed_timestamp\":\
         \"2026-11-22 08:00:00+00:00\",\"paused\":false},\"timeline\":3,\
         \"replication_state\":\"streaming\",\"database_system_identifier\":\
         \"7480000000000000001\"}"
    );
    let sender = r#"[{"usename":"r","application_name":"b","client_addr":null,"state":"streaming","sync_state":"async","sync_priority":0}]"#;
    let primary = Details {
        flushed: Some(Lsn(END)),
        replayed_commit: None,
        senders: Some(sender.into()),
        ..details()
    };
    let state = State::Primary(ConnectionSlots::Free);
    let plan = plan("GET", "/", "", STRICT).unwrap();
    let reply = with_facts(Verdict::Production, &state, &primary, |facts| {
        reply(&plan, facts)
    });
    assert_eq!(
        reply.body,
        "{\"state\":\"running\",\"postmaster_start_time\":\"2026-11-22 07:39:26.352526+00:00\",\
         \"role\":\"primary\",\"server_version\":150014,\"xlog\":{\"location\":1073741824},\
         \"timeline\":3,\"replication\":[{\"usename\":\"r\",\"application_name\":\"b\",\
         \"client_addr\":null,\"state\":\"streaming\",\"sync_state\":\"async\",\
         \"sync_priority\":0}],\"database_system_identifier\":\"7480000000000000001\"}"
    );
}

#[test]
fn unreadable_rows_are_null_in_the_document_and_no_rows_are_an_empty_list() {
    let unreadable = Details {
        senders: Some("[7]".into()),
        ..details()
    };
    let state = State::Primary(ConnectionSlots::Free);
    let plan = plan("GET", "/state", "", STRICT).unwrap();
    let body = with_facts(Verdict::Production, &state, &unreadable, |facts| {
        reply(&plan, facts).body
    });
    let document: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(document["senders"], Value::Null);
    assert_eq!(document["slots"], Value::Array(vec![]));
}

#[test]
fn a_list_that_is_too_long_is_null_and_named_as_left_out() {
    let long = Details {
        slots: Some(String::new()),
        ..details()
    };
    let state = State::Primary(ConnectionSlots::Free);
    let document = |details: &Details, path| -> Value {
        let plan = plan("GET", path, "", STRICT).unwrap();
        let body = with_facts(Verdict::Production, &state, details, |facts| {
            reply(&plan, facts).body
        });
        serde_json::from_str(&body).unwrap()
    };
    let of_state = document(&long, "/state");
    assert_eq!(of_state["slots"], Value::Null);
    assert_eq!(of_state["senders"], Value::Array(vec![]));
    assert_eq!(of_state["left_out"], serde_json::json!(["slots"]));
    let whole = document(&details(), "/state");
    assert_eq!(whole["left_out"], serde_json::json!([]));
    let long = Details {
        senders: Some(String::new()),
        ..details()
    };
    let patronis = document(&long, "/patroni");
    assert_eq!(patronis.get("replication"), Some(&Value::Null));
    assert_eq!(document(&details(), "/patroni").get("replication"), None);
}

/// `http-check expect string` searches the body whatever the status.
#[test]
fn the_documents_of_a_server_that_is_down_name_no_role() {
    for reason in DownReason::ALL {
        let (verdict, state) = (Verdict::Down(*reason), State::Down(*reason));
        for options in [
            STRICT,
            HttpOptions {
                dialect: Dialect::Xinetd,
                ..STRICT
            },
        ] {
            let plan = plan("GET", "/", "", options).unwrap();
            let reply = reply(
                &plan,
                &Facts {
                    verdict,
                    state: &state,
                    delay: None,
                    transactions: None,
                    ordered: None,
                    quorum: None,
                    rival: None,
                    sync: None,
                    contacts: &[],
                    details: None,
                    age: Duration::ZERO,
                    uptime: Duration::ZERO,
                    words: &RoleWords::default(),
                },
            );
            for word in PRIMARY_WORDS.iter().chain(&STANDBY_WORDS) {
                assert!(!reply.body.contains(word), "{}", reply.body);
            }
            assert!(reply.body.contains(reason.word()), "{}", reply.body);
        }
    }
}

/// Every field has the type that the schema gives it, and the schema knows every field.
fn conforms(value: &Value, schema: &Value, place: &str) {
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let several = schema["type"].as_array().into_iter().flatten();
    let types: Vec<&str> = several
        .chain([&schema["type"]])
        .filter_map(Value::as_str)
        .collect();
    assert!(types.contains(&name), "{place} is {name}, not {types:?}");
    if let Value::Object(fields) = value
        && let Value::Object(properties) = &schema["properties"]
    {
        let known: BTreeSet<_> = properties.keys().collect();
        let given: BTreeSet<_> = fields.keys().collect();
        assert_eq!(known, given, "{place}");
        let required = schema["required"].as_array().unwrap();
        assert_eq!(required.len(), known.len(), "{place}");
        for (name, field) in fields {
            conforms(field, &properties[name], &format!("{place}.{name}"));
        }
    }
}

#[test]
fn the_state_document_is_as_its_schema_says() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert_eq!(schema["properties"]["version"]["const"], 1);
    for (verdict, state) in columns() {
        let reply = ask("GET /state", STRICT, verdict, &state);
        let document: Value = serde_json::from_str(&reply.body).unwrap();
        conforms(&document, &schema, "state");
    }
}

#[test]
fn another_primary_is_named_in_the_state_document() {
    let rival = Rival {
        node: "srv2".into(),
        timeline: 4,
        standing: TimelineStanding::Newer,
        heard: std::time::Instant::now(),
    };
    let plan = plan("GET", "/state", "", STRICT).unwrap();
    let state = State::Primary(ConnectionSlots::Free);
    let verdict = Verdict::Down(DownReason::TwoPrimaries);
    let body = with_facts(verdict, &state, &details(), |facts| {
        let rival = Some((&rival, Duration::from_millis(1500)));
        reply(&plan, &Facts { rival, ..*facts }).body
    });
    let document: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(document["answer"], "down two-primaries");
    let other = &document["other_primary"];
    assert_eq!(
        other,
        &serde_json::json!({"node": "srv2", "timeline": 4, "heard_seconds_ago": 1.5})
    );
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    conforms(&document, &schema, "state");
}
