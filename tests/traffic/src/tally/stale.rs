//! How old what readers saw was: a row that was acknowledged before a reader asked, and was not there.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::record::{Read, Record, Seen};
use crate::report::Stale;

/// The answer that missed acknowledged rows for the longest time.
pub(super) fn stalest<'a>(
    record: &Record,
    answers: impl Iterator<Item = (&'a Read, &'a Seen)>,
) -> Option<Stale> {
    let since = acknowledged_since(record);
    answers
        .filter_map(|(read, seen)| {
            let next = seen.newest.map_or(i64::MIN, |newest| newest + 1);
            let (_, missed) = since.range(next..).next()?;
            Some(Stale {
                at: read.sent,
                behind: read.sent.checked_sub(*missed)?,
                host: seen.host.clone(),
            })
        })
        .max_by_key(|stale| stale.behind)
}

/// For each acknowledged number, when the first row with that number or a higher one was
/// acknowledged.
fn acknowledged_since(record: &Record) -> BTreeMap<i64, Duration> {
    let mut since: BTreeMap<i64, Duration> = record
        .acknowledged()
        .map(|(write, _)| (write.number, write.ended))
        .collect();
    let mut earliest = Duration::MAX;
    for at in since.values_mut().rev() {
        earliest = earliest.min(*at);
        *at = earliest;
    }
    since
}
