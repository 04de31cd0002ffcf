//! What the clients of a run went through, for programs (JSON) and for people ([`table`]).
//!
//! In JSON every time is a whole number of microseconds, in a field that ends in `_us`; all but
//! `began_us` are counted from the beginning of the run.

mod table;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::micros;
use crate::record::Primary;

/// What the clients of a run went through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The run's name, which its rows bear.
    pub run: String,
    /// The time of day when it began, since 1970.
    #[serde(rename = "began_us", with = "micros")]
    pub began: Duration,
    /// How long it took until it was told to end.
    #[serde(rename = "length_us", with = "micros")]
    pub length: Duration,
    /// How long a gap must be to be listed.
    #[serde(rename = "threshold_us", with = "micros")]
    pub threshold: Duration,
    /// One a writer.
    pub writers: Vec<Writer>,
    /// One a reader.
    pub readers: Vec<Reader>,
    /// Who acknowledged rows, in the order of the first ones.
    pub reigns: Vec<Reign>,
    /// Seconds of the run in which more than one host acknowledged rows. A quick switchover does that
    /// too.
    pub shared_seconds: Vec<SharedSecond>,
    /// Two hosts that were primaries at the same time. No switchover does that.
    pub overlaps: Vec<Overlap>,
    /// What was found on the primary afterwards; `None` if nobody looked, or none was there.
    pub rows: Option<Rows>,
}

/// What a writer went through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writer {
    /// Where it connected.
    pub through: String,
    /// How many rows were acknowledged.
    pub acknowledged: usize,
    /// When no row was acknowledged.
    pub gaps: Gaps,
    /// What went wrong.
    pub failures: Failures,
}

/// What a reader went through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    /// Where it connected.
    pub through: String,
    /// How many questions each host answered.
    pub answered: BTreeMap<String, usize>,
    /// How many of them a primary answered.
    pub by_a_primary: usize,
    /// The answer that missed rows for the longest time.
    pub stalest: Option<Stale>,
    /// When no question was answered.
    pub gaps: Gaps,
    /// What went wrong.
    pub failures: Failures,
}

/// Times without success. The run's beginning and end count as successes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gaps {
    /// The longest.
    pub longest: Gap,
    /// All that are at least as long as the report's threshold, in order.
    pub listed: Vec<Gap>,
}

/// A time without success: from one to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// When the last success before it came.
    #[serde(rename = "begin_us", with = "micros")]
    pub begin: Duration,
    /// How long it took.
    #[serde(rename = "length_us", with = "micros")]
    pub length: Duration,
}

/// What went wrong, counted by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    /// Connections that were not had.
    pub connecting: BTreeMap<Failure, usize>,
    /// Statements that did not succeed.
    pub asking: BTreeMap<Failure, usize>,
}

/// An answer that missed acknowledged rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {
    /// When the reader asked.
    #[serde(rename = "at_us", with = "micros")]
    pub at: Duration,
    /// How long before that the first missing row had been acknowledged.
    #[serde(rename = "behind_us", with = "micros")]
    pub behind: Duration,
    /// Who answered.
    pub host: String,
}

/// The time in which a host acknowledged rows on one timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reign {
    /// The host and its timeline.
    pub primary: Primary,
    /// How many rows it acknowledged.
    pub acknowledged: usize,
    /// When its first acknowledgement came.
    #[serde(rename = "first_us", with = "micros")]
    pub first: Duration,
    /// When the last row that it acknowledged was sent: it was a primary then or later.
    #[serde(rename = "last_sent_us", with = "micros")]
    pub last_sent: Duration,
    /// When its last acknowledgement came.
    #[serde(rename = "last_us", with = "micros")]
    pub last: Duration,
}

/// A second in which more than one host acknowledged rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedSecond {
    /// Which second of the run, from 0.
    pub second: u64,
    /// How many rows each host acknowledged in it.
    pub acknowledged: BTreeMap<String, usize>,
}

/// Two hosts that were primaries at the same time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overlap {
    /// The hosts and their timelines.
    pub primaries: [Primary; 2],
    /// Since when both are known to have been.
    #[serde(rename = "begin_us", with = "micros")]
    pub begin: Duration,
    /// How long they are known to have been.
    #[serde(rename = "length_us", with = "micros")]
    pub length: Duration,
}

/// What was found on the primary afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// Where it was looked.
    pub on: Primary,
    /// How many rows of the run are there.
    pub found: usize,
    /// Acknowledged rows that are not there: lost.
    pub missing: Vec<Missing>,
    /// Numbers of rows that are there although nobody acknowledged them: whoever sent one could not
    /// know.
    pub unacknowledged: Vec<i64>,
}

/// An acknowledged row that is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Its number.
    pub number: i64,
    /// Who had acknowledged it.
    pub acknowledged_by: Primary,
    /// When.
    #[serde(rename = "at_us", with = "micros")]
    pub at: Duration,
}

impl Report {
    /// Rows that were acknowledged to any writer.
    pub fn acknowledged(&self) -> usize {
        self.writers.iter().map(|writer| writer.acknowledged).sum()
    }

    /// The longest time that a writer went without an acknowledged row.
    pub fn longest_gap(&self) -> Gap {
        let gaps = self.writers.iter().map(|writer| writer.gaps.longest);
        gaps.max_by_key(|gap| gap.length).unwrap_or_default()
    }
}
