//! `pgsql-state generate kubernetes`: prints services for servers outside, or probes for servers in pods.

use clap::Subcommand;

use super::{configured_port, node, nodes, port, postgres_port, takes_plain_http, wrong};
use crate::base::units::Bytes;
use crate::cli::exit::Exit;
use crate::cli::{Config, invocation};
use crate::config::ClusterNode;
use crate::tools::generate::Label;
use crate::tools::generate::haproxy::Numbers;
use crate::tools::generate::kubernetes::{self, InsideError, OutsideError};

/// Arguments of `generate kubernetes`.
#[derive(Debug, clap::Args)]
pub(super) struct Kubernetes {
    #[command(subcommand)]
    servers: Servers,
}

#[derive(Debug, Subcommand)]
enum Servers {
    /// Services in front of servers that run outside, each with a HAProxy beside it
    Outside(OutsideArguments),
    /// Probes of servers that run in pods, each with the daemon beside it
    Inside(InsideArguments),
}

/// Arguments of `generate kubernetes outside`.
#[derive(Debug, clap::Args)]
struct OutsideArguments {
    /// The name of the services, to which -rw and -ro are appended
    #[arg(long, value_name = "NAME", default_value = Label::DEFAULT)]
    name: Label,
    /// A server of the cluster; one option for each, instead of cluster.nodes
    #[arg(long = "node", value_name = "NAME=ADDRESS", value_parser = node)]
    nodes: Vec<ClusterNode>,
    /// HAProxy's port to the primary
    #[arg(long, value_name = "PORT", value_parser = port(), default_value_t = Numbers::DEFAULT.read_write)]
    read_write_port: u16,
    /// HAProxy's port to the standbys
    #[arg(long, value_name = "PORT", value_parser = port(), default_value_t = Numbers::DEFAULT.read_only)]
    read_only_port: u16,
    #[command(flatten)]
    config: Config,
}

/// Arguments of `generate kubernetes inside`.
#[derive(Debug, clap::Args)]
struct InsideArguments {
    /// The name of the StatefulSet, its service and PostgreSQL's container
    #[arg(long, value_name = "NAME", default_value = Label::DEFAULT)]
    name: Label,
    /// PostgreSQL's port [default: the one that postgres.conninfo names, or 5432]
    #[arg(long, value_name = "PORT", value_parser = port())]
    postgres_port: Option<u16>,
    /// The daemon's port for HTTP [default: that of listen.http, or 8008]
    #[arg(long, value_name = "PORT", value_parser = port())]
    http_port: Option<u16>,
    /// The most that a standby may be behind, as in 16MB
    #[arg(long, value_name = "SIZE")]
    max_lag: Option<Bytes>,
    #[command(flatten)]
    config: Config,
}

pub(super) fn make(arguments: &Kubernetes) -> Result<String, Exit> {
    match &arguments.servers {
        Servers::Outside(outside) => make_outside(outside),
        Servers::Inside(inside) => make_inside(inside),
    }
}

fn make_outside(arguments: &OutsideArguments) -> Result<String, Exit> {
    let settings = invocation::load(arguments.config.config.as_deref())?;
    let nodes = nodes("--node", &arguments.nodes, &settings.cluster.nodes)?;
    let (writers, readers) = (arguments.read_write_port, arguments.read_only_port);
    let outside = kubernetes::OutsidePlan::new(nodes, arguments.name.clone(), writers, readers);
    let outside = outside.map_err(|error| match (&error, arguments.nodes.is_empty()) {
        (OutsideError::Same(_), _) => wrong(Exit::Usage, "--read-only-port", &error),
        (OutsideError::Local { .. }, false) => wrong(Exit::Usage, "--node", &error),
        (OutsideError::Local { .. }, true) => wrong(Exit::Config, "cluster.nodes", &error),
    })?;
    Ok(outside.text())
}

/// PostgreSQL's own default: in a pod nothing else has the port.
const POSTGRES_PORT: u16 = 5432;

fn make_inside(arguments: &InsideArguments) -> Result<String, Exit> {
    let settings = invocation::load(arguments.config.config.as_deref())?;
    takes_plain_http(&settings, "leave this out of the configuration in the pods")?;
    let http = configured_port(
        arguments.http_port,
        &settings.listen.http,
        Numbers::DEFAULT.http,
    );
    let postgres = postgres_port(arguments.postgres_port, &arguments.config, POSTGRES_PORT);
    let inside = kubernetes::InsidePlan::new(arguments.name.clone(), postgres, http);
    let mut inside = inside.map_err(|error| {
        let option = match &error {
            InsideError::Name => "--name",
            InsideError::Port(_) => "--postgres-port",
        };
        wrong(Exit::Usage, option, &error)
    })?;
    inside.max_lag = arguments.max_lag;
    Ok(inside.text())
}
