//! What is on the primary afterwards, beside what was acknowledged.

use std::collections::BTreeSet;

use super::Found;
use crate::record::Record;
use crate::report::{Missing, Rows};

pub(super) fn compare(record: &Record, found: &Found) -> Rows {
    let present: BTreeSet<i64> = found.numbers.iter().copied().collect();
    let acknowledged: BTreeSet<i64> = record
        .acknowledged()
        .map(|(write, _)| write.number)
        .collect();
    let missing = record
        .acknowledged()
        .filter(|(write, _)| !present.contains(&write.number))
        .map(|(write, primary)| Missing {
            number: write.number,
            acknowledged_by: primary.clone(),
            at: write.ended,
        });
    Rows {
        on: found.on.clone(),
        found: present.len(),
        missing: missing.collect(),
        unacknowledged: present.difference(&acknowledged).copied().collect(),
    }
}
