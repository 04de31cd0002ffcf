//! `pgsql-state keeper`: tells Pacemaker at once that the server of this node has ended or hangs. Composes the watch with
//! systemd. Knows nothing of a server.

mod daemon_user;
mod slots;

use std::path::Path;

use tracing::level_filters::LevelFilter;

use super::exit::{Exit, complete, print};
use super::{Config, invocation};
use crate::agent::pgsqlms::action_lock;
use crate::daemon::systemd::signals::{ServiceCommand, ServiceCommands};
use crate::daemon::systemd::{log, notify};
use crate::keeper::{self, KeeperHost, OnlyKeeper};
use slots::KeptSlots;

/// Arguments of `keeper`.
#[derive(Debug, clap::Args)]
pub(super) struct KeeperArguments {
    /// Print what is seen and what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    config: Config,
}

pub(super) fn run(arguments: &KeeperArguments) -> Exit {
    match try_run(arguments) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(arguments: &KeeperArguments) -> Result<Exit, Exit> {
    let settings = invocation::load(arguments.config.config.as_deref())?;
    let sbin = invocation::sbin();
    let environment = invocation::environment();
    let config = arguments.config.config.as_deref();
    let slots = KeptSlots::of(&settings, config, &sbin, environment.clone());
    let slots = slots.map_err(|error| Exit::Config.because(&error))?;
    let host = KeeperHost {
        sbin,
        environment,
        locks: invocation::variable(action_lock::DIRECTORY_VARIABLE),
        settings: settings.keeper,
    };
    if arguments.dry_run {
        if let Some(slots) = &slots {
            print(&complete(slots.dry_run())?)?;
        }
        return complete(keeper::dry_run(&host))?
            .map_err(|error| Exit::Success.saying(&format!("nothing is watched: {error}")))
            .and_then(|seen| print(&seen))
            .map(|()| Exit::Success);
    }
    log::start(
        LevelFilter::INFO,
        invocation::variable("JOURNAL_STREAM").as_deref(),
    );
    let directory = invocation::variable("RUNTIME_DIRECTORY");
    let directory = directory.unwrap_or_else(|| keeper::DIRECTORY.to_owned());
    let _alone = OnlyKeeper::in_directory(Path::new(&directory))
        .map_err(|error| Exit::Failure.because(&error))?;
    if let Some(slots) = slots {
        slots
            .keep_in_a_thread()
            .map_err(|error| Exit::Failure.because(&error))?;
    }
    complete(async {
        let mut commands = ServiceCommands::new().map_err(|error| Exit::Failure.because(&error))?;
        let stopped = async { while commands.next().await != ServiceCommand::Stop {} };
        let mut notify_systemd: fn() = notify::ready;
        let turned = || {
            notify_systemd();
            notify_systemd = notify::alive;
        };
        keeper::watch(&host, turned, stopped).await;
        Ok(Exit::Success)
    })?
}
