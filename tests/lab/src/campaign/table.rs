//! All entries of a campaign, as a table for people and as a line of JSON for programs; pure.

use std::fmt::Write;

use serde::Serialize;

use super::judge::Verdict;
use super::plan::Entry;
use crate::error::Error;

/// A campaign, as far as it was played.
#[derive(Clone, Debug)]
pub(super) struct Campaigned {
    pub(super) commit: String,
    seed: u64,
    entries: Vec<(Entry, Verdict)>,
}

/// The same as JSON.
#[derive(Serialize)]
struct Line<'a> {
    commit: &'a str,
    seed: u64,
    faults: usize,
    violations: usize,
    needless_fencing: usize,
    acknowledged: usize,
    reads: usize,
    longest_without_a_primary: f64,
    entries: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    number: usize,
    faults: Vec<String>,
    #[serde(flatten)]
    verdict: &'a Verdict,
}

impl Campaigned {
    pub(super) fn new(commit: String, seed: u64) -> Self {
        Self {
            commit,
            seed,
            entries: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, entry: Entry, verdict: Verdict) {
        self.entries.push((entry, verdict));
    }

    /// Whether nothing was seen that must not be.
    pub(super) fn is_well(&self) -> bool {
        self.sum(|verdict| verdict.violations.len()) == 0
    }

    fn sum(&self, what: impl Fn(&Verdict) -> usize) -> usize {
        self.entries.iter().map(|(_, verdict)| what(verdict)).sum()
    }

    /// The entry with the longest time without a primary.
    fn longest(&self) -> Option<&(Entry, Verdict)> {
        let by_gap = |one: &&(Entry, Verdict), other: &&(Entry, Verdict)| {
            one.1
                .without_a_primary
                .total_cmp(&other.1.without_a_primary)
        };
        self.entries.iter().max_by(by_gap)
    }

    /// As a table.
    pub(super) fn for_people(&self) -> String {
        let mut text = String::from(
            "| entry | faults | s without a primary | without a write | whole after | fenced | seen besides |\n|---|---|---|---|---|---|---|\n",
        );
        for (entry, verdict) in &self.entries {
            let besides = verdict
                .violations
                .iter()
                .map(|what| format!("VIOLATION: {what}"));
            let besides = besides.chain(verdict.remarks.iter().cloned());
            let row = format!(
                "| {} | {} | {:.1} | {:.1} | {:.1} | {} | {} |\n",
                entry.number,
                entry.faults(),
                verdict.without_a_primary,
                verdict.without_a_write,
                verdict.settled,
                verdict.fenced.join(" "),
                besides.collect::<Vec<_>>().join("; "),
            );
            text.push_str(&row);
        }
        let faults: usize = self
            .entries
            .iter()
            .map(|(entry, _)| entry.faults.len())
            .sum();
        // Writing to a string cannot fail.
        writeln!(
            text,
            "{faults} faults of seed {} at {}: {} acknowledged writes, {} reads, {} violations, {} hosts fenced for nothing",
            self.seed,
            self.commit,
            self.sum(|verdict| verdict.acknowledged),
            self.sum(|verdict| verdict.reads),
            self.sum(|verdict| verdict.violations.len()),
            self.sum(|verdict| verdict.needless),
        )
        .ok();
        if let Some((entry, verdict)) = self.longest() {
            writeln!(
                text,
                "longest without a primary: {:.1} s, in entry {} ({}): {}",
                verdict.without_a_primary,
                entry.number,
                entry.faults(),
                verdict.why
            )
            .ok();
        }
        text
    }

    /// As a line of JSON.
    pub(super) fn as_json(&self) -> Result<String, Error> {
        let rows = self.entries.iter().map(|(entry, verdict)| Row {
            number: entry.number,
            faults: entry
                .faults
                .iter()
                .map(|(_, fault)| fault.to_string())
                .collect(),
            verdict,
        });
        let line = Line {
            commit: &self.commit,
            seed: self.seed,
            faults: self
                .entries
                .iter()
                .map(|(entry, _)| entry.faults.len())
                .sum(),
            violations: self.sum(|verdict| verdict.violations.len()),
            needless_fencing: self.sum(|verdict| verdict.needless),
            acknowledged: self.sum(|verdict| verdict.acknowledged),
            reads: self.sum(|verdict| verdict.reads),
            longest_without_a_primary: self
                .longest()
                .map_or(0.0, |(_, verdict)| verdict.without_a_primary),
            entries: rows.collect(),
        };
        serde_json::to_string(&line).map_err(Error::io("write JSON"))
    }
}
