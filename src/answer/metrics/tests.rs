use super::*;
use crate::role::{DownReason, LagReason, Words};

fn text_of(metrics: &Metrics, verdict: Verdict, state: &State, form: Form) -> String {
    let facts = Facts {
        verdict,
        state,
        delay: None,
        ordered: None,
        quorum: None,
        details: None,
        age: Duration::ZERO,
        uptime: Duration::ZERO,
        words: &Words::default(),
    };
    metrics.text(&facts, form)
}

fn of_primary(metrics: &Metrics, form: Form) -> String {
    let state = State::Primary(Room::Free);
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
    metrics.connected(Ok(Room::Free));
    metrics.connected(Err(Failure::TimedOut));
    metrics
}

#[test]
fn what_was_counted_is_shown() {
    let text = of_primary(&counted(), Form::Text);
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
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line} in {text}");
    }
}

#[test]
fn each_form_introduces_a_counter_in_its_way() {
    let metrics = counted();
    let text = of_primary(&metrics, Form::Text);
    assert!(text.contains("# TYPE pgsql_state_answers_total counter\n"));
    assert!(text.contains("# TYPE pgsql_state_build_info gauge\n"));
    assert!(text.contains("# TYPE pgsql_state_answer_seconds histogram\n"));
    assert!(!text.contains("# EOF") && !text.contains("# UNIT"));
    let open = of_primary(&metrics, Form::OpenMetrics);
    assert!(open.contains("# TYPE pgsql_state_answers counter\n"));
    assert!(open.ends_with("# EOF\n"));
    for line in text.lines().filter(|line| line.starts_with("# TYPE ")) {
        let name = line.split(' ').nth(2).unwrap();
        let sampled = |sample: &str| sample.starts_with(name);
        let shown = text.lines().any(sampled);
        // What is not known has no sample.
        let unknown = ["quorum", "lag_bytes", "delay_seconds", "timeline"];
        assert!(
            shown || unknown.iter().any(|end| name.ends_with(end)),
            "{name}"
        );
    }
}

#[test]
fn what_is_no_longer_known_is_no_longer_shown() {
    let metrics = Metrics::new(Vec::new());
    assert!(of_primary(&metrics, Form::Text).contains("pgsql_state_connection_slots_full 0\n"));
    let down = State::Down(DownReason::NoSocket);
    let verdict = Verdict::Down(DownReason::NoSocket);
    let text = text_of(&metrics, verdict, &down, Form::Text);
    assert!(
        !text.contains("pgsql_state_connection_slots_full 0\n"),
        "{text}"
    );
    assert!(text.contains("pgsql_state_role{role=\"primary\"} 0\n"));
}

#[test]
fn connections_are_counted_on_from_one_look_to_the_next() {
    let counts = Arc::new(Counts::default());
    let metrics = Metrics::new(vec![("http", Arc::clone(&counts))]);
    for seen in 1..=3 {
        counts.count(Reason::Allowed);
        let text = of_primary(&metrics, Form::Text);
        let line =
            format!("pgsql_state_connections_total{{protocol=\"http\",reason=\"allowed\"}} {seen}");
        assert!(text.lines().any(|shown| shown == line), "{line} in {text}");
    }
}
