//! `pgsql-state serve`: runs the daemon.

use std::path::Path;

use tracing::level_filters::LevelFilter;
use tracing::warn;

use super::exit::{Exit, complete};
use super::invocation;
use crate::daemon::systemd::log;
use crate::daemon::{self, Configured};
use crate::postgres::chain;

pub(super) fn run(config: Option<&Path>, level: LevelFilter) -> Exit {
    match try_run(config, level) {
        Ok(()) => Exit::Success,
        Err(exit) => exit,
    }
}

fn try_run(config: Option<&Path>, level: LevelFilter) -> Result<(), Exit> {
    let settings = invocation::load(config)?;
    log::start(level, invocation::variable("JOURNAL_STREAM").as_deref());
    let names = invocation::variable("LISTEN_FDNAMES");
    let reload = || read_again(config);
    complete(daemon::run(settings, names.as_deref(), reload))?
        .map_err(|error| Exit::Failure.because(&error))
}

/// Reads the configuration again for a reload; warnings go to the log.
fn read_again(config: Option<&Path>) -> Result<Configured, String> {
    let loaded = invocation::read(config).map_err(|error| chain(&error))?;
    for warning in loaded.warnings.sentences() {
        warn!("{warning}");
    }
    Ok(loaded.settings)
}
