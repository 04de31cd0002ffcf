//! What came out of a check, before it has any spelling.

use std::time::Duration;

use super::limits::Bounds;
use super::question::Subject;
use crate::base::units::Bytes;
use crate::health::Share;

/// The four states of the Monitoring Plugins Development Guidelines ("Plugin Return Codes"), the worst
/// last: what is known to be broken is worse than what is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PluginStatus {
    /// Within every limit.
    Ok,
    /// For people to look at.
    Warning,
    /// It could not be asked, or not be judged.
    Unknown,
    /// Broken, or not what is expected.
    Critical,
}

impl PluginStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Warning, Self::Unknown, Self::Critical];

    /// As these guidelines write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Unknown => "UNKNOWN",
            Self::Critical => "CRITICAL",
        }
    }
}

/// What a load balancer that weighs its servers is to give this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// What it is configured with, or nothing, by the status alone.
    AsConfigured,
    /// Nobody new; sessions may stay: the server works, and is not wanted here.
    Drain,
    /// A part of the readers.
    Share(Share),
}

/// Something measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// A size; its limits are the most.
    Bytes(Bytes),
    /// A time; its limits are the most.
    Time(Duration),
    /// A number; its limits are the least.
    Count(u32),
}

/// Something measured, with its limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// What programs call it.
    pub name: &'static str,
    /// How much it is.
    pub amount: Amount,
    /// Its limits.
    pub bounds: Bounds<Amount>,
}

impl Figure {
    /// A size and the most that it may be.
    #[must_use]
    pub fn bytes(name: &'static str, size: Bytes, bounds: Bounds<Bytes>) -> Self {
        Self {
            name,
            amount: Amount::Bytes(size),
            bounds: bounds.map(Amount::Bytes),
        }
    }

    /// A time and the most that it may be.
    #[must_use]
    pub fn time(name: &'static str, time: Duration, bounds: Bounds<Duration>) -> Self {
        Self {
            name,
            amount: Amount::Time(time),
            bounds: bounds.map(Amount::Time),
        }
    }

    /// A number and the least that it may be.
    #[must_use]
    pub fn count(name: &'static str, count: u32, bounds: Bounds<u32>) -> Self {
        Self {
            name,
            amount: Amount::Count(count),
            bounds: bounds.map(Amount::Count),
        }
    }
}

/// What came out of a check.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckFinding {
    /// What was checked.
    pub subject: Subject,
    /// How bad it is.
    pub status: PluginStatus,
    /// Why, for people: one line without `|`, which ends what Nagios shows.
    pub text: String,
    /// What was measured.
    pub figures: Vec<Figure>,
    /// What a load balancer is to make of it.
    pub load: Load,
}

impl CheckFinding {
    /// A finding without figures that no weight follows from.
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

    /// One that nothing is known of.
    #[must_use]
    pub fn unknown(subject: Subject, text: impl Into<String>) -> Self {
        Self::plain(subject, PluginStatus::Unknown, text)
    }
}
