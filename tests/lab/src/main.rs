//! The program `pgsql-state-lab`: three servers and a client as real hosts on one machine.
//!
//! From the ground: [`error`], [`mod@say`], [`program`]; [`host`], [`agent`], [`plan`] and [`places`] tell which
//! hosts, what kind of cluster, and where its files are; [`requirements`], [`base`] and [`cgroup`] deal with
//! this machine; [`supervisor`] is the process that runs the hosts; [`lab`] starts it, ends it and works
//! in the hosts; [`provision`] makes them a cluster, with the scripts in `provision/`; [`cluster`] sees
//! it as an administrator does; [`status`] prints that; [`scenario`] breaks it; [`record`] notes what Pacemaker asks of
//! the agent meanwhile; [`figures`] compares resource agents; [`campaign`] breaks it at random. [`packages`] and [`guide`] need hosts that are no cluster.

mod agent;
mod base;
mod campaign;
mod cgroup;
mod cluster;
mod error;
mod figures;
mod guide;
mod host;
mod journal;
mod lab;
mod options;
mod packages;
mod places;
mod plan;
mod program;
mod provision;
mod record;
mod requirements;
mod say;
mod scenario;
mod status;
mod supervisor;

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Parser;

use crate::error::Error;
use crate::lab::Lab;
use crate::options::{Command, Options};
use crate::places::Places;
use crate::say::say;

fn main() -> ExitCode {
    carry_out(Options::parse().command).unwrap_or_else(|error| {
        say(&format!("pgsql-state-lab: {}", error.in_full()));
        ExitCode::FAILURE
    })
}

fn carry_out(command: Command) -> Result<ExitCode, Error> {
    let places = Places::of_this_checkout()?;
    match command {
        Command::Check => lab::check(&places)?,
        Command::Up { plan, keep_failed } => lab::up(&places, &plan, keep_failed)?,
        Command::Down => lab::down(&places)?,
        Command::Status => {
            print(&status::table(&Lab::find(&places)?)?)?;
        }
        Command::Shell { host } => {
            Lab::find(&places)?
                .host(host)
                .interact(&["bash", "--login"])?;
        }
        Command::Run { host, command } => {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            let status = Lab::find(&places)?.host(host).interact(&words)?;
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            return Ok(code.map_or(ExitCode::FAILURE, ExitCode::from));
        }
        Command::Test { selection } => {
            let (table, all_well) = scenario::play(&Lab::find(&places)?, &selection)?;
            print(&table)?;
            return Ok(if all_well {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        Command::Campaign(campaign) => {
            let (table, all_well) = campaign::play(&places, &Lab::find(&places)?, &campaign)?;
            print(&table)?;
            return Ok(if all_well {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        Command::Record(record) => record::record(&Lab::find(&places)?, &record)?,
        Command::Figures(figures) => {
            print(&figures::measure(&Lab::find(&places)?, &figures)?)?;
        }
        Command::Guide(guide) => guide::follow(&places, &guide)?,
        Command::Packages(packages) => packages::try_out(&places, &packages)?,
        Command::Supervise { base, hosts } => supervisor::supervise(&places, &base, &hosts)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn print(text: &str) -> Result<(), Error> {
    stdout()
        .write_all(text.as_bytes())
        .map_err(Error::io("print the result"))
}
