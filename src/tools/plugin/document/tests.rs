use super::*;
use crate::answer::http::{Facts as Told, plan};
use crate::answer::metrics::{Exposition, Metrics, MetricsFormat};
use crate::config::{HttpOptions, MetricNames};
use crate::health::{Archive, Details, Maintenance, RoleWords, maintain};
use crate::health::{ConnectionSlots, Lsn, Replay};

const DELAY: Duration = Duration::from_millis(1500);

const SENDERS: &str = r#"[{"application_name": "a", "state": "streaming"},
    {"application_name": "b", "state": "catchup"}]"#;

fn details() -> Details {
    Details {
        server_version: 150_014,
        started: "2026-11-22 07:39:26.352526+00:00".into(),
        system_identifier: "7480000000000000001".into(),
        timeline: Some(3),
        flushed: None,
        replayed_commit: None,
        archive: Archive::None,
        receiver_name: None,
        senders: Some(SENDERS.into()),
        slots: None,
    }
}

/// The document that the daemon sends for these facts.
fn document(verdict: Verdict, state: &State, details: Option<&Details>) -> String {
    let told = Told {
        verdict,
        state,
        delay: matches!(state, State::Standby(_, _)).then_some(DELAY),
        transactions: None,
        ordered: None,
        quorum: None,
        rival: None,
        sync: None,
        contacts: &[],
        details,
        age: Duration::ZERO,
        uptime: Duration::ZERO,
        words: &RoleWords::default(),
    };
    let plan = plan("GET", "/state", "", HttpOptions::default()).unwrap();
    let metrics_as = Exposition {
        form: MetricsFormat::Text,
        names: MetricNames::Own,
    };
    plan.reply(&told, &Metrics::new(Vec::new()), metrics_as)
        .body
}

fn standby(receiver: Receiver, replay: Replay) -> State {
    let replication = Some(Replication {
        receiver,
        received: Some(Lsn(1 << 33)),
        replayed: Some(Lsn(5)),
        replay,
        last_commit_age: None,
    });
    State::Standby(ConnectionSlots::Free, Standby { replication })
}

/// Every verdict with each state for which it can be answered.
fn everything() -> Vec<(Verdict, State)> {
    let streaming = Receiver::Streaming {
        primary_end: Some(Lsn(1 << 34)),
    };
    let primary = State::Primary(ConnectionSlots::Full);
    let standbys = [
        standby(streaming, Replay::Running),
        standby(streaming, Replay::Paused),
        standby(Receiver::Streaming { primary_end: None }, Replay::Running),
        standby(Receiver::Gone, Replay::Running),
        standby(Receiver::Hidden, Replay::Running),
        State::Standby(ConnectionSlots::Free, Standby { replication: None }),
    ];
    let mut all = vec![
        (Verdict::Production, primary),
        (Verdict::Down(DownReason::Full), primary),
        (Verdict::Down(DownReason::NoQuorum), primary),
    ];
    for state in standbys {
        all.push((Verdict::Standby, state));
        let orders = [Maintenance::Drain, Maintenance::Down];
        all.extend(orders.map(|order| (maintain(Verdict::Standby, Some(order)), state)));
        let reasons = LagReason::ALL.iter();
        all.extend(reasons.map(|reason| (Verdict::Lagging(*reason), state)));
    }
    let reasons = DownReason::ALL.iter();
    all.extend(reasons.map(|reason| (Verdict::Down(*reason), State::Down(*reason))));
    all
}

#[test]
fn a_document_of_the_daemon_is_read_back_into_the_same_facts() {
    for (verdict, state) in everything() {
        let facts = read(document(verdict, &state, Some(&details())).as_bytes()).unwrap();
        let delay = match &state {
            State::Standby(_, standby) => standby.replication.map(|_| DELAY),
            State::Primary(_) | State::Down(_) => None,
        };
        let senders = Senders {
            streaming: 1,
            otherwise: 1,
            hidden: 0,
        };
        let expected = CheckFacts {
            verdict,
            state,
            delay,
            senders: Some(senders),
            slots: Some(Vec::new()),
        };
        assert_eq!(facts, expected);
        let facts = read(document(verdict, &state, None).as_bytes()).unwrap();
        assert_eq!((facts.senders, facts.slots), (None, None));
    }
}

#[test]
fn renamed_roles_are_the_same_roles() {
    let state = State::Primary(ConnectionSlots::Free);
    let renamed = document(Verdict::Production, &state, None).replace("production", "MASTER");
    assert_eq!(
        read(renamed.as_bytes()).unwrap().verdict,
        Verdict::Production
    );
}

/// A field that is missing or changed must not become another verdict.
#[test]
fn a_document_that_contradicts_itself_is_refused() {
    let primary = document(
        Verdict::Production,
        &State::Primary(ConnectionSlots::Free),
        None,
    );
    let reason = DownReason::NoSocket;
    let down = document(Verdict::Down(reason), &State::Down(reason), None);
    for (document, from, to) in [
        (&primary, "\"role\": \"primary\"", "\"role\": null"),
        (&primary, "\"role\": \"primary\"", "\"role\": \"leader\""),
        (
            &primary,
            "\"answer\": \"production\"",
            "\"answer\": \"down auth\"",
        ),
        (&primary, "\"reason\": null", "\"reason\": \"auth\""),
        (&primary, "\"reason\": null", "\"reason\": 7"),
        (&primary, "\"version\": 1", "\"version\": 2"),
        (
            &primary,
            "\"connection_slots\": \"free\"",
            "\"connection_slots\": null",
        ),
        (&down, "\"role\": null", "\"role\": \"standby\""),
        (&down, "\"reason\": \"no-socket\"", "\"reason\": null"),
        (&down, "\"reason\": \"no-socket\"", "\"reason\": \"auth\""),
        (&down, "no-socket", "of-tomorrow"),
        (&down, "down no-socket", "lagging no-socket"),
    ] {
        assert!(document.contains(from), "{from} in {document}");
        assert!(read(document.replace(from, to).as_bytes()).is_err(), "{to}");
    }
    for foreign in [
        "",
        "{}",
        "null",
        "[]",
        "{\"state\": \"running\", \"role\": \"primary\"}",
    ] {
        let refused = read(foreign.as_bytes());
        assert!(matches!(refused, Err(DocumentError::Form(_))), "{foreign}");
    }
}
