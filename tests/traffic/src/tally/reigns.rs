//! Who acknowledged rows and when, and whether two hosts were primaries at the same time.

use std::collections::BTreeMap;

use super::count;
use crate::record::{Primary, Record};
use crate::report::{Overlap, Reign, SharedSecond};

/// Who acknowledged rows, in the order of the first ones. A timeline is written by one primary
/// without a break in its office, so a host that gives the office away and gets it back has two.
pub(super) fn reigns(record: &Record) -> Vec<Reign> {
    let mut reigns: BTreeMap<&Primary, Reign> = BTreeMap::new();
    for (write, primary) in record.acknowledged() {
        let reign = reigns.entry(primary).or_insert_with(|| Reign {
            primary: primary.clone(),
            acknowledged: 0,
            first: write.ended,
            last_sent: write.sent,
            last: write.ended,
        });
        reign.acknowledged += 1;
        reign.first = reign.first.min(write.ended);
        reign.last_sent = reign.last_sent.max(write.sent);
        reign.last = reign.last.max(write.ended);
    }
    let mut reigns: Vec<Reign> = reigns.into_values().collect();
    reigns.sort_by_key(|reign| reign.first);
    reigns
}

/// The pairs of hosts that were primaries at the same time.
///
/// Somewhere between sending a row and its acknowledgement the host was a primary. So each was one at
/// the latest with its first acknowledgement and at least until its last row was sent, and both were
/// at once if neither began after the other had sent its last.
pub(super) fn overlaps(reigns: &[Reign]) -> Vec<Overlap> {
    let pairs = reigns
        .iter()
        .enumerate()
        .flat_map(|(index, one)| reigns.iter().skip(index + 1).map(move |other| (one, other)));
    pairs
        .filter(|(one, other)| one.primary.host != other.primary.host)
        .filter(|(one, other)| one.first <= other.last_sent && other.first <= one.last_sent)
        .map(|(one, other)| {
            let begin = one.first.max(other.first);
            Overlap {
                primaries: [one.primary.clone(), other.primary.clone()],
                begin,
                length: one.last_sent.min(other.last_sent).saturating_sub(begin),
            }
        })
        .collect()
}

/// The seconds in which more than one host acknowledged rows.
pub(super) fn shared_seconds(record: &Record) -> Vec<SharedSecond> {
    let mut seconds: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for (write, primary) in record.acknowledged() {
        let hosts = seconds.entry(write.ended.as_secs()).or_default();
        hosts.push(primary.host.clone());
    }
    seconds
        .into_iter()
        .map(|(second, hosts)| SharedSecond {
            second,
            acknowledged: count(hosts.into_iter()),
        })
        .filter(|second| second.acknowledged.len() > 1)
        .collect()
}
