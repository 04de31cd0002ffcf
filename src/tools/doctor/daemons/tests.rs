//! Answers and silences of daemons, and the finding and the remedy for each.

use super::*;

const REFUSED: Silence = Silence {
    kind: SilenceKind::Refused,
    why: String::new(),
};

fn daemon(whose: Whose, heard: Result<&str, Silence>) -> Daemon {
    Daemon {
        node: "srv1".into(),
        address: "10.20.30.51".parse().unwrap(),
        whose,
        heard: heard.map(|line| StateAnswer::read(line, "production", "standby")),
    }
}

fn found(daemons: &[Daemon]) -> Vec<String> {
    found_with(daemons, QuorumNote::Written)
}

fn found_with(daemons: &[Daemon], quorum: QuorumNote) -> Vec<String> {
    let mut report = Report::default();
    let remedies = DaemonRemedies {
        port: 5431,
        own: Some("10.20.30.52".parse().unwrap()),
        option: " --config /etc/my.toml",
        quorum,
    };
    judge(daemons, &remedies, &mut report);
    let findings = report.findings().iter();
    findings
        .map(|found| format!("{}: {}: {}", found.id.word(), found.what, found.remedy))
        .collect()
}

#[test]
fn daemons_that_answer_are_fine() {
    let all = ["production", "standby", "lagging behind"];
    let all = all.map(|answer| daemon(Whose::Own, Ok(answer)));
    assert_eq!(found(&all), [""; 0]);
    assert_eq!(
        found(&[daemon(Whose::Others, Ok("down no-socket"))]),
        [""; 0]
    );
}

#[test]
fn failures_and_unknown_answers_are_found_and_own_down_answers_once() {
    assert_eq!(
        found(&[
            daemon(
                Whose::Own,
                Err(Silence {
                    why: "connection refused".into(),
                    ..REFUSED
                })
            ),
            daemon(Whose::Others, Ok("SSH-2.0-x")),
            daemon(Whose::Own, Ok("down auth")),
            daemon(Whose::Own, Ok("down auth")),
        ]),
        [
            "daemon-unreachable: the daemon of this host at 10.20.30.51 port 5431: connection \
             refused: systemctl enable --now pgsql-state.socket",
            "node-unreachable: the daemon of srv1 at 10.20.30.51 port 5431: \"SSH-2.0-x\" is not an \
             answer of a daemon: ssh srv1 \"ss --listening --tcp --processes 'sport = :5431'\"",
            "daemon-down: the daemon of this host answers `down auth`: runuser -u pgsql-state -- pgsql-state probe \
             --config /etc/my.toml; as the daemon's user it prints PostgreSQL's error message",
        ]
    );
    assert!(
        found(&[daemon(Whose::Own, Ok("down maintenance"))])[0]
            .ends_with("pgsql-state maintenance off --config /etc/my.toml")
    );
}

#[test]
fn without_quorum_the_remedy_is_the_unit_where_nothing_notes_the_quorum() {
    for (note, remedy) in [
        (
            QuorumNote::Missing,
            "systemctl enable --now pgsql-state-quorum.service",
        ),
        (QuorumNote::Written, "crm_mon --one-shot"),
    ] {
        let found = found_with(&[daemon(Whose::Own, Ok("down no-quorum"))], note);
        assert!(found[0].ends_with(&format!(": {remedy}")), "{found:?}");
    }
}

#[test]
fn the_remedy_for_a_silence_follows_from_its_kind() {
    for (kind, whose, remedy) in [
        (
            SilenceKind::Refused,
            Whose::Others,
            "ssh srv1 systemctl enable --now pgsql-state.socket",
        ),
        (
            SilenceKind::Closed,
            Whose::Others,
            "ssh srv1 pgsql-state check-config --explain 10.20.30.52",
        ),
        (
            SilenceKind::Closed,
            Whose::Own,
            "pgsql-state check-config /etc/my.toml --explain 10.20.30.51",
        ),
        (
            SilenceKind::Late,
            Whose::Others,
            "ssh srv1 systemctl status pgsql-state.socket pgsql-state.service",
        ),
        (
            SilenceKind::Other,
            Whose::Others,
            "ip route get 10.20.30.51",
        ),
    ] {
        let found = found(&[daemon(whose, Err(Silence { kind, ..REFUSED }))]);
        assert!(found[0].ends_with(&format!(": {remedy}")), "{found:?}");
    }
}

#[test]
fn an_answer_is_a_whole_line() {
    let read = |line| StateAnswer::read(line, "MASTER", "standby");
    assert_eq!(read("MASTER"), StateAnswer::Production);
    assert_eq!(read("production"), StateAnswer::Other("production".into()));
    assert_eq!(read("standby2"), StateAnswer::Other("standby2".into()));
    assert_eq!(read("down full"), StateAnswer::Down("full".into()));
}
