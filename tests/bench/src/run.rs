//! A whole run: who takes part, in which order what is measured, and the page at the end.

use std::path::{Path, PathBuf};

use crate::client::End;
use crate::contender::{Bare, BareHttp, Bgw, Contender, Name, Ours, Patroni, Psql, Running};
use crate::error::Error;
use crate::host::{Host, describe, packages};
use crate::measure::{Activation, Endurance, Turns};
use crate::options::Options;
use crate::progress::say;
use crate::report::targets::{all_met, targets};
use crate::report::{Report, Summary};

/// What a run yields.
pub(crate) struct Page {
    /// Markdown.
    pub(crate) text: String,
    /// Whether every target was met.
    pub(crate) all_met: bool,
}

/// Measures what the options ask for. Everything started has ended when this returns.
pub(crate) fn run(options: &Options, command: &str) -> Result<Page, Error> {
    let ours = find_ours(options)?;
    let contenders = contenders(options, ours.as_ref());
    if contenders.is_empty() {
        return Err(Error::NothingToMeasure);
    }
    let needs = contenders.iter().flat_map(|contender| contender.needs());
    packages::check(packages::FOR_ALL.iter().cloned().chain(needs))?;
    let mut versions = Vec::new();
    for contender in &contenders {
        let version = contender.version()?;
        if !versions.contains(&version) {
            versions.push(version);
        }
    }

    let host = Host::prepare()?;
    let plan = options.plan();
    let running = start(&host, &contenders)?;
    let (endurance, activation) = match (&ours, running.iter().find(|one| one.name == Name::Ours)) {
        (Some(ours), Some(daemon)) => {
            let (endurance, activation) = alone(&host, ours, daemon, options.endurance)?;
            (Some(endurance), activation)
        }
        (None, _) | (_, None) => (None, None),
    };
    let turns = Turns::measure(&host, &running, &plan)?;
    drop(running);

    let summary = Summary::of(&turns);
    let targets = targets(&summary, &plan.widths, endurance, activation);
    let report = Report {
        machine: &describe::describe(),
        versions: &versions,
        command,
        plan: &plan,
        summary: &summary,
        targets: &targets,
    };
    Ok(Page {
        text: report.to_markdown(),
        all_met: all_met(&targets),
    })
}

/// The daemon, unless it was not built or not asked for.
fn find_ours(options: &Options) -> Result<Option<Ours>, Error> {
    let ours = [Name::Ours, Name::Http, Name::HttpKept];
    if !options.contenders().iter().any(|name| ours.contains(name)) {
        return Ok(None);
    }
    let program = program(options)?;
    if program.is_file() {
        return Ok(Some(Ours::new(&program)));
    }
    say(&format!(
        "pgsql-state is left out: there is no {}; build it with: cargo build --release",
        program.display()
    ));
    Ok(None)
}

/// The daemon's file, whether or not it is there.
pub(crate) fn program(options: &Options) -> Result<PathBuf, Error> {
    match &options.pgsql_state {
        Some(program) => Ok(program.clone()),
        None => beside_this_program("pgsql-state"),
    }
}

fn beside_this_program(name: &str) -> Result<PathBuf, Error> {
    let own =
        std::env::current_exe().map_err(|error| Error::io("find the program that runs", error))?;
    Ok(own.parent().unwrap_or(Path::new("")).join(name))
}

fn contenders(options: &Options, ours: Option<&Ours>) -> Vec<Box<dyn Contender>> {
    let names = options.contenders().into_iter();
    names
        .filter_map(|name| -> Option<Box<dyn Contender>> {
            Some(match name {
                Name::Bare => Box::new(Bare),
                Name::Ours => Box::new(ours?.clone()),
                Name::Psql => Box::new(Psql),
                Name::Bgw => Box::new(Bgw),
                Name::BareHttp => Box::new(BareHttp(End::Close)),
                Name::Http => Box::new(ours?.clone().over_http(End::Close)),
                Name::BareHttpKept => Box::new(BareHttp(End::EmptyLine)),
                Name::HttpKept => Box::new(ours?.clone().over_http(End::EmptyLine)),
                Name::Patroni => Box::new(Patroni),
            })
        })
        .collect()
}

fn start(host: &Host, contenders: &[Box<dyn Contender>]) -> Result<Vec<Running>, Error> {
    let started = contenders.iter().map(|contender| {
        say(&format!("starting {}", contender.name().label()));
        contender.start(host)
    });
    started.collect()
}

/// What is measured of the daemon alone, before its turns beside the others.
fn alone(
    host: &Host,
    ours: &Ours,
    daemon: &Running,
    answers: u32,
) -> Result<(Endurance, Option<Activation>), Error> {
    say(&format!(
        "pgsql-state alone: memory over {answers} answers, then socket activation"
    ));
    let endurance = Endurance::measure(host, daemon, answers)?;
    let postgres = daemon.postgres.as_ref();
    let activation = postgres.map(|postgres| Activation::measure(host, ours, postgres));
    Ok((endurance, activation.transpose()?))
}
