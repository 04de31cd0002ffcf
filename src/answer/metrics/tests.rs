use std::collections::BTreeSet;

use super::*;
use crate::health::{
    Archive, Details, DownReason, LagReason, Lsn, Receiver, Replay, Replication, RoleWords, Standby,
};

fn text_of(metrics: &Metrics, verdict: Verdict, state: &State, form: MetricsFormat) -> String {
    let facts = Facts {
        verdict,
        state,
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
    };
    let names = MetricNames::Own;
    metrics.text(&facts, Exposition { form, names })
}

fn of_primary(metrics: &Metrics, form: MetricsFormat) -> String {
    let state = State::Primary(ConnectionSlots::Free);
    text_of(metrics, Verdict::Production, &state, form)
}

fn counted() -> Arc<Metrics> {
    let counts = Arc::new(Counts::default());
    let metrics = Metrics::new(vec![("state", Arc::clone(&counts))]);
    counts.count(Reason::Denied);
    counts.count(Reason::Denied);
    let meter = metrics.meter("state");
    meter.answered(Verdict::Production, 7);
    meter.answered(Verdict::Lagging(LagReason::Behind), 2);
    meter.answered(Verdict::Down(DownReason::NoSocket), 1);
    meter.waited(Duration::from_micros(300));
    metrics.meter("http").refused("404");
    metrics.asked(Duration::from_millis(1), 10);
    metrics.connected(Ok(ConnectionSlots::Free));
    metrics.connected(Err(Failure::TimedOut));
    metrics
}

#[test]
fn every_metric_is_declared_for_the_manual_and_no_other() {
    let text = of_primary(&counted(), MetricsFormat::Text);
    let helps = text.lines().filter_map(|line| line.strip_prefix("# HELP "));
    let shown: BTreeSet<(String, String)> = helps
        .filter_map(|line| line.split_once(' '))
        .map(|(name, help)| (name.to_owned(), help.trim_end_matches('.').to_owned()))
        .collect();
    // A value that is unknown for this server is not shown.
    let unknown = [
        "quorum",
        "lag_bytes",
        "delay_seconds",
        "timeline",
        "slot_active",
        "slot_retained_bytes",
        "slot_safe_bytes",
        "slot_inactive_seconds",
        "slot_wal_status",
    ];
    let declared = METRICS.map(|metric| (metric.family(), metric.help.to_owned()));
    let declared = declared
        .into_iter()
        .filter(|(name, _)| !unknown.iter().any(|end| name.ends_with(end)));
    assert_eq!(shown, declared.collect());
}

#[test]
fn counts_are_shown() {
    let text = of_primary(&counted(), MetricsFormat::Text);
    for line in [
        "pgsql_state_connections_total{protocol=\"state\",reason=\"denied\"} 2",
        "pgsql_state_connections_total{protocol=\"state\",reason=\"trusted\"} 0",
        "pgsql_state_answers_total{protocol=\"state\",outcome=\"production\",reason=\"\"} 7",
        "pgsql_state_answers_total{protocol=\"state\",outcome=\"lagging\",reason=\"behind\"} 2",
        "pgsql_state_answers_total{protocol=\"state\",outcome=\"down\",reason=\"no-socket\"} 1",
        "pgsql_state_answers_total{protocol=\"http\",outcome=\"refused\",reason=\"404\"} 1",
        "pgsql_state_answer_seconds_bucket{le=\"0.00025\",protocol=\"state\"} 0",
        "pgsql_state_answer_seconds_bucket{le=\"0.0005\",protocol=\"state\"} 1",
        "pgsql_state_questions_total 1",
        "pgsql_state_question_checks_total 10",
        "pgsql_state_fresh_connections_total{outcome=\"in\"} 1",
        "pgsql_state_fresh_connections_total{outcome=\"timeout\"} 1",
        "pgsql_state_role{role=\"primary\"} 1",
        "pgsql_state_role{role=\"standby\"} 0",
        "pgsql_state_connection_slots_full 0",
        "pgsql_state_maintenance 0",
        "pgsql_state_two_primaries 0",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line} in {text}");
    }
}

#[test]
fn each_format_names_a_counter_in_comments_by_its_own_rule() {
    let metrics = counted();
    let text = of_primary(&metrics, MetricsFormat::Text);
    assert!(text.contains("# TYPE pgsql_state_answers_total counter\n"));
    assert!(text.contains("# TYPE pgsql_state_build_info gauge\n"));
    assert!(text.contains("# TYPE pgsql_state_answer_seconds histogram\n"));
    assert!(!text.contains("# EOF") && !text.contains("# UNIT"));
    let open = of_primary(&metrics, MetricsFormat::OpenMetrics);
    assert!(open.contains("# TYPE pgsql_state_answers counter\n"));
    assert!(open.ends_with("# EOF\n"));
    for line in text.lines().filter(|line| line.starts_with("# TYPE ")) {
        let name = line.split(' ').nth(2).unwrap();
        let sampled = |sample: &str| sample.starts_with(name);
        let shown = text.lines().any(sampled);
        // An unknown value has no sample.
        let unknown = ["quorum", "lag_bytes", "delay_seconds", "timeline"];
        assert!(
            shown || unknown.iter().any(|end| name.ends_with(end)),
            "{name}"
        );
    }
}

#[test]
fn a_value_that_is_no_longer_known_is_no_longer_shown() {
    let metrics = Metrics::new(Vec::new());
    assert!(
        of_primary(&metrics, MetricsFormat::Text).contains("pgsql_state_connection_slots_full 0\n")
    );
    let down = State::Down(DownReason::NoSocket);
    let verdict = Verdict::Down(DownReason::NoSocket);
    let text = text_of(&metrics, verdict, &down, MetricsFormat::Text);
    assert!(
        !text.contains("pgsql_state_connection_slots_full 0\n"),
        "{text}"
    );
    assert!(text.contains("pgsql_state_role{role=\"primary\"} 0\n"));
}

