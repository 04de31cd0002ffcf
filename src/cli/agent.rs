//! `pgsql-state agent`: what an operator asks the resource agent's side of this host.
//!
//! - [`explain`]: what it sees here and would do.

mod explain;

use clap::{Args, Subcommand};

use super::exit::Exit;

/// Which question.
#[derive(Debug, Args)]
pub(super) struct AgentArguments {
    #[command(subcommand)]
    question: AgentQuestion,
}

#[derive(Debug, Subcommand)]
enum AgentQuestion {
    /// Tells what the agent sees on this node, what each action would do, and who would win an election
    ///
    /// It changes nothing. Run it as root on a node of the cluster.
    Explain(explain::Explain),
}

pub(super) fn run(agent: &AgentArguments) -> Exit {
    match &agent.question {
        AgentQuestion::Explain(explain) => explain::run(explain),
    }
}
