//! The table of what came of scenarios; pure.

use std::fmt::Write;
use std::time::Duration;

use super::outcome::Outcome;
use crate::agent::Agent;
use crate::plan::Check;

/// How a scenario is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// Who runs the instances.
    pub(super) agent: Agent,
    /// What answers the checks.
    pub(super) check: Check,
}

/// A scenario that was played some times in one way.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) way: Way,
    /// Why it is known not to come to what it has to in this way.
    pub(super) known: Option<&'static str>,
    /// One a round; the error says why it could not be played to its end.
    pub(super) results: Vec<Result<Outcome, String>>,
}

impl Row {
    /// Whether each round came to what it had to, or is known not to.
    pub(super) fn is_well(&self) -> bool {
        self.known.is_some() || self.faults().next().is_none()
    }

    fn label(&self) -> String {
        let Way { agent, check } = self.way;
        format!("{} ({}, {})", self.name, agent.label(), check.name())
    }

    fn faults(&self) -> impl Iterator<Item = &str> {
        self.results.iter().flat_map(|result| match result {
            Ok(outcome) => outcome.faults.iter().map(String::as_str).collect(),
            Err(error) => vec![error.as_str()],
        })
    }

    /// The round whose gap is the median; of two, the longer.
    fn median(&self) -> Option<&Outcome> {
        let mut outcomes: Vec<&Outcome> = self.results.iter().flatten().collect();
        outcomes.sort_by_key(|outcome| outcome.gap);
        outcomes.get(outcomes.len() / 2).copied()
    }

    fn line(&self, out: &mut String) -> std::fmt::Result {
        let Way { agent, check } = self.way;
        write!(
            out,
            "| {} | {} | {} ",
            self.name,
            agent.label(),
            check.name()
        )?;
        let Some(median) = self.median() else {
            return writeln!(out, "| | | | | | | | | | |");
        };
        let outcomes = || self.results.iter().flatten();
        let gaps: Vec<String> = outcomes().map(|outcome| seconds(outcome.gap)).collect();
        write!(out, "| {} | {} ", seconds(median.gap), gaps.join(" "))?;
        let phases = median.phases;
        let parts = [
            phases.detect,
            phases.fence,
            phases.promote,
            phases.route,
            phases.connect,
        ];
        for part in parts {
            // Parts of a gap that nobody would notice say nothing.
            let shown = if median.gap < NOTICED {
                String::new()
            } else {
                seconds(part)
            };
            write!(out, "| {shown} ")?;
        }
        let lost: Vec<String> = outcomes().map(|outcome| outcome.lost.to_string()).collect();
        let fenced: usize = outcomes().map(|outcome| outcome.fenced).sum();
        let reads = outcomes().map(|outcome| outcome.read_from_primary);
        let (wrong, all) = reads.fold((0, 0), |sum, (wrong, all)| (sum.0 + wrong, sum.1 + all));
        writeln!(out, "| {} | {fenced} | {wrong} of {all} |", lost.join(" "))
    }
}

/// Shortest gap that a client would call one.
const NOTICED: Duration = Duration::from_millis(500);

const HEAD: &str = "\
| scenario | agent | check | gap s, median | each round | detect | fence | promote | HAProxy | client | rows lost | fenced needlessly | reads from a primary |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
";

/// The table, and below it what was remarked and what must not be.
pub(super) fn table(rows: &[Row]) -> String {
    let mut out = HEAD.to_owned();
    for row in rows {
        row.line(&mut out).ok();
    }
    out.push('\n');
    for row in rows {
        let remarks = row
            .results
            .iter()
            .flatten()
            .flat_map(|outcome| &outcome.remarks);
        let mut said: Vec<&str> = remarks.map(String::as_str).collect();
        said.dedup();
        for remark in said {
            writeln!(out, "{}: {remark}", row.label()).ok();
        }
        for fault in row.faults() {
            let label = row.label();
            match row.known {
                Some(why) => writeln!(out, "KNOWN {label}: {why}: {fault}").ok(),
                None => writeln!(out, "FAILED {label}: {fault}").ok(),
            };
        }
    }
    out
}

fn seconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::moments::Phases;

    fn outcome(gap: u64) -> Outcome {
        Outcome {
            gap: Duration::from_secs(gap),
            phases: Phases {
                promote: Duration::from_secs(gap),
                ..Phases::default()
            },
            lost: 0,
            fenced: 0,
            read_from_primary: (1, 10),
            remarks: vec!["seen".into()],
            faults: Vec::new(),
        }
    }

    #[test]
    fn the_median_round_tells_where_the_time_went() {
        let mut row = Row {
            name: "power-cut",
            way: Way {
                agent: Agent::Own,
                check: Check::Daemon,
            },
            known: None,
            results: vec![Ok(outcome(9)), Ok(outcome(3)), Ok(outcome(5))],
        };
        let text = table(std::slice::from_ref(&row));
        let line = "| power-cut | ours | daemon | 5.0 | 9.0 3.0 5.0 | 0.0 | 0.0 | 5.0 | 0.0 | 0.0 | 0 0 0 | 0 | 3 of 30 |";
        assert!(text.lines().any(|found| found == line), "{text}");
        assert_eq!(text.matches("power-cut (ours, daemon): seen").count(), 1);
        assert!(row.is_well());

        row.results.push(Err("it broke".into()));
        assert!(!row.is_well());
        let told = "power-cut (ours, daemon): it broke";
        let text = table(std::slice::from_ref(&row));
        assert!(text.contains(&format!("FAILED {told}")), "{text}");

        row.known = Some("weakness 1");
        assert!(row.is_well());
        let text = table(&[row]);
        let told = "KNOWN power-cut (ours, daemon): weakness 1: it broke";
        assert!(text.contains(told), "{text}");
    }
}
