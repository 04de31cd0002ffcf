//! From a record to a report; pure.
//!
//! - [`gaps`]: times without success.
//! - [`reigns`]: who acknowledged when, and whether two did at once.
//! - [`rows`]: what is on the primary afterwards beside what was acknowledged.
//! - [`stale`]: how old what readers saw was.

mod gaps;
mod reigns;
mod rows;
mod stale;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::failure::Failure;
use crate::record::{Primary, Record, Who};
use crate::report::{Failures, Reader, Report, Writer};

/// The rows of a run on the primary, after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where they were found.
    pub on: Primary,
    /// Their numbers.
    pub numbers: Vec<i64>,
}

/// How long a run took, and how long a gap must be to be listed.
#[derive(Clone, Copy)]
struct Frame {
    length: Duration,
    threshold: Duration,
}

/// Sums a record up. Gaps from `threshold` up are listed; without `found`, nothing is said of rows.
pub fn tally(record: &Record, threshold: Duration, found: Option<&Found>) -> Report {
    let length = record.end.unwrap_or_else(|| last_moment(record));
    let frame = Frame { length, threshold };
    let writers = record.begin.writers.iter().enumerate();
    let readers = record.begin.readers.iter().enumerate();
    let reigns = reigns::reigns(record);
    Report {
        run: record.begin.run.clone(),
        began: record.begin.at,
        length,
        threshold,
        writers: writers
            .map(|(index, through)| writer(record, frame, index, through))
            .collect(),
        readers: readers
            .map(|(index, through)| reader(record, frame, index, through))
            .collect(),
        shared_seconds: reigns::shared_seconds(record),
        overlaps: reigns::overlaps(&reigns),
        reigns,
        rows: found.map(|found| rows::compare(record, found)),
    }
}

fn writer(record: &Record, frame: Frame, index: usize, through: &str) -> Writer {
    let writes = || record.writes.iter().filter(|write| write.writer == index);
    let acknowledged: Vec<Duration> = writes()
        .filter(|write| write.outcome.is_ok())
        .map(|write| write.ended)
        .collect();
    Writer {
        through: through.into(),
        acknowledged: acknowledged.len(),
        gaps: gaps::gaps(acknowledged, frame),
        failures: Failures {
            connecting: unreached(record, Who::Writer(index)),
            asking: count(writes().filter_map(|write| write.outcome.as_ref().err().copied())),
        },
    }
}

fn reader(record: &Record, frame: Frame, index: usize, through: &str) -> Reader {
    let reads = || record.reads.iter().filter(|read| read.reader == index);
    let answered = || record.answered().filter(|(read, _)| read.reader == index);
    Reader {
        through: through.into(),
        answered: count(answered().map(|(_, seen)| seen.host.clone())),
        by_a_primary: answered().filter(|(_, seen)| !seen.in_recovery).count(),
        stalest: stale::stalest(record, answered()),
        gaps: gaps::gaps(answered().map(|(read, _)| read.ended).collect(), frame),
        failures: Failures {
            connecting: unreached(record, Who::Reader(index)),
            asking: count(reads().filter_map(|read| read.outcome.as_ref().err().copied())),
        },
    }
}

fn unreached(record: &Record, who: Who) -> BTreeMap<Failure, usize> {
    let of_this = record.unreached.iter().filter(|note| note.who == who);
    count(of_this.map(|note| note.why))
}

fn count<K: Ord>(items: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    items.fold(BTreeMap::new(), |mut counts, item| {
        *counts.entry(item).or_default() += 1;
        counts
    })
}

/// When a record breaks off that has no end.
fn last_moment(record: &Record) -> Duration {
    let writes = record.writes.iter().map(|write| write.ended);
    let reads = record.reads.iter().map(|read| read.ended);
    let unreached = record.unreached.iter().map(|note| note.ended);
    writes
        .chain(reads)
        .chain(unreached)
        .max()
        .unwrap_or_default()
}
