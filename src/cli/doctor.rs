//! `pgsql-state doctor`: gathers facts about a host, has them judged, and prints the findings. Changes
//! nothing.
//!
//! - [`place`]: determines which node of the cluster this host is.
//! - [`postgres`], [`daemons`], [`haproxy`], [`pacemaker`], [`host`]: gather the facts of each topic.
//! - [`reach`]: asks the other nodes' daemons whether they reach this one.
//! - [`tool`]: runs a tool of the host once.

mod daemons;
mod haproxy;
mod host;
mod pacemaker;
mod place;
mod postgres;
mod reach;
mod tool;

use std::path::PathBuf;
use std::time::Duration;

use super::exit::{Exit, complete, print};
use super::{Config, invocation};
use crate::base::shell::quoted;
use crate::daemon::Configured;
use crate::tools::doctor::Report;
use place::HostPlace;

/// Longest time for one question to a server, daemon or tool.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    /// Name of this host in cluster.nodes [default: that of the node with an address of this host]
    #[arg(long, value_name = "NAME")]
    node: Option<String>,
    /// How to connect to PostgreSQL, preferably as a superuser [default: postgres.conninfo]
    #[arg(long, value_name = "CONNINFO")]
    server: Option<String>,
    /// HAProxy's configuration
    #[arg(long, value_name = "FILE", default_value = "/etc/haproxy/haproxy.cfg")]
    haproxy_config: PathBuf,
    /// HAProxy's admin socket
    #[arg(long, value_name = "PATH", default_value = "/run/haproxy/admin.sock")]
    haproxy_socket: PathBuf,
    /// HAProxy's backend or listen section for writers
    #[arg(long, value_name = "POOL", default_value = "prod")]
    writers: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: Config,
}

pub(super) fn run(doctor: &Doctor) -> Exit {
    match try_run(doctor) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(doctor: &Doctor) -> Result<Exit, Exit> {
    let mut settings = invocation::load(doctor.config.config.as_deref())?;
    if let Some(server) = &doctor.server {
        settings.postgres.target = invocation::server(server)?;
    }
    let place = HostPlace::find(doctor.node.as_deref(), &settings.cluster.nodes)?;
    let report = complete(examine(doctor, &settings, place))?;
    if doctor.json {
        print(&report.json())?;
    } else {
        print(&report.to_string())?;
    }
    Ok(if report.findings().is_empty() {
        Exit::Success
    } else {
        Exit::Failure
    })
}

impl Doctor {
    /// ` --config FILE` for the commands of remedies, if it was given.
    fn config_option(&self) -> String {
        let path = self.config.config.as_deref();
        path.map_or_else(String::new, |path| {
            format!(" --config {}", quoted(&path.to_string_lossy()))
        })
    }
}

/// Gathers and judges all facts. Pacemaker comes first, because the right settings of the server depend on whether
/// Pacemaker manages it.
async fn examine(doctor: &Doctor, settings: &Configured, mut place: HostPlace) -> Report {
    let mut report = Report::default();
    let cluster = pacemaker::look().await;
    place.name = cluster.node.clone().or(place.name);
    let option = doctor.config_option();
    postgres::examine(settings, &place, cluster.manager(), &option, &mut report).await;
    let heard = daemons::examine(settings, &place, &option, &mut report).await;
    reach::examine(settings, &place, &mut report).await;
    haproxy::file(doctor, &mut report).await;
    haproxy::view(doctor, &heard, &mut report).await;
    cluster.examine(&mut report);
    host::examine(&mut report).await;
    report
}
