//! `pgsql-state keeper`: tells Pacemaker at once that the server of this node has ended or hangs. Composes the watch with the
//! daemon of this host, which is asked, and with systemd.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
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
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
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
    /// Where it may listen: the first that answers is asked.
    addresses: Vec<SocketAddr>,
    token: Option<Token>,
    timeout: Duration,
}

impl LocalDaemon {
    /// The settings do not contain sockets that systemd passes; their usual port is the default.
    fn of(settings: &Configured) -> Self {
        let bound = settings.listen.state.first();
        let bound = bound.map_or((Ipv6Addr::UNSPECIFIED, STATE_PORT).into(), |bound| *bound);
        // Where the host has no IPv6, the wildcard of it is that of IPv4.
        let other = SocketAddr::from((Ipv4Addr::LOCALHOST, bound.port()));
        let other = (bound.ip() == Ipv6Addr::UNSPECIFIED).then_some(other);
        Self {
            addresses: [reachable(bound)].into_iter().chain(other).collect(),
            token: settings.admission.token.clone(),
            timeout: settings.postgres.timeout.saturating_add(SLACK),
        }
    }
}

impl AskDaemon for LocalDaemon {
    async fn entry(&self) -> Entry {
        let within = Deadline::after(self.timeout);
        for address in &self.addresses {
            let place = (address.ip().to_string(), address.port());
            let asked = answer_of(place, self.token.as_ref(), within.left());
            if let Ok(answer) = asked.await {
                return Entry::of_answer(&answer);
            }
        }
        Entry::Unknown
    }
}
