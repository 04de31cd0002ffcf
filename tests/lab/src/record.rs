//! Records what Pacemaker asks of the resource agent while something is done to the cluster: which action, on
//! which node, in which order across nodes, with which variables, how it ended and how long it took. A model of
//! Pacemaker can be held against that.
//!
//! - [`calls`]: what the stand-in in the agent's place noted (`provision/recorder`); pure.
//! - [`journal`]: what Pacemaker decided, from the hosts' journals; pure.
//! - [`recording`]: one recording, as its file has it; pure.
//! - [`session`]: a cluster that is recorded, and what scenarios do with it.
//! - [`list`]: the scenarios that are recorded.
//! - [`plays`]: what is done in them from outside.
//! - [`hooked`]: and by calls of the agent itself.

mod calls;
mod hooked;
mod journal;
mod list;
mod plays;
mod recording;
mod session;

use std::fs;
use std::path::PathBuf;

use clap::Args;

use crate::error::Error;
use crate::lab::Lab;
use crate::say::say;
use crate::scenario::make_whole;
use session::Session;

/// What to record.
#[derive(Clone, Debug, Args)]
pub(crate) struct Record {
    /// Scenarios to record [default: all but first-start, which is one of a lab that is fresh]
    scenarios: Vec<String>,
    /// Folder for the recordings, a file SCENARIO.jsonl each
    #[arg(long, value_name = "DIR", default_value = "tests/simulate/recorded")]
    into: PathBuf,
}

/// Records scenarios one after the other, each on a whole cluster.
pub(crate) fn record(lab: &Lab, record: &Record) -> Result<(), Error> {
    let chosen = list::chosen(&record.scenarios)?;
    fs::create_dir_all(&record.into)
        .map_err(Error::io(format!("make {}", record.into.display())))?;
    for scenario in chosen {
        say(&format!("{} ...", scenario.name));
        let played = Session::begin(lab, scenario.name).and_then(|session| {
            let played = (scenario.play)(&session);
            let recording = session.end()?;
            played.map(|()| recording)
        });
        make_whole(lab)?;
        let recording = match played {
            Ok(recording) => recording,
            Err(error) => {
                say(&format!("{}: {}", scenario.name, error.in_full()));
                continue;
            }
        };
        let path = record.into.join(format!("{}.jsonl", scenario.name));
        let text = recording.lines();
        fs::write(&path, &text).map_err(Error::io(format!("write {}", path.display())))?;
        let calls = recording.calls.len();
        say(&format!(
            "{}: {calls} calls, {} bytes",
            scenario.name,
            text.len()
        ));
    }
    Ok(())
}
