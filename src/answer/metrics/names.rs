//! Declares every metric once, with its name, labels and help, for `/metrics` and for the manual.

use std::sync::Arc;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::Metrics;
use super::metric::{Metric, PREFIX};
use super::slots::{
    SLOT_ACTIVE, SLOT_INACTIVE, SLOT_RETAINED, SLOT_SAFE, SLOT_WAL_STATUS, SlotMetrics,
};
use crate::admit::Counts;

/// Buckets of histograms, in seconds: from the time of a single check's answer to one that every client has given up
/// waiting for.
const SECONDS: [f64; 12] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0,
];

const ANSWERS: Metric = Metric {
    name: "answers",
    suffix: "_total",
    labels: "`protocol`: `state`, `http`, `agent-check`; `outcome`: `production`, `standby`, `lagging`, `down`, `alive`, `refused`; `reason`",
    help: "Answers; alive are those to /liveness, refused are requests that could not be answered",
};
const CONNECTIONS: Metric = Metric {
    name: "connections",
    suffix: "_total",
    labels: "`protocol`; `reason`: `trusted`, `allowed`, or why it was refused",
    help: "Connections, each counted once",
};
const ANSWER_SECONDS: Metric = Metric {
    name: "answer",
    suffix: "_seconds",
    labels: "`protocol`",
    help: "Histogram of the time from a check's arrival to its answer",
};
const QUESTIONS: Metric = Metric {
    name: "questions",
    suffix: "_total",
    labels: "",
    help: "Questions sent to PostgreSQL",
};
const QUESTION_CHECKS: Metric = Metric {
    name: "question_checks",
    suffix: "_total",
    labels: "",
    help: "Checks that shared these questions",
};
const QUESTION_SECONDS: Metric = Metric {
    name: "question",
    suffix: "_seconds",
    labels: "",
    help: "Histogram of the time that a question took",
};
const FRESH_CONNECTIONS: Metric = Metric {
    name: "fresh_connections",
    suffix: "_total",
    labels: "`outcome`: `in`, `reserved-slot`, or the reason of a failure",
    help: "Fresh connections to PostgreSQL, tried once a second while there are checks",
};
const ROLE: Metric = Metric {
    name: "role",
    suffix: "",
    labels: "`role`: `primary`, `standby`",
    help: "1 for the role that the server reports, whatever is answered",
};
const MAINTENANCE: Metric = Metric {
    name: "maintenance",
    suffix: "",
    labels: "",
    help: "1 while an administrator has taken the server out of service",
};
const QUORUM: Metric = Metric {
    name: "quorum",
    suffix: "",
    labels: "",
    help: "1 if the node is known to have quorum; only with guard.quorum",
};
const TWO_PRIMARIES: Metric = Metric {
    name: "two_primaries",
    suffix: "",
    labels: "",
    help: "1 if another node is known to have a primary of the same system",
};
const SLOTS_FULL: Metric = Metric {
    name: "connection_slots_full",
    suffix: "",
    labels: "",
    help: "1 if no connection slot is free for ordinary clients",
};
const LAG: Metric = Metric {
    name: "lag",
    suffix: "_bytes",
    labels: "",
    help: "WAL that a standby knows of and has not replayed; absent if unknown",
};
const DELAY: Metric = Metric {
    name: "delay",
    suffix: "_seconds",
    labels: "",
    help: "How long the oldest of this WAL has waited; absent if unknown",
};
const TIMELINE: Metric = Metric {
    name: "timeline",
    suffix: "",
    labels: "",
    help: "The timeline that is written or received",
};
const BUILD: Metric = Metric {
    name: "build",
    suffix: "_info",
    labels: "`version`",
    help: "Always 1",
};

/// Every metric, in the order of the manual.
pub const METRICS: [Metric; 21] = [
    ANSWERS,
    CONNECTIONS,
    ANSWER_SECONDS,
    QUESTIONS,
    QUESTION_CHECKS,
    QUESTION_SECONDS,
    FRESH_CONNECTIONS,
    ROLE,
    MAINTENANCE,
    QUORUM,
    TWO_PRIMARIES,
    SLOTS_FULL,
    LAG,
    DELAY,
    TIMELINE,
    SLOT_ACTIVE,
    SLOT_RETAINED,
    SLOT_SAFE,
    SLOT_INACTIVE,
    SLOT_WAL_STATUS,
    BUILD,
];

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

/// Creates all metrics and registers them.
pub(super) fn registered(counts: Vec<(&'static str, Arc<Counts>)>) -> Metrics {
    let mut metrics = Metrics {
        registry: Registry::with_prefix(PREFIX),
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
        slots: SlotMetrics::default(),
    };
    let registry = &mut metrics.registry;
    let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
    registry.register(BUILD.name, BUILD.help, version);
    registry.register(CONNECTIONS.name, CONNECTIONS.help, metrics.admitted.clone());
    registry.register(ANSWERS.name, ANSWERS.help, metrics.answers.clone());
    registry.register_with_unit(
        ANSWER_SECONDS.name,
        ANSWER_SECONDS.help,
        Unit::Seconds,
        metrics.answer_seconds.clone(),
    );
    registry.register(QUESTIONS.name, QUESTIONS.help, metrics.questions.clone());
    registry.register(
        QUESTION_CHECKS.name,
        QUESTION_CHECKS.help,
        metrics.question_checks.clone(),
    );
    registry.register_with_unit(
        QUESTION_SECONDS.name,
        QUESTION_SECONDS.help,
        Unit::Seconds,
        metrics.question_seconds.clone(),
    );
    registry.register(
        FRESH_CONNECTIONS.name,
        FRESH_CONNECTIONS.help,
        metrics.connections.clone(),
    );
    of_server(&mut metrics);
    metrics
}

/// Registers the metrics of the server.
fn of_server(metrics: &mut Metrics) {
    let registry = &mut metrics.registry;
    registry.register(ROLE.name, ROLE.help, metrics.roles.clone());
    registry.register(
        MAINTENANCE.name,
        MAINTENANCE.help,
        metrics.maintenance.clone(),
    );
    registry.register(QUORUM.name, QUORUM.help, metrics.quorum.clone());
    registry.register(
        TWO_PRIMARIES.name,
        TWO_PRIMARIES.help,
        metrics.two_primaries.clone(),
    );
    registry.register(SLOTS_FULL.name, SLOTS_FULL.help, metrics.slots_full.clone());
    registry.register_with_unit(LAG.name, LAG.help, Unit::Bytes, metrics.lag.clone());
    registry.register_with_unit(DELAY.name, DELAY.help, Unit::Seconds, metrics.delay.clone());
    registry.register(TIMELINE.name, TIMELINE.help, metrics.timeline.clone());
    metrics.slots.register(registry);
}
