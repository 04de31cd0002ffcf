//! `pgsql-state keeper`: tells Pacemaker at once that the server of this node has ended or hangs. Composes the watch with the
//! daemon of this host, which is asked, and with systemd.

use std::path::Path;
use std::time::Duration;

use tracing::level_filters::LevelFilter;

use super::ask::{STATE_PORT, answer_of};
use super::check::reachable;
use super::exit::{Exit, complete, print};
use super::{Config, invocation};
use crate::admit::Token;
use crate::agent::pacemaker::SBIN;
use crate::agent::pgsqlms::action_lock;
use crate::daemon::Configured;
use crate::daemon::systemd::signals::{ServiceCommand, ServiceCommands};
use crate::daemon::systemd::{log, notify};
use crate::keeper::hang::Entry;
use crate::keeper::{self, AskDaemon, KeeperHost, OnlyKeeper};

/// Time for a check, in addition to the daemon's question to PostgreSQL.
const SLACK: Duration = Duration::from_millis(500);

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
    let daemon = LocalDaemon::of(&settings);
    let sbin = invocation::variable("HA_SBIN_DIR").filter(|folder| !folder.is_empty());
    let host = KeeperHost {
        sbin: sbin.unwrap_or_else(|| SBIN.to_owned()).into(),
        environment: invocation::environment(),
        locks: invocation::variable(action_lock::DIRECTORY_VARIABLE),
        patience: daemon.timeout,
        settings: settings.keeper,
    };
    if arguments.dry_run {
        return complete(keeper::dry_run(&host, &daemon))?
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
    complete(async {
        let mut commands = ServiceCommands::new().map_err(|error| Exit::Failure.because(&error))?;
        let stopped = async { while commands.next().await != ServiceCommand::Stop {} };
        let mut notify_systemd: fn() = notify::ready;
        let turned = || {
            notify_systemd();
            notify_systemd = notify::alive;
        };
        keeper::watch(&host, &daemon, turned, stopped).await;
        Ok(Exit::Success)
    })?
}

/// The daemon of this host, on its state port.
struct LocalDaemon {
    address: (String, u16),
    token: Option<Token>,
    timeout: Duration,
}

impl LocalDaemon {
    /// The settings do not contain sockets that systemd passes; their usual port is the default.
    fn of(settings: &Configured) -> Self {
        let bound = settings.listen.state.first();
        let address = bound.map(|address| reachable(*address));
        let address = address.map(|address| (address.ip().to_string(), address.port()));
        Self {
            address: address.unwrap_or_else(|| ("::1".into(), STATE_PORT)),
            token: settings.admission.token.clone(),
            timeout: settings.postgres.timeout.saturating_add(SLACK),
        }
    }
}

impl AskDaemon for LocalDaemon {
    async fn entry(&self) -> Entry {
        let asked = answer_of(self.address.clone(), self.token.as_ref(), self.timeout);
        match asked.await {
            Ok(answer) => Entry::of_answer(&answer),
            Err(_) => Entry::Unknown,
        }
    }
}
