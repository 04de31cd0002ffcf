//! `pgsql-state generate`: prints configuration for other programs. A piece is printed completely or not
//! at all.
//!
//! - `haproxy`, `pg_hba`, `postgresql`, `role_sql`, `systemd`, `keepalived`, `pacemaker`, `corosync`, `consul`,
//!   `kubernetes`: one piece each.

mod consul;
mod corosync;
mod haproxy;
mod keepalived;
mod kubernetes;
mod pacemaker;
mod pg_hba;
mod postgresql;
mod role_sql;
mod systemd;

use std::error::Error;
use std::net::SocketAddr;

use clap::Subcommand;

use super::exit::{Exit, print};
use super::{Config, invocation};
use crate::config::ClusterNode;
use crate::daemon::Configured;
use crate::tools::generate::{Nodes, WholePath};

/// Arguments of `generate`.
#[derive(Debug, clap::Args)]
pub(super) struct Generate {
    #[command(subcommand)]
    piece: GenerateCommand,
}

#[derive(Debug, Subcommand)]
enum GenerateCommand {
    /// HAProxy's configuration: writers to the primary, readers to the standbys
    Haproxy(haproxy::HaproxyArguments),
    /// A server's rules of client authentication: replication from its peers and never from itself, and the role that asks
    PgHba(pg_hba::PgHba),
    /// A server's settings, according to its place in the cluster
    Postgresql(postgresql::Postgresql),
    /// SQL that creates the role that asks a server; it may be run repeatedly
    RoleSql(role_sql::RoleSql),
    /// The daemon's systemd units, with the exceptions from their sandbox that the configuration requires
    Systemd(systemd::Systemd),
    /// keepalived's configuration: LVS in front of the servers, or a virtual IP that follows the primary
    Keepalived(keepalived::Keepalived),
    /// The commands that create the servers' resources in Pacemaker, for pcs or crmsh
    Pacemaker(pacemaker::PacemakerArguments),
    /// Corosync's configuration, with the time after which a lost host is detected
    Corosync(corosync::Corosync),
    /// Consul's service definitions for a server, one for each role
    Consul(consul::Consul),
    /// Kubernetes' services for servers outside the cluster, or probes for servers in pods
    Kubernetes(kubernetes::Kubernetes),
}

pub(super) fn run(generate: &Generate) -> Exit {
    let made = match &generate.piece {
        GenerateCommand::Haproxy(arguments) => haproxy::make(arguments),
        GenerateCommand::PgHba(arguments) => pg_hba::make(arguments),
        GenerateCommand::Postgresql(arguments) => postgresql::make(arguments),
        GenerateCommand::RoleSql(arguments) => role_sql::make(arguments),
        GenerateCommand::Systemd(arguments) => systemd::make(arguments),
        GenerateCommand::Keepalived(arguments) => keepalived::make(arguments),
        GenerateCommand::Pacemaker(arguments) => pacemaker::make(arguments),
        GenerateCommand::Corosync(arguments) => corosync::make(arguments),
        GenerateCommand::Consul(arguments) => consul::make(arguments),
        GenerateCommand::Kubernetes(arguments) => kubernetes::make(arguments),
    };
    match made.and_then(|text| print(&text)) {
        Ok(()) => Exit::Success,
        Err(exit) => exit,
    }
}

/// The nodes given with an option or, without the option, those of the configuration.
fn nodes(option: &str, given: &[ClusterNode], configured: &[ClusterNode]) -> Result<Nodes, Exit> {
    let (field, status, chosen) = match (given, configured) {
        ([], [_, ..]) => ("cluster.nodes", Exit::Config, configured),
        _ => (option, Exit::Usage, given),
    };
    Nodes::new(chosen.to_vec()).map_err(|error| wrong(status, field, &error))
}

/// The nodes given with an option or, without the option, those of the configuration, which is read only then.
fn members(option: &str, given: &[ClusterNode], config: &Config) -> Result<Nodes, Exit> {
    let configured = match given {
        [] => invocation::load(config.config.as_deref())?.cluster.nodes,
        [_, ..] => Vec::new(),
    };
    nodes(option, given, &configured)
}

/// The file of `--config` for a check that reads it: absolute, because the check runs in another folder.
fn config_path(config: &Config) -> Result<Option<WholePath>, Exit> {
    let Some(path) = &config.config else {
        return Ok(None);
    };
    let absolute =
        std::path::absolute(path).map_err(|error| wrong(Exit::Usage, "--config", &error))?;
    let text = absolute.to_string_lossy();
    let path = text.parse::<WholePath>();
    path.map(Some)
        .map_err(|error| wrong(Exit::Usage, "--config", &error))
}

/// Prints the error about an option or a key.
fn wrong(status: Exit, field: &str, error: &dyn Error) -> Exit {
    status.saying(&format!("pgsql-state: {field}: {error}"))
}

/// Parses a node given as an option; the error includes a hint.
fn node(text: &str) -> Result<ClusterNode, String> {
    let node = text.parse::<ClusterNode>();
    node.map_err(|error| format!("{error}; {}", error.hint()))
}

/// Fails if the daemon refuses plain HTTP requests, which are all that some checks can send.
fn takes_plain_http(settings: &Configured, instead: &str) -> Result<(), Exit> {
    let demand = if settings.https.is_some() {
        "http.certificate_file: the daemon speaks only TLS over HTTP, and this check does not"
    } else if settings.admission.token_file.is_some() {
        "admission.token_file: the daemon requires a token over HTTP, and this check sends none"
    } else {
        return Ok(());
    };
    Err(Exit::Config.saying(&format!("pgsql-state: {demand}; {instead}")))
}

/// The port of one of the daemon's protocols: from the option, the first of the configuration, or the default.
fn configured_port(given: Option<u16>, configured: &[SocketAddr], usual: u16) -> u16 {
    let configured = configured.first().map(SocketAddr::port);
    // With port 0 the system chooses a port, which is not known here.
    let known = configured.filter(|port| *port != 0);
    given.or(known).unwrap_or(usual)
}

/// PostgreSQL's port: from the option, the one that `postgres.conninfo` names, or the default.
fn postgres_port(given: Option<u16>, config: &Config, usual: u16) -> u16 {
    let configured = || invocation::named_port(config.config.as_deref());
    given.or_else(configured).unwrap_or(usual)
}

/// A parser for ports; 0 is refused.
fn port() -> clap::builder::RangedI64ValueParser<u16> {
    clap::value_parser!(u16).range(1..)
}
