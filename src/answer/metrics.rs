//! Counts answers and questions, and writes them in the formats that Prometheus reads. Uses no clock: times are
//! arguments.
//!
//! - `metric`: the declaration of a metric.
//! - `names`: declares every metric once.
//! - `slots`: the metrics of replication slots.
//! - `exposition`: writes the text.
//! - `patroni`: metrics of the server under Patroni's names.

mod exposition;
mod metric;
mod names;
mod patroni;
mod slots;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::http::Facts;
use crate::admit::{Counts, Reason};
use crate::config::MetricNames;
use crate::health::{ConnectionSlots, Failure, Quorum, State, Verdict};
pub use exposition::{Exposition, MetricsFormat};
pub use metric::Metric;
pub use names::METRICS;

type MetricLabel = (&'static str, &'static str);

/// A metric without labels that has a sample only while its value is known.
type KnownFigure<G> = Family<[MetricLabel; 0], G>;

/// All metrics.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// The counts of connections for each protocol, with its name.
    counts: Vec<(&'static str, Arc<Counts>)>,
    admitted: Family<[MetricLabel; 2], Counter>,
    answers: Family<[MetricLabel; 3], Counter>,
    answer_seconds: Family<[MetricLabel; 1], Histogram>,
    questions: Counter,
    question_checks: Counter,
    question_seconds: Histogram,
    connections: Family<[MetricLabel; 1], Counter>,
    roles: Family<[MetricLabel; 1], Gauge>,
    maintenance: Gauge,
    quorum: KnownFigure<Gauge>,
    two_primaries: Gauge,
    slots_full: KnownFigure<Gauge>,
    lag: KnownFigure<Gauge<u64, AtomicU64>>,
    delay: KnownFigure<Gauge<f64, AtomicU64>>,
    timeline: KnownFigure<Gauge>,
    slots: slots::SlotMetrics,
}

/// The metrics of one protocol, without the cost of a lookup by label.
#[derive(Clone, Debug)]
pub struct Meter {
    protocol: &'static str,
    answers: Family<[MetricLabel; 3], Counter>,
    /// The most frequent answers, which are counted without a lookup by label.
    production: Counter,
    standby: Counter,
    seconds: Histogram,
}

impl Metrics {
    /// Creates metrics at zero. `counts` are the counts of connections for each protocol, with its name.
    #[must_use]
    pub fn new(counts: Vec<(&'static str, Arc<Counts>)>) -> Arc<Self> {
        Arc::new(names::registered(counts))
    }

    /// The metrics of the protocol with this name.
    #[must_use]
    pub fn meter(&self, protocol: &'static str) -> Meter {
        let answers = |outcome| {
            let labels = labels(protocol, outcome, "");
            self.answers.get_or_create_owned(&labels)
        };
        Meter {
            protocol,
            production: answers("production"),
            standby: answers("standby"),
            answers: self.answers.clone(),
            seconds: self
                .answer_seconds
                .get_or_create_owned(&[("protocol", protocol)]),
        }
    }

    /// Counts a question to `PostgreSQL`, its duration and the number of checks that it served.
    pub fn asked(&self, took: Duration, checks: usize) {
        self.questions.inc();
        self.question_checks
            .inc_by(checks.try_into().unwrap_or(u64::MAX));
        self.question_seconds.observe(took.as_secs_f64());
    }

    /// Counts a fresh connection with its outcome.
    pub fn connected(&self, outcome: Result<ConnectionSlots, Failure>) {
        let outcome = match outcome {
            Ok(ConnectionSlots::Free) => "in",
            Ok(ConnectionSlots::Full) => "reserved-slot",
            Err(failure) => failure.word(),
        };
        self.connections
            .get_or_create(&[("outcome", outcome)])
            .inc();
    }

    /// The text of all metrics, with the server's values from these facts.
    #[must_use]
    pub fn text(&self, facts: &Facts<'_>, exposition: Exposition) -> String {
        self.show(facts);
        let Exposition { form, names } = exposition;
        let own = exposition::text(&self.registry, form);
        match names {
            MetricNames::Own => own,
            MetricNames::PatronisToo => exposition::with(own, &patroni::text(facts, form)),
        }
    }

    fn show(&self, facts: &Facts<'_>) {
        for (protocol, counts) in &self.counts {
            for reason in Reason::ALL {
                let labels = [("protocol", *protocol), ("reason", reason.word())];
                let shown = self.admitted.get_or_create_owned(&labels);
                shown.inc_by(counts.of(reason).saturating_sub(shown.get()));
            }
        }
        let (primary, standby, replication) = match facts.state {
            State::Primary(_) => (1, 0, None),
            State::Standby(_, standby) => (0, 1, standby.replication),
            State::Down(_) => (0, 0, None),
        };
        for (role, is) in [("primary", primary), ("standby", standby)] {
            self.roles.get_or_create(&[("role", role)]).set(is);
        }
        self.maintenance.set(facts.ordered.is_some().into());
        let quorum = facts.quorum.map(|quorum| (quorum == Quorum::Held).into());
        show(&self.quorum, quorum, Gauge::set);
        self.two_primaries.set(facts.rival.is_some().into());
        let full = facts
            .slots()
            .map(|slots| (slots == ConnectionSlots::Full).into());
        show(&self.slots_full, full, Gauge::set);
        let lag = replication.and_then(|replication| replication.lag());
        show(&self.lag, lag.map(|lag| lag.0), Gauge::set);
        let delay = facts.delay.map(|delay| delay.as_secs_f64());
        show(&self.delay, delay, Gauge::set);
        let timeline = facts.details.and_then(|details| details.timeline);
        show(&self.timeline, timeline, Gauge::set);
        self.slots.show(facts.details);
    }
}

fn show<G, V, R>(known: &KnownFigure<G>, value: Option<V>, set: impl FnOnce(&G, V) -> R)
where
    G: Default,
{
    match value {
        Some(value) => {
            set(&known.get_or_create(&[]), value);
        }
        None => known.clear(),
    }
}

impl Meter {
    /// Counts answers with this verdict.
    pub fn answered(&self, verdict: Verdict, answers: usize) {
        let answers = answers.try_into().unwrap_or(u64::MAX);
        match verdict {
            Verdict::Production => self.production.inc_by(answers),
            Verdict::Standby => self.standby.inc_by(answers),
            Verdict::Lagging(reason) => self.count("lagging", reason.word(), answers),
            Verdict::Down(reason) => self.count("down", reason.word(), answers),
        };
    }

    /// Counts an answer that only says that the daemon is alive.
    pub fn alive(&self) {
        self.count("alive", "", 1);
    }

    /// Counts a request that could not be answered.
    pub fn refused(&self, reason: &'static str) {
        self.count("refused", reason, 1);
    }

    /// Records the time that a client waited for its answer.
    pub fn waited(&self, time: Duration) {
        self.seconds.observe(time.as_secs_f64());
    }

    fn count(&self, outcome: &'static str, reason: &'static str, answers: u64) -> u64 {
        let labels = labels(self.protocol, outcome, reason);
        self.answers.get_or_create(&labels).inc_by(answers)
    }
}

/// The labels of an answer.
fn labels(protocol: &'static str, outcome: &'static str, reason: &'static str) -> [MetricLabel; 3] {
    [
        ("protocol", protocol),
        ("outcome", outcome),
        ("reason", reason),
    ]
}

#[cfg(test)]
mod tests;
