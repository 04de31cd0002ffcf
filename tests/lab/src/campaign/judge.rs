//! What of an entry must not be; pure.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use pgsql_state_traffic::history::{Asked, Told, check};
use serde::Serialize;

use super::entry::{Done, Outcome};

use super::gap::{parts, without_a_primary, without_a_write};
use super::kinds::{Fencing, Known, Return};
use crate::host::Host;

#[cfg(test)]
mod tests;

/// Most violations of one kind that are told.
const TOLD: usize = 5;

/// What came of an entry.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Verdict {
    /// What must not be.
    pub(super) violations: Vec<String>,
    /// What else is worth knowing.
    pub(super) remarks: Vec<String>,
    /// Hosts that were fenced, with reason or without.
    pub(super) fenced: Vec<String>,
    /// How many of them without.
    pub(super) needless: usize,
    /// Writes that were acknowledged.
    pub(super) acknowledged: usize,
    /// Reads that were answered.
    pub(super) reads: usize,
    /// Faults that were done.
    pub(super) done: usize,
    /// The longest time without a primary, in seconds.
    pub(super) without_a_primary: f64,
    /// Where it went.
    pub(super) why: String,
    /// The longest time without an acknowledged write, in seconds.
    pub(super) without_a_write: f64,
    /// How long until the cluster was whole by itself, in seconds, from the last fault's end.
    pub(super) settled: f64,
    #[serde(skip)]
    is_whole: bool,
}

/// Judges an entry.
pub(super) fn judge(outcome: &Outcome) -> Verdict {
    let mut verdict = Verdict {
        without_a_primary: seconds(without_a_primary(&outcome.history).length),
        why: parts(&outcome.phases),
        without_a_write: seconds(without_a_write(&outcome.history).length),
        settled: seconds(outcome.settled.took),
        done: outcome
            .done
            .iter()
            .filter(|done| done.refused.is_none())
            .count(),
        is_whole: outcome.settled.primary.is_some(),
        ..Verdict::default()
    };
    verdict.count(outcome);
    verdict.compare(outcome);
    verdict.of_fencing(outcome);
    verdict.of_healing(outcome);
    verdict
}

fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}

fn known(done: &Done) -> Option<&'static Known> {
    done.fault.known()
}

impl Verdict {
    /// Whether no further entry can be played.
    pub(super) fn is_over(&self) -> bool {
        !self.is_whole
    }

    fn count(&mut self, outcome: &Outcome) {
        for operation in &outcome.history.operations {
            match (&operation.asked, &operation.told) {
                (Asked::Set { .. } | Asked::Add { .. }, Some((_, Told::Acknowledged(_)))) => {
                    self.acknowledged += 1;
                }
                (Asked::Get { .. }, Some((_, Told::Value(..))))
                | (Asked::Members { .. }, Some((_, Told::Members(..)))) => self.reads += 1,
                (
                    Asked::Set { .. }
                    | Asked::Add { .. }
                    | Asked::Get { .. }
                    | Asked::Members { .. }
                    | Asked::Role { .. },
                    _,
                ) => {}
            }
        }
    }

    /// What clients saw, and what is left.
    fn compare(&mut self, outcome: &Outcome) {
        let Some((primary, end)) = &outcome.end else {
            return;
        };
        let found = check(&outcome.history, end, primary.name());
        let told = found.iter().take(TOLD);
        self.violations.extend(told.map(ToString::to_string));
        if found.len() > TOLD {
            let more = found.len() - TOLD;
            self.violations
                .push(format!("{more} more of what clients saw"));
        }
    }

    fn of_fencing(&mut self, outcome: &Outcome) {
        let due = |done: &&Done| known(done).is_some_and(|known| known.fencing == Fencing::Due);
        let may = outcome.done.iter().filter(due).flat_map(|done| &done.hosts);
        let may: BTreeSet<&Host> = may.collect();
        for host in &outcome.fenced {
            self.fenced.push(host.name().to_owned());
            if !may.contains(host) {
                self.needless += 1;
                self.violations
                    .push(format!("{host} was fenced for nothing"));
            }
        }
    }

    fn of_healing(&mut self, outcome: &Outcome) {
        let settled = &outcome.settled;
        if let Some(lacked) = &settled.lacked {
            match lacked.primary {
                None => self.violations.push(format!("no primary: {}", lacked.what)),
                Some(_) => self.remarks.push(format!("helped: {}", lacked.what)),
            }
        }
        let forks =
            |done: &Done| known(done).is_some_and(|known| known.back == Return::MayHaveForked);
        let may_fork = outcome.done.iter().any(forks);
        for host in &settled.rebuilt {
            let told = format!("{host} had to be made anew");
            if may_fork {
                self.remarks.push(told);
            } else {
                self.violations.push(told);
            }
        }
        let refused = outcome.done.iter().filter_map(|done| done.refused.as_ref());
        self.remarks
            .extend(refused.map(|why| format!("not done: {why}")));
        self.violations.extend(settled.troubles.iter().cloned());
        let left = outcome.left_behind.iter();
        self.violations
            .extend(left.map(|what| format!("left behind: {what}")));
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s without a primary", self.without_a_primary)?;
        if !self.why.is_empty() && self.without_a_primary >= 1.0 {
            write!(f, " ({})", self.why)?;
        }
        write!(
            f,
            ", {:.1} s without a write; whole after {:.1} s; {} writes, {} reads",
            self.without_a_write, self.settled, self.acknowledged, self.reads
        )?;
        if !self.fenced.is_empty() {
            write!(f, "; fenced: {}", self.fenced.join(", "))?;
        }
        for remark in &self.remarks {
            write!(f, "; {remark}")?;
        }
        for violation in &self.violations {
            write!(f, "\n     VIOLATION: {violation}")?;
        }
        Ok(())
    }
}
