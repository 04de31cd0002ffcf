//! `pgsql-state rejoin`: brings this node back as a standby, or says which way it could come back. Composes the facts of both
//! sides, the plan and its printing.
//!
//! - `place`: which server is meant.

mod place;

use std::io::{self, BufRead, IsTerminal};

use clap::ArgGroup;

use super::exit::{Exit, print};
use super::invocation;
use crate::agent::decide::rejoin_record::RejoinPhase;
use crate::base::terminal::shown;
use crate::rejoin::plan::{Discard, Method, RejoinPlan, RejoinRequest};
use crate::rejoin::{
    self, Executor, RejoinError, RejoinGathered, SaveWal, Watcher, document, text,
};
use place::ServerPlace;

/// Arguments of `rejoin`.
#[derive(Debug, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line"
)]
#[command(group = ArgGroup::new("way").args(["plan", "as_is", "rewind", "copy"]))]
pub(super) struct RejoinArguments {
    /// Print which way is possible, why, and what would be thrown away; change nothing
    #[arg(long)]
    plan: bool,
    /// Start the server with the data that it has, or do nothing
    #[arg(long)]
    as_is: bool,
    /// Replace what differs by `pg_rewind`, or do nothing
    #[arg(long)]
    rewind: bool,
    /// Replace everything by a new copy of the primary, or do nothing
    #[arg(long)]
    copy: bool,
    /// Print what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the plan as JSON
    #[arg(long)]
    json: bool,
    /// Throw WAL away even if commits in it may have been acknowledged under synchronous replication
    #[arg(long)]
    discard: bool,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
    /// Keep no copy of the WAL that is thrown away
    #[arg(long)]
    no_save: bool,
    /// Connection string of the primary [default: `primary_conninfo` of this node]
    #[arg(long, value_name = "CONNINFO")]
    primary: Option<String>,
    #[command(flatten)]
    place: ServerPlace,
}

impl RejoinArguments {
    fn request(&self) -> RejoinRequest {
        let asked = [
            (self.as_is, Method::AsIs),
            (self.rewind, Method::Rewind),
            (self.copy, Method::Copy),
        ];
        let mut asked = asked.into_iter().filter(|(is_asked, _)| *is_asked);
        RejoinRequest {
            method: asked.next().map(|(_, method)| method),
            discard: if self.discard {
                Discard::Allowed
            } else {
                Discard::Refused
            },
        }
    }
}

pub(super) fn run(arguments: &RejoinArguments) -> Exit {
    match try_run(arguments) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(arguments: &RejoinArguments) -> Result<Exit, Exit> {
    let mut node = arguments.place.node(arguments.primary.clone())?;
    let only_plans = arguments.plan || arguments.dry_run;
    if !only_plans {
        Executor::finish_swap(&mut node).map_err(|error| incomplete(&error))?;
    }
    let gathered = rejoin::gather(&mut node).map_err(|error| Exit::Failure.because(&error))?;
    let request = arguments.request();
    let plan = rejoin::plan(&gathered.facts, request);
    print(&printed(arguments, &gathered, &plan))?;
    let Some(method) = plan.decision else {
        return Ok(Exit::Failure);
    };
    if only_plans {
        return Ok(Exit::Success);
    }
    if method != Method::AsIs && !arguments.yes {
        confirm()?;
    }
    let pacemaker = invocation::pacemaker();
    let mut executor = Executor {
        node: &mut node,
        pacemaker: &pacemaker,
        watcher: &mut Teller,
        save: if arguments.no_save {
            SaveWal::Dropped
        } else {
            SaveWal::Kept
        },
    };
    let kept = executor.bring_back(gathered, plan, request);
    let kept = kept.map_err(|error| incomplete(&error))?;
    let kept = kept.map_or_else(String::new, |kept| {
        format!("the WAL of before is kept in {}", kept.display())
    });
    let done = format!("the primary sends WAL to this node\n{kept}");
    Exit::Success.saying(&done);
    Ok(Exit::Success)
}

/// Ends with the status of work that was begun.
fn incomplete(error: &RejoinError) -> Exit {
    match error {
        RejoinError::Changed(_) | RejoinError::UnderWay => Exit::Failure.because(error),
        RejoinError::Server(_)
        | RejoinError::Cluster(_)
        | RejoinError::StillRuns(_)
        | RejoinError::Primary(_)
        | RejoinError::DoesNotFollow { .. }
        | RejoinError::Interrupted(_) => Exit::Incomplete
            .because(error)
            .saying("pgsql-state: run the same command again to go on"),
    }
}

/// Asks whether to go on.
fn confirm() -> Result<(), Exit> {
    let mut input = io::stdin().lock();
    if !input.is_terminal() {
        return Err(
            Exit::Failure.saying("pgsql-state: nothing was done; --yes does it without asking")
        );
    }
    Exit::Success.saying("Do it? [y/N]");
    let mut answer = String::new();
    match input.read_line(&mut answer) {
        Ok(_) if ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()) => Ok(()),
        Ok(_) | Err(_) => Err(Exit::Failure.saying("pgsql-state: nothing was done")),
    }
}

/// Tells the progress on standard error.
struct Teller;

impl Watcher for Teller {
    fn begins(&mut self, phase: RejoinPhase) -> Result<(), RejoinError> {
        Exit::Success.saying(&format!("{}...", phase.word()));
        Ok(())
    }

    fn says(&mut self, line: &str) {
        Exit::Success.saying(&format!("    {}", shown(line)));
    }
}

fn printed(arguments: &RejoinArguments, gathered: &RejoinGathered, plan: &RejoinPlan) -> String {
    if arguments.json {
        document(&gathered.facts, plan)
    } else {
        text::report(&gathered.facts, plan)
    }
}
