//! The program `pgsql-state-traffic`: its options, the signals that end a run, and where its report
//! goes.

use std::error::Error as _;
use std::fs;
use std::future::pending;
use std::io::{Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use tokio::select;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::crowd::Crowd;
use crate::error::Error;
use crate::history::client::Registers;
use crate::place::Place;
use crate::plan::{Access, Plan, some_time};
use crate::record::Record;
use crate::report::Report;
use crate::run::{Run, look};
use crate::tally::tally;
use crate::traffic::{on_one_thread, verify};

/// Writes and reads through HAProxy as applications do, and tells what they went through.
///
/// Rows go to the table `pgsql_state_traffic`, which is made if it is missing and left behind. The
/// exit status is 0 whatever clients went through, and 1 where that could not be found out.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lets writers and readers go until the time is over or SIGTERM or SIGINT comes, looks for the
    /// rows on the primary, and reports
    Run {
        #[command(flatten)]
        plan: Plan,

        /// How long [default: until a signal comes]
        #[arg(long = "for", value_name = "TIME", value_parser = some_time)]
        length: Option<Duration>,

        /// Report without looking for the rows; `verify` does it later, with --record
        #[arg(long)]
        unverified: bool,

        #[command(flatten)]
        output: Output,
    },
    /// Looks for the rows of an earlier run on the primary, and reports
    Verify {
        /// What `run --record` wrote
        #[arg(long, value_name = "FILE")]
        record: PathBuf,

        /// Which port leads to the primary
        #[arg(long, value_name = "HOST:PORT")]
        write: Place,

        #[command(flatten)]
        access: Access,

        #[command(flatten)]
        output: Output,
    },
    /// Keeps many connections to one port, as somebody who asks too often, and counts what became of
    /// them
    Crowd(Crowd),
    /// Writes and reads registers and sets until SIGTERM or SIGINT comes, and notes all that is asked and told; the
    /// tables have to be there
    Registers(Registers),
}

/// What is reported, and to where.
#[derive(Debug, Args)]
struct Output {
    /// Shortest gap that is listed
    #[arg(long, default_value = "1s", value_name = "TIME", value_parser = some_time)]
    threshold: Duration,

    /// File for the report as JSON; for people it is on standard output
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let done = match Options::parse().command {
        Command::Run {
            plan,
            length,
            unverified,
            output,
        } => on_one_thread(run(plan, length, unverified, &output)).and_then(|done| done),
        Command::Verify {
            record,
            write,
            access,
            output,
        } => verify_later(&record, &write, &access, &output),
        Command::Registers(registers) => {
            on_one_thread(until_signalled(registers)).and_then(|done| done)
        }
        Command::Crowd(crowd) => on_one_thread(crowd.come()).and_then(|came| {
            let came = came?;
            writeln!(stdout(), "{came}").map_err(Error::system("write to standard output"))
        }),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where standard error is closed there is nobody to tell.
            writeln!(stderr(), "pgsql-state-traffic: {}", sentence(&error)).ok();
            ExitCode::FAILURE
        }
    }
}

async fn run(
    plan: Plan,
    length: Option<Duration>,
    unverified: bool,
    output: &Output,
) -> Result<(), Error> {
    let mut signals = Signals::listen()?;
    let (place, access) = (plan.write.first().cloned(), plan.access.clone());
    let run = select! {
        begun = Run::begin(plan) => begun?,
        () = signals.any() => return Err(Error::Interrupted),
    };
    let record = until_over(run, length, &mut signals).await?;
    let looked = match place {
        Some(place) if !unverified => select! {
            looked = look(&record, &place, &access, output.threshold) => looked.map(Some),
            () = signals.any() => Ok(None),
        },
        Some(_) | None => Ok(None),
    };
    // Whatever became of the rows, what clients went through is told.
    let (report, trouble) = match looked {
        Ok(Some(report)) => (report, None),
        Ok(None) => (tally(&record, output.threshold, None), None),
        Err(error) => (tally(&record, output.threshold, None), Some(error)),
    };
    tell(&report, output)?;
    trouble.map_or(Ok(()), Err)
}

async fn until_signalled(registers: Registers) -> Result<(), Error> {
    let mut signals = Signals::listen()?;
    let stop = CancellationToken::new();
    let mut going = pin!(registers.until(stop.clone()));
    select! {
        ended = &mut going => return ended,
        () = signals.any() => {}
    }
    stop.cancel();
    going.await
}

/// Lets the clients go until the time is over, a signal comes, or one of them cannot go on.
async fn until_over(
    run: Run,
    length: Option<Duration>,
    signals: &mut Signals,
) -> Result<Record, Error> {
    let stop = CancellationToken::new();
    let mut going = pin!(run.until(stop.clone()));
    let over = async {
        match length {
            Some(length) => sleep(length).await,
            None => pending().await,
        }
    };
    select! {
        ended = &mut going => return ended,
        () = over => {}
        () = signals.any() => {}
    }
    stop.cancel();
    going.await
}

fn verify_later(
    record: &Path,
    place: &Place,
    access: &Access,
    output: &Output,
) -> Result<(), Error> {
    let record = Record::read(record)?;
    tell(&verify(&record, place, access, output.threshold)?, output)
}

/// For programs first: people may have gone.
fn tell(report: &Report, output: &Output) -> Result<(), Error> {
    if let Some(path) = &output.report {
        let write = || {
            let json = serde_json::to_string_pretty(report)?;
            fs::write(path, json + "\n")
        };
        write().map_err(Error::file("write", path))?;
    }
    write!(stdout(), "{report}").map_err(Error::system("write to standard output"))
}

/// The error with its causes.
fn sentence(error: &Error) -> String {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        sentence = format!("{sentence}: {deeper}");
        cause = deeper.source();
    }
    sentence
}

/// The signals that end a run.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Error> {
        let listen = |kind| signal(kind).map_err(Error::system("listen for signals"));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    async fn any(&mut self) {
        select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