#[test]
fn counts_of_connections_increase_from_one_scrape_to_the_next() {
    let counts = Arc::new(Counts::default());
    let metrics = Metrics::new(vec![("http", Arc::clone(&counts))]);
    for seen in 1..=3 {
        counts.count(Reason::Allowed);
        let text = of_primary(&metrics, MetricsFormat::Text);
        let line =
            format!("pgsql_state_connections_total{{protocol=\"http\",reason=\"allowed\"}} {seen}");
        assert!(text.lines().any(|shown| shown == line), "{line} in {text}");
    }
}

fn patronis(verdict: Verdict, state: &State, details: &Details, form: MetricsFormat) -> String {
    let facts = Facts {
        verdict,
        state,
        delay: None,
        transactions: None,
        ordered: None,
        quorum: None,
        rival: None,
        sync: None,
        contacts: &[],
        details: Some(details),
        age: Duration::ZERO,
        uptime: Duration::ZERO,
        words: &RoleWords::default(),
    };
    let names = MetricNames::PatronisToo;
    Metrics::new(Vec::new()).text(&facts, Exposition { form, names })
}

fn details() -> Details {
    Details {
        server_version: 150_014,
        started: "2026-11-22 08:00:00.500000+00:00".into(),
        system_identifier: "7480000000000000001".into(),
        timeline: Some(3),
        flushed: Some(Lsn(1 << 33)),
        replayed_commit: None,
        archive: Archive::None,
        receiver_name: None,
        senders: None,
        slots: None,
    }
}

#[test]
fn metrics_under_patronis_names_have_its_values() {
    let primary = State::Primary(ConnectionSlots::Free);
    let text = patronis(
        Verdict::Production,
        &primary,
        &details(),
        MetricsFormat::Text,
    );
    for line in [
        "# HELP patroni_postgres_running Value is 1 if Postgres is running, 0 otherwise.",
        "# TYPE patroni_postgres_running gauge",
        "patroni_postgres_running 1",
        "patroni_postmaster_start_time 1795334400.5",
        "patroni_master 1",
        "patroni_primary 1",
        "patroni_replica 0",
        "# TYPE patroni_xlog_location counter",
        "patroni_xlog_location 8589934592",
        "patroni_xlog_received_location 0",
        "patroni_xlog_replayed_timestamp 0",
        "patroni_postgres_server_version 150014",
        "patroni_postgres_timeline 3",
        "patroni_postgres_state 5",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line} in {text}");
    }
    let replication = Some(Replication {
        receiver: Receiver::Streaming { primary_end: None },
        received: Some(Lsn(700)),
        replayed: Some(Lsn(500)),
        replay: Replay::Paused,
        last_commit_age: None,
    });
    let standby = State::Standby(ConnectionSlots::Free, Standby { replication });
    let details = Details {
        flushed: None,
        replayed_commit: Some("1970-01-01 01:00:00+00:00".into()),
        ..details()
    };
    let text = patronis(Verdict::Standby, &standby, &details, MetricsFormat::Text);
    for line in [
        "patroni_primary 0",
        "patroni_replica 1",
        "patroni_xlog_location 0",
        "patroni_xlog_received_location 700",
        "patroni_xlog_replayed_location 500",
        "patroni_xlog_replayed_timestamp 3600",
        "patroni_xlog_paused 1",
        "patroni_postgres_streaming 1",
        "patroni_postgres_in_archive_recovery 0",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line} in {text}");
    }
}

#[test]
fn metrics_under_patronis_names_show_no_role_that_is_not_answered() {
    let aside = Verdict::Down(DownReason::Maintenance);
    let primary = State::Primary(ConnectionSlots::Free);
    let text = patronis(aside, &primary, &details(), MetricsFormat::Text);
    for name in ["master", "primary", "replica"] {
        assert!(text.contains(&format!("\npatroni_{name} 0\n")), "{text}");
    }
}

#[test]
fn metrics_under_patronis_names_precede_the_end_mark_and_are_optional() {
    let primary = State::Primary(ConnectionSlots::Free);
    let text = patronis(
        Verdict::Production,
        &primary,
        &details(),
        MetricsFormat::OpenMetrics,
    );
    assert!(
        text.ends_with("patroni_postgres_state 5\n# EOF\n"),
        "{text}"
    );
    assert_eq!(text.matches("# EOF").count(), 1);
    // A counter's sample would need another name there.
    assert!(text.contains("# TYPE patroni_xlog_location unknown\n"));
    assert!(!of_primary(&counted(), MetricsFormat::Text).contains("patroni_"));
}

#[test]
fn the_manual_lists_which_of_patronis_metrics_are_present_and_which_are_not() {
    let manual = include_str!("../../../docs/reference/metrics.md");
    let (_, listed) = manual.split_once("With `metrics.patroni_names").unwrap();
    let listed = listed.split("\n\n").next().unwrap();
    let (listed, left_out) = listed.split_once("Left out").unwrap();
    let names = |text: &str| {
        let quoted = text.split('`').filter(|part| part.starts_with("patroni_"));
        quoted.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let primary = State::Primary(ConnectionSlots::Free);
    let text = patronis(
        Verdict::Production,
        &primary,
        &details(),
        MetricsFormat::Text,
    );
    let samples = text.lines().filter(|line| line.starts_with("patroni_"));
    let shown: BTreeSet<_> = samples
        .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(names(listed), shown);
    assert!(names(left_out).is_disjoint(&shown) && !names(left_out).is_empty());
}
