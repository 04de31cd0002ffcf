//! What an operator chooses of the metrics: the section `[metrics]`. Knows no metric.

/// Whose names the metrics have (`metrics.patroni_names`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricNames {
    /// This program's.
    #[default]
    Own,
    /// Patroni's beside them.
    PatronisToo,
}
