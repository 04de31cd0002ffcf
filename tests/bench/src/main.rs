//! The program `pgsql-state-bench`: measures the daemon beside a bare server and its rivals.
//!
//! From the ground: [`error`], [`interrupt`] and [`progress`]; [`host`] runs processes and counts what
//! they use; [`client`] asks as load balancers do; [`postgres`] is what contenders ask; [`contender`]
//! knows how each is started; [`measure`] puts clients on contenders; [`report`] turns rounds into a
//! page; [`run`] has them do it in order. [`flood`] is the other thing that can be measured: a load
//! balancer's checks while untrusted clients attack.

mod client;
mod contender;
mod error;
mod flood;
mod host;
mod interrupt;
mod measure;
mod options;
mod postgres;
mod progress;
mod report;
mod run;

use std::error::Error;
use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::flood::Flood;
use crate::options::{Options, Role};
use crate::progress::say;

fn main() -> ExitCode {
    match play(&Options::parse()) {
        Ok(code) => code,
        Err(error) => {
            let mut sentence = vec![error.to_string()];
            let mut cause = error.source();
            while let Some(deeper) = cause {
                sentence.push(deeper.to_string());
                cause = deeper.source();
            }
            say(&format!("pgsql-state-bench: {}", sentence.join(": ")));
            ExitCode::FAILURE
        }
    }
}

fn play(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    match &options.role {
        Some(Role::Bare { address }) => {
            contender::serve_bare(*address)?;
            return Ok(ExitCode::FAILURE);
        }
        Some(Role::BareHttp { address }) => {
            contender::serve_bare_http(*address)?;
            return Ok(ExitCode::FAILURE);
        }
        Some(Role::Flood { inside: false, .. }) => return Ok(flood::enter()?),
        Some(Role::Flood {
            seconds,
            only,
            threads,
            ..
        }) => {
            flood::furnish()?;
            let page = flood::run(&Flood {
                program: &run::program(options)?,
                only,
                length: Duration::from_secs(*seconds),
                threads: usize::from(*threads),
            })?;
            stdout().write_all(page.as_bytes())?;
            return Ok(ExitCode::SUCCESS);
        }
        None => {}
    }
    let page = run::run(options, &command_line())?;
    stdout().write_all(page.text.as_bytes())?;
    Ok(if options.check && !page.all_met {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// The command as it was typed, without the folder of the program.
fn command_line() -> String {
    let arguments = std::env::args().skip(1);
    std::iter::once(env!("CARGO_PKG_NAME").to_owned())
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}
