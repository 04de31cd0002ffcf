//! Every metric with its name and help, once. The README's table has the same.

use std::sync::Arc;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::Metrics;
use crate::admit::Counts;

/// From the answer to a check that comes alone to a check that nobody waits for any more.
const SECONDS: [f64; 12] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0,
];

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

/// All of them, registered.
pub(super) fn registered(counts: Vec<(&'static str, Arc<Counts>)>) -> Metrics {
    let mut metrics = Metrics {
        registry: Registry::with_prefix("pgsql_state"),
        counts,
        admitted: Family::default(),
        answers: Family::default(),
        answer_seconds: Family::new_with_constructor(seconds),
        questions: Counter::default(),
        question_checks: Counter::default(),
        question_seconds: seconds(),
        connections: Family::default(),
        roles: Family::default(),
        maintenance: Gauge::default(),
        quorum: Family::default(),
        two_primaries: Gauge::default(),
        slots_full: Family::default(),
        lag: Family::default(),
        delay: Family::default(),
        timeline: Family::default(),
    };
    let registry = &mut metrics.registry;
    let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("build", "The program", version);
    registry.register(
        "connections",
        "Connections by protocol and by why they were answered or refused",
        metrics.admitted.clone(),
    );
    registry.register(
        "answers",
        "Answers by protocol, outcome and reason",
        metrics.answers.clone(),
    );
    registry.register_with_unit(
        "answer",
        "Time from a check's arrival to its answer",
        Unit::Seconds,
        metrics.answer_seconds.clone(),
    );
    registry.register(
        "questions",
        "Questions put to PostgreSQL",
        metrics.questions.clone(),
    );
    registry.register(
        "question_checks",
        "Checks that shared these questions",
        metrics.question_checks.clone(),
    );
    registry.register_with_unit(
        "question",
        "Time that a question took",
        Unit::Seconds,
        metrics.question_seconds.clone(),
    );
    registry.register(
        "fresh_connections",
        "Fresh connections to PostgreSQL by outcome",
        metrics.connections.clone(),
    );
    of_server(&mut metrics);
    metrics
}

/// What is known of the server.
fn of_server(metrics: &mut Metrics) {
    let registry = &mut metrics.registry;
    registry.register(
        "role",
        "1 for the role that the server states",
        metrics.roles.clone(),
    );
    registry.register(
        "maintenance",
        "Whether an administrator has the server stand aside",
        metrics.maintenance.clone(),
    );
    registry.register(
        "quorum",
        "Whether the node is known to have quorum, where a primary needs it",
        metrics.quorum.clone(),
    );
    registry.register(
        "two_primaries",
        "Whether another server of the same system is known to be a primary beside this one",
        metrics.two_primaries.clone(),
    );
    registry.register(
        "connection_slots_full",
        "Whether ordinary clients find no connection slot",
        metrics.slots_full.clone(),
    );
    registry.register_with_unit(
        "lag",
        "WAL that a standby knows of and has not replayed",
        Unit::Bytes,
        metrics.lag.clone(),
    );
    registry.register_with_unit(
        "delay",
        "How long the oldest of it has waited",
        Unit::Seconds,
        metrics.delay.clone(),
    );
    registry.register(
        "timeline",
        "The timeline that is written or received",
        metrics.timeline.clone(),
    );
}
