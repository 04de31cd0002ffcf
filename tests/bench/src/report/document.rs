//! Everything that is printed, ready for docs/operate/costs.md; pure.

use super::figures::Summary;
use super::spell::percent;
use super::table::table;
use super::targets::{Outcome, Target};
use crate::measure::Plan;

/// What a run was and what it showed.
pub(crate) struct Report<'a> {
    /// The machine in words.
    pub(crate) machine: &'a str,
    /// The contenders with their versions.
    pub(crate) versions: &'a [String],
    /// The command that was run.
    pub(crate) command: &'a str,
    /// Widths, rounds and lengths.
    pub(crate) plan: &'a Plan,
    /// The figures.
    pub(crate) summary: &'a Summary,
    /// What is to be reached.
    pub(crate) targets: &'a [Target],
}

impl Report<'_> {
    /// The run as Markdown.
    pub(crate) fn to_markdown(&self) -> String {
        let Self {
            machine,
            versions,
            command,
            ..
        } = self;
        let versions = versions.join(", ");
        let sections = [
            format!("`{command}` on {machine}: {versions}. {}", self.how()),
            table(self.summary),
            EXPLANATION.to_owned(),
            self.noise(),
            target_list(self.targets),
        ];
        sections
            .map(|section| section.trim_end().to_owned())
            .join("\n\n")
            + "\n"
    }

    fn how(&self) -> String {
        let Plan { rounds, length, .. } = self.plan;
        format!(
            "Servers with their PostgreSQL on one core, the client on another; contenders in turn, \
             {rounds} rounds of {} s at each width.",
            length.as_secs()
        )
    }

    /// How far the figures can be trusted.
    fn noise(&self) -> String {
        let all = || self.summary.iter().map(|(_, _, figures)| figures);
        let others = all().map(|figures| figures.others).fold(0.0, f64::max);
        let client = all().map(|figures| figures.client).fold(0.0, f64::max);
        format!(
            "Others than the contender used at most {} of the servers' core. The client's core was up \
             to {} busy; near 100 % the client is the limit of the answers a second.",
            percent(others),
            percent(client)
        )
    }
}

const EXPLANATION: &str = "\
Each contender stands beside the bare server that is asked in the same way. Figures are medians of the rounds; lost (failed, wrong, or later than 2 s) is the sum of all rounds \
and backends at most the highest of all rounds. CPU is that of the contender with its PostgreSQL, \
ended children included. Memory is what the processes hold that are there for the checks, backends \
included, shared pages divided among those who share them. Backends are those that let a client in.";

fn target_list(targets: &[Target]) -> String {
    let lines = targets.iter().map(|target| {
        let Target {
            wanted,
            measured,
            outcome,
        } = target;
        match outcome {
            Outcome::Met => format!("- met: {wanted} (measured: {measured})\n"),
            Outcome::Missed => format!("- **missed**: {wanted} (measured: {measured})\n"),
            Outcome::NotMeasured => format!("- not measured: {wanted}\n"),
        }
    });
    format!("To reach:\n\n{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::figures::tests::{round, summary};
    use super::*;
    use crate::contender::Name;

    #[test]
    fn the_page_names_the_machine_the_command_and_every_outcome() {
        let target = |wanted: &str, outcome| Target {
            wanted: wanted.into(),
            measured: "7".into(),
            outcome,
        };
        let plan = Plan {
            widths: vec![16],
            rounds: 3,
            length: Duration::from_secs(5),
        };
        let report = Report {
            machine: "a machine",
            versions: &["one 1".into(), "two 2".into()],
            command: "bench",
            plan: &plan,
            summary: &summary(&[(Name::Ours, 16, round(100, 20))]),
            targets: &[
                target("this", Outcome::Met),
                target("that", Outcome::Missed),
                target("else", Outcome::NotMeasured),
            ],
        };
        let page = report.to_markdown();
        assert!(
            page.starts_with("`bench` on a machine: one 1, two 2. Servers"),
            "{page}"
        );
        assert!(page.contains("3 rounds of 5 s"), "{page}");
        assert!(
            page.contains("used at most 1 % of the servers' core"),
            "{page}"
        );
        assert!(page.contains("up to 90 % busy"), "{page}");
        let list = "To reach:\n\n- met: this (measured: 7)\n- **missed**: that (measured: 7)\n\
                    - not measured: else\n";
        assert!(page.ends_with(list), "{page}");
    }
}
