//! `pgsql-state generate`: ready pieces of other programs' configuration. A piece is printed whole or not
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
use super::{Config, surroundings};
use crate::config::ClusterNode;
use crate::tools::generate::Nodes;

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
    /// A server's rules of client authentication: replication by its peers and never from itself, and the role that asks
    PgHba(pg_hba::PgHba),
    /// A server's settings, as its place in the cluster wants them
    Postgresql(postgresql::Postgresql),
    /// The role that asks a server, as SQL that may run again and again
    RoleSql(role_sql::RoleSql),
    /// The daemon's units, and what widens their sandbox for what the configuration asks for
    Systemd(systemd::Systemd),
    /// keepalived's configuration: LVS in front of the servers, or a virtual IP that follows the primary
    Keepalived(keepalived::Keepalived),
    /// The commands that tell Pacemaker of the servers, for pcs or crmsh
    Pacemaker(pacemaker::PacemakerArguments),
    /// Corosync's configuration: how soon a lost host is noticed
    Corosync(corosync::Corosync),
    /// Consul's services of a server, one for each role
    Consul(consul::Consul),
    /// Kubernetes' services in front of servers outside, or the probes of servers inside
    Kubernetes(kubernetes::Kubernetes),
}

pub(super) fn run(generate: &Generate) -> Exit {
    let made = match &generate.piece {
        GenerateCommand::Haproxy(arguments) => haproxy::make(arguments),
        GenerateCommand::PgHba(arguments) => pg_hba::make(arguments),
        GenerateCommand::Postgresql(arguments) => postgresql::make(arguments),
        GenerateCommand::RoleSql(arguments) => Ok(role_sql::make(arguments)),
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

/// The nodes of an option, or those of the configuration where the option is not used.
fn nodes(option: &str, given: &[ClusterNode], configured: &[ClusterNode]) -> Result<Nodes, Exit> {
    let (field, status, chosen) = match (given, configured) {
        ([], [_, ..]) => ("cluster.nodes", Exit::Config, configured),
        _ => (option, Exit::Usage, given),
    };
    Nodes::new(chosen.to_vec()).map_err(|error| wrong(status, field, &error))
}

/// The nodes of an option; where it is not used, those of the configuration, which is not read otherwise.
fn members(option: &str, given: &[ClusterNode], config: &Config) -> Result<Nodes, Exit> {
    let configured = match given {
        [] => surroundings::load(config.config.as_deref())?.cluster.nodes,
        [_, ..] => Vec::new(),
    };
    nodes(option, given, &configured)
}

/// What is wrong with an option or a key.
fn wrong(status: Exit, field: &str, error: &dyn Error) -> Exit {
    status.saying(&format!("pgsql-state: {field}: {error}"))
}

/// A node as an option has it; an error says what would be right.
fn node(text: &str) -> Result<ClusterNode, String> {
    let node = text.parse::<ClusterNode>();
    node.map_err(|error| format!("{error}; {}", error.hint()))
}

/// The port of a protocol of the daemon: the option's, the configuration's first, or the usual one.
fn configured_port(given: Option<u16>, configured: &[SocketAddr], usual: u16) -> u16 {
    let configured = configured.first().map(SocketAddr::port);
    // With port 0 the system chooses one, which nobody can know.
    let known = configured.filter(|port| *port != 0);
    given.or(known).unwrap_or(usual)
}

/// A port, which is never 0.
fn port() -> clap::builder::RangedI64ValueParser<u16> {
    clap::value_parser!(u16).range(1..)
}
