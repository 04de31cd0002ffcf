//! What a resource agent costs and how long writers wait with it, beside the other one: in one lab, in
//! turn, some rounds each.
//!
//! - [`calls`]: how long a monitor takes, and how much of a processor.
//! - [`trace`]: what the actions of a whole switchover fork; [`forks`]: reads such a trace; pure.
//! - [`mod@table`]: the table of all that; pure.

mod calls;
mod forks;
mod table;
mod trace;

use clap::Args;

use crate::agent::Agent;
use crate::cluster::{Cluster, Role};
use crate::error::Error;
use crate::lab::Lab;
use crate::provision::run_by;
use crate::say::say;
use crate::scenario::{self, Selection};
use table::{Cost, table};

/// The breakages whose gaps are compared.
const SCENARIOS: [&str; 3] = ["switchover", "postmaster-kill", "power-cut"];

/// What to measure.
#[derive(Clone, Debug, Args)]
pub(crate) struct Figures {
    /// How many times each
    #[arg(long, default_value_t = 5)]
    rounds: u8,
    /// Resource agents, in turn [default: PAF and ours]
    #[arg(long, value_enum)]
    agent: Vec<Agent>,
    /// Leave out how many processes actions start
    #[arg(long)]
    no_forks: bool,
    /// Leave out how long writers wait
    #[arg(long)]
    no_gaps: bool,
}

/// Measures, and returns the tables.
pub(crate) fn measure(lab: &Lab, figures: &Figures) -> Result<String, Error> {
    let agents = if figures.agent.is_empty() {
        Agent::ALL.to_vec()
    } else {
        figures.agent.clone()
    };
    let cluster = Cluster::new(lab);
    let mut costs: Vec<Cost> = agents.iter().copied().map(Cost::of).collect();
    for round in 1..=figures.rounds {
        for cost in &mut costs {
            say(&format!("round {round} of {} ...", cost.agent.label()));
            if cluster.agent()? != cost.agent {
                run_by(lab, cost.agent)?;
            }
            let primary = cluster.wait_until_whole()?;
            for (host, role) in cluster.roles(primary)? {
                let call = calls::monitor(lab, cost.agent, host, role)?;
                match role {
                    Role::Primary => cost.primary.push(call),
                    Role::Standby => cost.standby.push(call),
                }
            }
            if !figures.no_forks {
                cost.calls.extend(trace::switchover(lab, cluster)?);
            }
        }
    }
    let mut text = table(&costs);
    if !figures.no_gaps {
        let selection = Selection::of(&SCENARIOS, figures.rounds, &agents);
        let (gaps, _) = scenario::play(lab, &selection)?;
        text.push_str(&gaps);
    }
    Ok(text)
}
