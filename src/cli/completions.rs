//! `pgsql-state completions`: prints a shell's completion script, from the same declarations as the help.

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;
use super::exit::{Exit, print};

pub(super) fn run(shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "pgsql-state", &mut script);
    match print(&String::from_utf8_lossy(&script)) {
        Ok(()) => Exit::Success,
        Err(exit) => exit,
    }
}
