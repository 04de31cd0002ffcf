//! `pgsql-state agent`: shows an operator this node from the resource agent's point of view.
//!
//! - [`explain`]: shows what the agent sees and would do.

pub(super) mod explain;

use clap::{Args, Subcommand};

use super::exit::Exit;

/// Arguments of `agent`.
#[derive(Debug, Args)]
pub(super) struct AgentArguments {
    #[command(subcommand)]
    question: AgentQuestion,
}

#[derive(Debug, Subcommand)]
enum AgentQuestion {
    /// Shows what the agent sees on this node, what each action would do, and which node would win an election
    ///
    /// It changes nothing. Run it as root on a node of the cluster.
    Explain(explain::Explain),
}

pub(super) fn run(agent: &AgentArguments) -> Exit {
    match &agent.question {
        AgentQuestion::Explain(explain) => explain::run(explain),
    }
}
