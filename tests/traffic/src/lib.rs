//! Real clients of a cluster behind HAProxy: writers send numbered rows and readers ask for the newest
//! one, both come back when they are cut off, and at the end they tell what they went through and
//! which acknowledged rows are lost. They know PostgreSQL and a port, and nothing of the daemon.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! use pgsql_state_traffic::{Plan, Traffic, verify};
//!
//! let plan = Plan::of_options(["--write", "srv1:5432", "--read", "srv1:5433"])?;
//! let (through, access) = (plan.write[0].clone(), plan.access.clone());
//! let traffic = Traffic::start(plan)?;
//! // Whatever is to be gone through.
//! let record = traffic.finish()?;
//! let report = verify(&record, &through, &access, Duration::from_secs(1))?;
//! println!("{report}");
//! # Ok(())
//! # }
//! ```
//!
//! The program does the same from the command line: `pgsql-state-traffic run --write srv1:5432
//! --read srv1:5433 --report report.json`, ended by SIGTERM. Its report is a [`Report`] as JSON.
//!
//! - [`plan`], [`place`]: what clients are to do, and where.
//! - [`record`]: what they noted; [`failure`]: why something failed.
//! - [`mod@tally`]: from a record to a [`report`]. These decide, and touch nothing outside.
//! - [`recorder`]: the clock, and the notes' file.
//! - [`client`]: sessions, writers, readers.
//! - [`run`]: clients let go and stopped; [`traffic`] does it beside another program, [`cli`] from the
//!   command line.
//! - [`history`]: registers and sets, and whether what clients saw of them can be.
//! - [`crowd`]: many connections to one port.
//! - [`error`]: what keeps a run from being made or judged.

mod cli;
mod client;
mod crowd;
mod error;
mod failure;
pub mod history;
mod micros;
mod place;
mod plan;
mod record;
mod recorder;
mod report;
mod run;
mod tally;
mod traffic;

pub use cli::main;
pub use client::statements::TABLES;
pub use error::{Error, Instead};
pub use failure::Failure;
pub use place::{NoPlace, Place};
pub use plan::{Access, Keep, Plan, SynchronousCommit};
pub use record::{Begin, End, Note, Primary, Read, Record, Seen, Unreached, Who, Write};
pub use report::{
    Failures, Gap, Gaps, Missing, Overlap, Reader, Reign, Report, Rows, SharedSecond, Stale, Writer,
};
pub use tally::{Found, tally};
pub use traffic::{Traffic, verify};
