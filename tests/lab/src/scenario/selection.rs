//! What somebody asks to have played; pure.

use clap::Args;

use super::list::{ALL, Scenario, When};
use crate::agent::Agent;
use crate::error::Error;
use crate::plan::Check;

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
    pub(super) rounds: u8,
    /// Resource agents, in turn [default: the lab's]
    #[arg(long, value_enum)]
    pub(super) agent: Vec<Agent>,
    /// Ways of checking, in turn [default: the lab's]
    #[arg(long, value_enum)]
    pub(super) check: Vec<Check>,
}

impl Selection {
    /// These scenarios, with these agents in turn and the lab's way of checking.
    pub(crate) fn of(scenarios: &[&str], rounds: u8, agents: &[Agent]) -> Self {
        Self {
            scenarios: scenarios.iter().map(|name| (*name).to_owned()).collect(),
            all: false,
            rounds,
            agent: agents.to_owned(),
            check: Vec::new(),
        }
    }

    /// The scenarios that are meant, in the order in which they are played.
    pub(super) fn chosen(&self) -> Result<Vec<&'static Scenario>, Error> {
        let names = &self.scenarios;
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
                self.all || scenario.when == When::Usually
            } else {
                names.iter().any(|name| name == scenario.name)
            }
        };
        Ok(ALL.iter().filter(is_chosen).collect())
    }
}
