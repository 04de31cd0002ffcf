//! Parses `--warning` and `--critical`, and compares a figure with both.

use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

use super::status::PluginStatus;
use crate::base::units::{Bytes, parse_duration};
use crate::health::Conditions;

/// A limit, whose kind follows from its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// `16MB`.
    Size(Bytes),
    /// `10s`.
    Time(Duration),
    /// `2`.
    Count(u32),
}

/// A text that is not a limit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not a limit; write a size such as 16MB, a duration such as 10s, or a number such as 2"
)]
pub struct LimitError(String);

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let wrong = || LimitError(text.into());
        // A zero without a unit would parse as a size and as a duration too; only a number has no unit.
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(Self::Count).map_err(|_| wrong());
        }
        let size = text.parse().map(Self::Size).ok();
        let time = || parse_duration(text).map(Self::Time).ok();
        size.or_else(time).ok_or_else(wrong)
    }
}

/// The two limits of a figure; each may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds<T> {
    /// `--warning`.
    pub warning: Option<T>,
    /// `--critical`.
    pub critical: Option<T>,
}

impl<T> Default for Bounds<T> {
    fn default() -> Self {
        Self {
            warning: None,
            critical: None,
        }
    }
}

impl<T> Bounds<T> {
    /// Whether at least one limit is set.
    pub fn any(&self) -> bool {
        self.warning.is_some() || self.critical.is_some()
    }

    /// Converts both limits.
    pub fn map<U>(self, to: impl Fn(T) -> U) -> Bounds<U> {
        Bounds {
            warning: self.warning.map(&to),
            critical: self.critical.map(to),
        }
    }
}

impl<T: PartialOrd + Copy> Bounds<T> {
    /// The status of a figure whose limits are maxima.
    pub fn at_most(&self, figure: T) -> PluginStatus {
        self.status(|limit| figure <= limit)
    }

    /// The status of a figure whose limits are minima.
    pub fn at_least(&self, figure: T) -> PluginStatus {
        self.status(|limit| figure >= limit)
    }

    fn status(&self, within: impl Fn(T) -> bool) -> PluginStatus {
        if !self.critical.is_none_or(&within) {
            PluginStatus::Critical
        } else if !self.warning.is_none_or(within) {
            PluginStatus::Warning
        } else {
            PluginStatus::Ok
        }
    }
}

/// The most that a standby may be behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LagLimits {
    /// In bytes of WAL.
    pub lag: Bounds<Bytes>,
    /// By how long WAL waits.
    pub delay: Bounds<Duration>,
}

impl LagLimits {
    /// Where the weight of a load balancer's agent ends: at the critical limits given here, else at those
    /// of `[standby]`.
    #[must_use]
    pub(super) fn curve(&self, conditions: &Conditions) -> Conditions {
        Conditions {
            max_lag: self.lag.critical.or(conditions.max_lag),
            max_delay: self.delay.critical.or(conditions.max_delay),
            ..*conditions
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_limit_shows_in_how_it_is_written() {
        for (text, limit) in [
            ("16MB", Limit::Size(Bytes(16 << 20))),
            ("0B", Limit::Size(Bytes(0))),
            ("10s", Limit::Time(Duration::from_secs(10))),
            ("1500ms", Limit::Time(Duration::from_millis(1500))),
            ("2", Limit::Count(2)),
            ("0", Limit::Count(0)),
        ] {
            assert_eq!(text.parse(), Ok(limit), "{text}");
        }
        for wrong in ["", "-1", "16mb", "1.5GB", "10:20", "4294967296", "many"] {
            assert_eq!(wrong.parse::<Limit>(), Err(LimitError(wrong.into())));
        }
    }

    #[test]
    fn a_figure_at_its_limit_is_within_it() {
        let bounds = Bounds {
            warning: Some(10),
            critical: Some(20),
        };
        for (figure, status) in [
            (10, PluginStatus::Ok),
            (11, PluginStatus::Warning),
            (20, PluginStatus::Warning),
            (21, PluginStatus::Critical),
        ] {
            assert_eq!(bounds.at_most(figure), status, "{figure}");
        }
        let bounds = Bounds {
            warning: Some(2),
            critical: Some(1),
        };
        for (figure, status) in [
            (2, PluginStatus::Ok),
            (1, PluginStatus::Warning),
            (0, PluginStatus::Critical),
        ] {
            assert_eq!(bounds.at_least(figure), status, "{figure}");
        }
        assert_eq!(Bounds::default().at_least(0), PluginStatus::Ok);
    }
}
