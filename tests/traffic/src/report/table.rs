//! A report for people: a line a figure.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::time::{Duration, UNIX_EPOCH};

use humantime::format_rfc3339_millis;

use super::{Failures, Gap, Gaps, Missing, Overlap, Reader, Report, Rows, SharedSecond, Writer};
use crate::record::Primary;

/// Lost rows, rows that nobody was told of, and seconds that are listed one by one.
const LISTED: usize = 10;

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let began = format_rfc3339_millis(UNIX_EPOCH + self.began);
        let length = seconds(self.length);
        line(f, "run", &format!("{}, {began}, for {length}", self.run))?;
        for writer in &self.writers {
            self.writer(f, writer)?;
        }
        for reader in &self.readers {
            self.reader(f, reader)?;
        }
        for reign in &self.reigns {
            let (first, last) = (seconds(reign.first), seconds(reign.last));
            let text = format!(
                "{}: {} rows from {first} to {last}",
                named(&reign.primary),
                reign.acknowledged
            );
            line(f, "primary", &text)?;
        }
        line(f, "two in one second", &list(&self.shared_seconds, shared))?;
        line(f, "two at once", &list(&self.overlaps, overlap))?;
        match &self.rows {
            Some(rows) => found(f, rows),
            None => line(f, "rows", "not looked for"),
        }
    }
}

impl Report {
    fn writer(&self, f: &mut fmt::Formatter<'_>, writer: &Writer) -> fmt::Result {
        line(f, "writer through", &writer.through)?;
        line(f, "  acknowledged", &writer.acknowledged.to_string())?;
        self.gaps(f, &writer.gaps)?;
        failures(f, &writer.failures)
    }

    fn reader(&self, f: &mut fmt::Formatter<'_>, reader: &Reader) -> fmt::Result {
        line(f, "reader through", &reader.through)?;
        line(f, "  answered by", &counts(&reader.answered))?;
        line(f, "  by a primary", &reader.by_a_primary.to_string())?;
        let stalest = reader.stalest.as_ref().map_or_else(nothing, |stale| {
            let (behind, at) = (seconds(stale.behind), seconds(stale.at));
            format!("{behind} behind, {} at {at}", stale.host)
        });
        line(f, "  stalest", &stalest)?;
        self.gaps(f, &reader.gaps)?;
        failures(f, &reader.failures)
    }

    fn gaps(&self, f: &mut fmt::Formatter<'_>, gaps: &Gaps) -> fmt::Result {
        let began = format_rfc3339_millis(UNIX_EPOCH + self.began + gaps.longest.begin);
        let longest = format!("{} ({began})", gap(&gaps.longest));
        line(f, "  longest gap", &longest)?;
        let label = format!("  gaps from {}", seconds(self.threshold));
        line(f, &label, &list(&gaps.listed, gap))
    }
}

fn failures(f: &mut fmt::Formatter<'_>, failures: &Failures) -> fmt::Result {
    line(f, "  not connected", &counts(&failures.connecting))?;
    line(f, "  not answered", &counts(&failures.asking))
}

fn found(f: &mut fmt::Formatter<'_>, rows: &Rows) -> fmt::Result {
    line(
        f,
        "rows found",
        &format!("{} on {}", rows.found, named(&rows.on)),
    )?;
    line(f, "  lost", &list(&rows.missing, missing))?;
    let unacknowledged = list(&rows.unacknowledged, ToString::to_string);
    line(f, "  not told of", &unacknowledged)
}

fn line(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    writeln!(f, "{label:<20} {text}")
}

/// How many there are, and the first of them.
fn list<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    if items.is_empty() {
        return nothing();
    }
    let first: Vec<String> = items.iter().take(LISTED).map(text).collect();
    let more = if items.len() > LISTED { ", …" } else { "" };
    format!("{}: {}{more}", items.len(), first.join(", "))
}

fn counts<K: Display>(counts: &BTreeMap<K, usize>) -> String {
    if counts.is_empty() {
        return nothing();
    }
    let all = counts.iter().map(|(key, count)| format!("{key} {count}"));
    all.collect::<Vec<_>>().join(", ")
}

fn nothing() -> String {
    "none".into()
}

fn named(primary: &Primary) -> String {
    format!("{} (timeline {})", primary.host, primary.timeline)
}

fn gap(gap: &Gap) -> String {
    format!("{} from {}", seconds(gap.length), seconds(gap.begin))
}

fn shared(second: &SharedSecond) -> String {
    let hosts = counts(&second.acknowledged);
    format!("second {} ({hosts})", second.second)
}

fn overlap(overlap: &Overlap) -> String {
    let [one, other] = &overlap.primaries;
    let (length, begin) = (seconds(overlap.length), seconds(overlap.begin));
    format!(
        "{} and {} for {length} from {begin}",
        named(one),
        named(other)
    )
}

fn missing(missing: &Missing) -> String {
    let (number, at) = (missing.number, seconds(missing.at));
    format!("{number} ({} at {at})", missing.acknowledged_by.host)
}

fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}
