//! Plays scenarios, some times each, and with each way of checking in turn.

use clap::Args;

use super::list::{ALL, Checks, Scenario, When};
use super::mend::make_whole;
use super::moments::phases;
use super::outcome::{Outcome, judge, longest_gap};
use super::stage::Stage;
use super::table::{Row, table};
use crate::cluster::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::lab::Lab;
use crate::plan::Check;
use crate::provision::check_by;
use crate::say::say;

/// Which scenarios to play, and how.
#[derive(Clone, Debug, Args)]
pub(crate) struct Selection {
    /// Scenarios to play [default: those that take no long time]
    scenarios: Vec<String>,
    /// All of them
    #[arg(long, conflicts_with = "scenarios")]
    all: bool,
    /// How many times each
    #[arg(long, default_value_t = 1)]
    rounds: u8,
    /// Ways of checking, in turn [default: the lab's]
    #[arg(long, value_enum)]
    check: Vec<Check>,
}

/// Plays them, and returns the table of what came of them, and whether all did what they have to.
pub(crate) fn play(lab: &Lab, selection: &Selection) -> Result<(String, bool), Error> {
    let scenarios = chosen(selection)?;
    let mut now = checked_by(lab)?;
    let checks = if selection.check.is_empty() {
        vec![now]
    } else {
        selection.check.clone()
    };
    let mut rows = Vec::new();
    for scenario in scenarios {
        let checks = checks
            .iter()
            .copied()
            .filter(|check| scenario.checks.takes(*check));
        let mut played: Vec<Row> = checks
            .map(|check| Row {
                name: scenario.name,
                check,
                results: Vec::new(),
            })
            .collect();
        for _ in 0..selection.rounds {
            for row in &mut played {
                if row.check != now {
                    check_by(lab, row.check)?;
                    now = row.check;
                }
                row.results.push(play_once(lab, scenario, now)?);
            }
        }
        rows.extend(played);
    }
    Ok((table(&rows), rows.iter().all(Row::is_well)))
}

fn chosen(selection: &Selection) -> Result<Vec<&'static Scenario>, Error> {
    let names = &selection.scenarios;
    let is_known = |name: &&String| ALL.iter().any(|scenario| scenario.name == name.as_str());
    if let Some(name) = names.iter().find(|name| !is_known(name)) {
        let known: Vec<&str> = ALL.iter().map(|scenario| scenario.name).collect();
        return Err(Error::Unfit(format!(
            "there is no scenario {name:?}; there are {}",
            known.join(", ")
        )));
    }
    let is_chosen = |scenario: &&Scenario| {
        if names.is_empty() {
            selection.all || scenario.when == When::Usually
        } else {
            names.iter().any(|name| name == scenario.name)
        }
    };
    Ok(ALL.iter().filter(is_chosen).collect())
}

/// What answers the checks of this lab.
fn checked_by(lab: &Lab) -> Result<Check, Error> {
    let unit = "/etc/systemd/system/pgsql-state@.service";
    let text = format!("if [ -e {unit} ]; then echo psql; else echo daemon; fi");
    let said = lab.host(Host::Srv1).shell(&text)?;
    Ok(if said.trim() == "psql" {
        Check::Psql
    } else {
        Check::Daemon
    })
}

/// The inner error says why the scenario did not come to its end; the outer one, why none can be
/// played any more.
fn play_once(
    lab: &Lab,
    scenario: &Scenario,
    check: Check,
) -> Result<Result<Outcome, String>, Error> {
    let label = format!("{} ({})", scenario.name, check.name());
    say(&format!("{label} ..."));
    let cluster = Cluster::new(lab);
    let primary = cluster.wait_until_whole()?;
    let standby = Host::SERVERS.into_iter().find(|host| *host != primary);
    let standby = standby.ok_or_else(|| Error::Unfit("there is one server only".into()))?;
    let stage = Stage {
        lab,
        cluster,
        check,
        name: scenario.name,
        primary,
        standby,
    };
    let played = (scenario.play)(stage);
    let rebuilt = make_whole(lab)?;
    let outcome = played.and_then(|mut played| {
        played.remarks.extend(
            rebuilt
                .iter()
                .map(|host| format!("{host} had to be made anew")),
        );
        let report = played.notes.verify(lab)?;
        let inside = match &played.inside {
            Some(notes) => Some(notes.verify(lab)?),
            None => None,
        };
        let gap = longest_gap(&report);
        let journal = lab.journal_since(gap.begin)?;
        let phases = phases(&journal, gap);
        let reports = (&report, inside.as_ref());
        Ok(judge(reports, phases, scenario.expects, played.remarks))
    });
    let outcome = outcome.map_err(|error| error.in_full());
    say(&match &outcome {
        Ok(outcome) => format!(
            "{label}: no row for {:.1} s, {} lost; {}",
            outcome.gap.as_secs_f64(),
            outcome.lost,
            [outcome.remarks.clone(), outcome.faults.clone()]
                .concat()
                .join("; ")
        ),
        Err(error) => format!("{label}: FAILED: {error}"),
    });
    Ok(outcome)
}

impl Checks {
    fn takes(self, check: Check) -> bool {
        match self {
            Self::Any => true,
            Self::DaemonOnly => check == Check::Daemon,
        }
    }
}
