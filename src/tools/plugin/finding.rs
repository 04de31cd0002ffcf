//! The result of a check, before it is formatted.

use std::time::Duration;

use super::limits::Bounds;
use super::question::Subject;
use super::status::PluginStatus;
use crate::base::units::Bytes;
use crate::health::Share;

/// The weight that a load balancer should give this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// The configured weight, or none, as the status alone decides.
    AsConfigured,
    /// No new sessions; existing ones may stay. The server works but has the wrong role, or lags.
    Drain,
    /// A share of the readers.
    Share(Share),
}

/// A measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// A size in bytes; its limits are maxima.
    Bytes(Bytes),
    /// A time; its limits are maxima.
    Time(Duration),
    /// A number; its limits are minima.
    Count(u32),
}

/// A measured value with its limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// The label in performance data and the key in JSON.
    pub name: &'static str,
    /// The value.
    pub amount: Amount,
    /// Its limits.
    pub bounds: Bounds<Amount>,
}

impl Figure {
    /// A size and its maxima.
    #[must_use]
    pub fn bytes(name: &'static str, size: Bytes, bounds: Bounds<Bytes>) -> Self {
        Self {
            name,
            amount: Amount::Bytes(size),
            bounds: bounds.map(Amount::Bytes),
        }
    }

    /// A time and its maxima.
    #[must_use]
    pub fn time(name: &'static str, time: Duration, bounds: Bounds<Duration>) -> Self {
        Self {
            name,
            amount: Amount::Time(time),
            bounds: bounds.map(Amount::Time),
        }
    }

    /// A number and its minima.
    #[must_use]
    pub fn count(name: &'static str, count: u32, bounds: Bounds<u32>) -> Self {
        Self {
            name,
            amount: Amount::Count(count),
            bounds: bounds.map(Amount::Count),
        }
    }
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckFinding {
    /// What was checked.
    pub subject: Subject,
    /// How severe the result is.
    pub status: PluginStatus,
    /// The explanation for people: one line without `|`, which ends the text that Nagios shows.
    pub text: String,
    /// The measured values.
    pub figures: Vec<Figure>,
    /// The weight for a load balancer.
    pub load: Load,
}

impl CheckFinding {
    /// A finding without figures and without a weight of its own.
    #[must_use]
    pub fn plain(subject: Subject, status: PluginStatus, text: impl Into<String>) -> Self {
        Self {
            subject,
            status,
            text: text.into(),
            figures: Vec::new(),
            load: Load::AsConfigured,
        }
    }

    /// A finding of status unknown.
    #[must_use]
    pub fn unknown(subject: Subject, text: impl Into<String>) -> Self {
        Self::plain(subject, PluginStatus::Unknown, text)
    }
}
