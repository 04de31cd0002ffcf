//! What is declared of a metric. Knows none.

/// The declaration of a metric, for registration and for the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// The name without the prefix `pgsql_state_`, and without the suffix for its type or unit.
    pub(super) name: &'static str,
    /// The suffix for its type or unit.
    pub(super) suffix: &'static str,
    /// The labels with their values; code is in backquotes.
    pub labels: &'static str,
    /// The help text.
    pub help: &'static str,
}

impl Metric {
    /// The full name, as in a query; for a histogram without the suffixes of its series.
    #[must_use]
    pub fn family(self) -> String {
        format!("{PREFIX}_{}{}", self.name, self.suffix)
    }
}

/// What the name of every metric begins with.
pub(super) const PREFIX: &str = "pgsql_state";
