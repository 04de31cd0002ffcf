//! `pgsql-state maintenance`: takes a server out of service, and puts it back.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use super::exit::{Exit, print};
use super::{Config, invocation};
use crate::base::units;
use crate::daemon::maintenance::{MaintenanceOrder, file, give, take_back};
use crate::health;

/// Arguments of `maintenance`.
#[derive(Debug, clap::Args)]
pub(super) struct MaintenanceArguments {
    /// Begin or end the maintenance
    action: MaintenanceAction,
    /// Admit no new sessions; a standby's sessions stay if the load balancer supports it; the default
    #[arg(long, conflicts_with = "down")]
    drain: bool,
    /// Admit no sessions: the server is reported as down
    #[arg(long)]
    down: bool,
    /// End automatically after this time
    #[arg(long = "for", value_name = "DURATION", value_parser = units::parse_duration)]
    time: Option<Duration>,
    #[command(flatten)]
    config: Config,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MaintenanceAction {
    On,
    Off,
}

pub(super) fn run(maintenance: &MaintenanceArguments) -> Exit {
    let outcome = match maintenance.action {
        MaintenanceAction::On => on(maintenance),
        MaintenanceAction::Off => off(maintenance),
    };
    match outcome {
        Ok(()) => Exit::Success,
        Err(exit) => exit,
    }
}

fn on(maintenance: &MaintenanceArguments) -> Result<(), Exit> {
    let path = path(maintenance)?;
    let how = if maintenance.down {
        health::Maintenance::Down
    } else {
        health::Maintenance::Drain
    };
    if maintenance.time == Some(Duration::ZERO) {
        let usage = "pgsql-state: --for 0s orders nothing; `maintenance off` ends a maintenance";
        return Err(Exit::Usage.saying(usage));
    }
    let until = match maintenance.time.map(file::from_now) {
        Some(None) => return Err(Exit::Usage.saying(
                "pgsql-state: --for must end by the year 9999; leave out --for for a maintenance without end",
            )),
        Some(until) => until,
        None => None,
    };
    let order = MaintenanceOrder { how, until };
    give(&path, order).map_err(|error| Exit::Failure.because(&error))?;
    print(&format!("{}: {order}\n", path.display()))
}

fn off(maintenance: &MaintenanceArguments) -> Result<(), Exit> {
    if maintenance.drain || maintenance.down || maintenance.time.is_some() {
        let usage = "pgsql-state: --drain, --down and --for can only be used with `maintenance on`";
        return Err(Exit::Usage.saying(usage));
    }
    let path = path(maintenance)?;
    take_back(&path).map_err(|error| Exit::Failure.because(&error))
}

fn path(maintenance: &MaintenanceArguments) -> Result<PathBuf, Exit> {
    let settings = invocation::load(maintenance.config.config.as_deref())?;
    Ok(settings.guard.maintenance_file)
}
