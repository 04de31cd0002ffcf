//! `pgsql-state man`: prints the manual pages, from the declarations that help and parsing use.
//!
//! - [`program`]: pgsql-state(8): every subcommand, answer, status, file, variable and signal.
//! - [`settings`]: pgsql-state.toml(5): every key.
//! - [`agent`]: pgsqlms(7): the resource agent.
//! - [`page`]: formats a page as roff.

mod agent;
mod page;
mod program;
mod settings;

use clap::{CommandFactory, ValueEnum};

use super::Cli;
use super::exit::{Exit, print};

/// Arguments of `man`.
#[derive(Debug, clap::Args)]
pub(super) struct Man {
    /// The page
    #[arg(value_enum, default_value = "pgsql-state")]
    page: ManPage,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ManPage {
    /// The program, in section 8
    #[value(name = "pgsql-state")]
    Program,
    /// Its configuration, in section 5
    #[value(name = "pgsql-state.toml")]
    Settings,
    /// The resource agent, in section 7
    #[value(name = "pgsqlms")]
    Agent,
}

pub(super) fn run(man: &Man) -> Exit {
    let page = match man.page {
        ManPage::Program => program::page(Cli::command()),
        ManPage::Settings => Ok(settings::page()),
        ManPage::Agent => Ok(agent::page()),
    };
    match page {
        Ok(page) => match print(&page) {
            Ok(()) => Exit::Success,
            Err(exit) => exit,
        },
        Err(error) => Exit::Failure.because(&error),
    }
}

#[cfg(test)]
mod tests;
