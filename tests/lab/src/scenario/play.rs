//! Plays scenarios, some times each, with each resource agent and each way of checking in turn.

use super::list::{Checks, Scenario};
use super::mend::make_whole;
use super::moments::phases;
use super::outcome::{Aftermath, Outcome, judge, longest_gap};
use super::selection::Selection;
use super::stage::{Played, Stage};
use super::table::{Row, Way, table};
use crate::agent::Agent;
use crate::cluster::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::lab::Lab;
use crate::plan::Check;
use crate::provision::{check_by, run_by};
use crate::say::say;

/// Plays them, and returns the table of what came of them, and whether all did what they have to.
pub(crate) fn play(lab: &Lab, selection: &Selection) -> Result<(String, bool), Error> {
    let scenarios = selection.chosen()?;
    let mut now = Way {
        agent: Cluster::new(lab).agent()?,
        check: checked_by(lab)?,
    };
    let agents = if selection.agent.is_empty() {
        vec![now.agent]
    } else {
        selection.agent.clone()
    };
    let checks = if selection.check.is_empty() {
        vec![now.check]
    } else {
        selection.check.clone()
    };
    let mut rows = Vec::new();
    for scenario in scenarios {
        let mut played = Vec::new();
        for &agent in &agents {
            let checks = checks.iter().copied();
            let ways = checks.filter(|check| scenario.checks.takes(*check));
            played.extend(ways.map(|check| Row {
                name: scenario.name,
                way: Way { agent, check },
                known: scenario.paf.filter(|_| agent == Agent::Paf),
                results: Vec::new(),
            }));
        }
        for _ in 0..selection.rounds {
            for row in &mut played {
                go(lab, now, row.way)?;
                now = row.way;
                row.results.push(play_once(lab, scenario, now)?);
            }
        }
        rows.extend(played);
    }
    Ok((table(&rows), rows.iter().all(Row::is_well)))
}

/// Has the lab go another way.
fn go(lab: &Lab, from: Way, to: Way) -> Result<(), Error> {
    if to.agent != from.agent {
        run_by(lab, to.agent)?;
    }
    if to.check != from.check {
        check_by(lab, to.check)?;
    }
    Ok(())
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
    Way { agent, check }: Way,
) -> Result<Result<Outcome, String>, Error> {
    let label = format!("{} ({}, {})", scenario.name, agent.label(), check.name());
    say(&format!("{label} ..."));
    let cluster = Cluster::new(lab);
    let primary = cluster.wait_until_whole()?;
    let mut standbys = Host::SERVERS.into_iter().filter(|host| *host != primary);
    let (Some(standby), Some(third)) = (standbys.next(), standbys.next()) else {
        return Err(Error::Unfit("there are no two standbys".into()));
    };
    let stage = Stage {
        lab,
        cluster,
        agent,
        check,
        name: scenario.name,
        primary,
        standby,
        third,
    };
    let fenced_before = lab.fenced()?.len();
    let played = (scenario.play)(stage);
    let rebuilt = make_whole(lab)?;
    let fenced = lab.fenced()?.split_off(fenced_before);
    let outcome = played.and_then(|played| sum_up(stage, scenario, played, &rebuilt, fenced));
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

/// What came of a scenario, looked at when the cluster is whole again.
fn sum_up(
    stage: Stage<'_>,
    scenario: &Scenario,
    played: Played,
    rebuilt: &[Host],
    fenced: Vec<String>,
) -> Result<Outcome, Error> {
    let report = played.notes.verify(stage.lab)?;
    let inside = match &played.inside {
        Some(notes) => Some(notes.verify(stage.lab)?),
        None => None,
    };
    let gap = longest_gap(&report);
    let journal = stage.lab.journal_since(gap.begin)?;
    let aftermath = Aftermath {
        agent: stage.agent,
        phases: phases(&journal, gap),
        fenced,
        left_behind: stage.cluster.left_behind()?,
        first: stage.primary.name(),
        rebuilt: rebuilt.iter().map(|host| host.name()).collect(),
        remarks: played.remarks,
    };
    let reports = (&report, inside.as_ref());
    Ok(judge(reports, aftermath, scenario.expects))
}

impl Checks {
    fn takes(self, check: Check) -> bool {
        match self {
            Self::Any => true,
            Self::DaemonOnly => check == Check::Daemon,
        }
    }
}
