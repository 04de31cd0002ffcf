//! The settings of the metrics: the table `[metrics]`.

/// Which names the metrics have (`metrics.patroni_names`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricNames {
    /// This program's names.
    #[default]
    Own,
    /// This program's names and Patroni's.
    PatronisToo,
}
