use super::*;

fn word(value: impl Serialize) -> String {
    serde_json::to_value(value)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn words_are_spelled_as_everywhere_else() {
    for quorum in [Quorum::Held, Quorum::Lost, Quorum::Unknown] {
        assert_eq!(word(quorum), quorum.word());
    }
    for state in SyncState::ALL {
        assert_eq!(word(state), state.word());
    }
}

#[test]
fn an_unknown_word_is_neither_a_known_one_nor_an_error() {
    let text = br#"{"version": 1, "role": "leader", "quorum": "", "of_tomorrow": [], "replication":
        {"receiver": "Streaming", "replay": "RUNNING"}}"#;
    let document = StateDocument::read(text).unwrap();
    assert_eq!(document.role.unwrap().known(), None);
    assert_eq!(document.quorum.unwrap().known(), None);
    let replication = document.replication.unwrap();
    assert_eq!(replication.receiver.unwrap().known(), None);
    assert_eq!(replication.replay.unwrap().known(), None);
}

#[test]
fn unreadable_rows_are_not_the_same_as_no_rows() {
    assert_eq!(rows::<SlotRow>(None), Some(vec![]));
    assert_eq!(rows::<SlotRow>(Some("[]")), Some(vec![]));
    assert_eq!(rows::<SlotRow>(Some(r#"[{"active": "t"}]"#)), None);
    assert_eq!(rows::<SlotRow>(Some("[")), None);
}

#[test]
fn a_field_of_another_type_is_an_error() {
    for wrong in [
        r#"{"version": 1, "role": 7}"#,
        r#"{"version": 1, "timeline": "3"}"#,
        r#"{"version": 1, "flushed_lsn": "0"}"#,
        r#"{"version": 1, "senders": [7]}"#,
        r#"{"version": 1, "replication": []}"#,
    ] {
        let error = StateDocument::read(wrong.as_bytes()).unwrap_err();
        assert!(matches!(error, StateDocumentError::Field(_)), "{wrong}");
    }
}

#[test]
fn an_error_is_one_short_line() {
    let lsn = format!("\\u001b[2J\\n{}", "0".repeat(10_000));
    let wrong = format!(r#"{{"version": 1, "flushed_lsn": "{lsn}"}}"#);
    let message = StateDocument::read(wrong.as_bytes())
        .unwrap_err()
        .to_string();
    assert!(
        !message.contains(char::is_control) && message.len() < 300,
        "{message}"
    );
}

#[test]
fn answers_of_other_programs_and_versions_are_errors() {
    for (other, error) in [
        ("{}", StateDocumentError::Foreign),
        ("[]", StateDocumentError::Foreign),
        ("null", StateDocumentError::Foreign),
        (r#"{"state": "running"}"#, StateDocumentError::Foreign),
        (r#"{"version": "1"}"#, StateDocumentError::Foreign),
        (
            r#"{"version": 2, "role": 7}"#,
            StateDocumentError::Version(2),
        ),
    ] {
        assert_eq!(StateDocument::read(other.as_bytes()), Err(error), "{other}");
    }
    let nested = format!("{{\"version\": 1, \"of_tomorrow\": {}", "[".repeat(100_000));
    for other in ["", "production\n", &nested] {
        let error = StateDocument::read(other.as_bytes()).unwrap_err();
        assert!(matches!(error, StateDocumentError::NoJson(_)), "{error}");
    }
}
