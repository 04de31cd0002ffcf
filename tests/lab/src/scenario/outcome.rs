//! What came of a scenario, and what of it must not be; pure.

use std::time::Duration;

use pgsql_state_traffic::Report;

use super::moments::{Phases, Span};
use crate::agent::Agent;

/// What a scenario must come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expects {
    /// Longest time that a writer may go without an acknowledged row.
    pub(super) gap: Duration,
    /// Which acknowledged rows may be lost.
    pub(super) losses: Losses,
    /// Whether a host is fenced.
    pub(super) fencing: Fencing,
}

/// Which acknowledged rows may be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Losses {
    /// None.
    None,
    /// Those that no standby had when their only host died: replication was asynchronous.
    Unreplicated,
}

/// Whether a host is fenced. Where none has to be, each is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fencing {
    /// None has to be.
    Needless,
    /// One that is lost, or cannot be trusted, has to be.
    Due,
    /// PAF cannot end it in another way.
    DueToPaf,
}

impl Fencing {
    const fn is_due(self, agent: Agent) -> bool {
        match (self, agent) {
            (Self::Due, _) | (Self::DueToPaf, Agent::Paf) => true,
            (Self::Needless, _) | (Self::DueToPaf, Agent::Own) => false,
        }
    }
}

/// What a scenario left, beside what its clients noted.
#[derive(Clone, Debug)]
pub(super) struct Aftermath {
    /// Who ran the instances.
    pub(super) agent: Agent,
    /// Where the time of the longest gap went.
    pub(super) phases: Phases,
    /// Hosts that were fenced, as the fence device was asked.
    pub(super) fenced: Vec<String>,
    /// What should be gone when the cluster is whole again.
    pub(super) left_behind: Vec<String>,
    /// The primary at the beginning.
    pub(super) first: &'static str,
    /// Servers whose instances did not follow by themselves and were made anew.
    pub(super) rebuilt: Vec<&'static str>,
    /// What else was seen.
    pub(super) remarks: Vec<String>,
}

/// What came of a scenario played once.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// The longest time without an acknowledged row.
    pub(super) gap: Duration,
    /// Where that time went.
    pub(super) phases: Phases,
    /// Acknowledged rows that are gone.
    pub(super) lost: usize,
    /// Hosts that were fenced although none had to be.
    pub(super) fenced: usize,
    /// Answers that a reader got from a primary, of how many.
    pub(super) read_from_primary: (usize, usize),
    /// What else was seen.
    pub(super) remarks: Vec<String>,
    /// What must not be.
    pub(super) faults: Vec<String>,
}

/// The longest gap of a report, since 1970.
pub(super) fn longest_gap(report: &Report) -> Span {
    let gap = report.longest_gap();
    let begin = report.began + gap.begin;
    Span {
        begin,
        end: begin + gap.length,
    }
}

/// What an instance that had to be made anew is: a remark where it was a primary, and may have had rows that nobody else
/// has; else a fault, since a standby has nothing that keeps it from following.
fn made_anew(host: &str, primaries: &[&str]) -> Result<String, String> {
    if primaries.contains(&host) {
        Ok(format!("{host} had to be made anew"))
    } else {
        Err(format!(
            "{host} had to be made anew without having been a primary"
        ))
    }
}

/// Sums up the report of the clients outside, and of those inside a host that was cut off, and holds
/// them against what is expected.
pub(super) fn judge(
    (report, inside): (&Report, Option<&Report>),
    aftermath: Aftermath,
    expects: Expects,
) -> Outcome {
    let gap = report.longest_gap().length;
    let missing_of = |report: &Report| report.rows.as_ref().map(|rows| rows.missing.len());
    let missing = inside
        .map_or(Some(0), missing_of)
        .and_then(|inside| Some(inside + missing_of(report)?));
    let mut faults = Vec::new();
    if gap > expects.gap {
        let (gap, limit) = (gap.as_secs_f64(), expects.gap.as_secs_f64());
        faults.push(format!(
            "no row for {gap:.1} s, at most {limit:.1} s expected"
        ));
    }
    match (missing, expects.losses) {
        (None, _) => faults.push("the rows were not found again".into()),
        (Some(0), _) | (Some(_), Losses::Unreplicated) => {}
        (Some(lost), Losses::None) => faults.push(format!("{lost} acknowledged rows are lost")),
    }
    for overlap in &report.overlaps {
        let [one, other] = &overlap.primaries;
        faults.push(format!(
            "{} and {} were primaries at once",
            one.host, other.host
        ));
    }
    let needless = if expects.fencing.is_due(aftermath.agent) {
        Vec::new()
    } else {
        aftermath.fenced
    };
    let fenced = needless.len();
    faults.extend(
        needless
            .iter()
            .map(|asked| format!("fenced for nothing: {asked}")),
    );
    let left = aftermath.left_behind.iter();
    faults.extend(left.map(|what| format!("left behind: {what}")));
    let reports = std::iter::once(report).chain(inside);
    let reigns = reports.flat_map(|report| &report.reigns);
    let primaries = reigns.map(|reign| reign.primary.host.as_str());
    let primaries: Vec<&str> = primaries.chain([aftermath.first]).collect();
    let mut remarks = aftermath.remarks;
    for host in aftermath.rebuilt {
        match made_anew(host, &primaries) {
            Ok(remark) => remarks.push(remark),
            Err(fault) => faults.push(fault),
        }
    }
    let answered = |reader: &pgsql_state_traffic::Reader| reader.answered.values().sum::<usize>();
    Outcome {
        gap,
        phases: aftermath.phases,
        lost: missing.unwrap_or_default(),
        fenced,
        read_from_primary: (
            report
                .readers
                .iter()
                .map(|reader| reader.by_a_primary)
                .sum(),
            report.readers.iter().map(answered).sum(),
        ),
        remarks,
        faults,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standby_that_had_to_be_made_anew_is_a_fault_and_a_former_primary_is_none() {
        let primaries = ["srv1", "srv3"];
        assert!(made_anew("srv3", &primaries).is_ok());
        let fault = made_anew("srv2", &primaries).unwrap_err();
        assert!(fault.contains("srv2"), "{fault}");
    }
}
