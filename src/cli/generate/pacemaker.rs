//! `pgsql-state generate pacemaker`: prints commands that create the cluster's resources.

use clap::ValueEnum;

use super::{node, nodes, port, postgres_port, wrong};
use crate::cli::exit::Exit;
use crate::cli::{Config, invocation};
use crate::config::ClusterNode;
use crate::health::QuorumGuard;
use crate::postgres::conninfo::Keyword;
use crate::tools::generate::WholePath;
use crate::tools::generate::haproxy::Numbers;
use crate::tools::generate::pacemaker::{self, Agent, PacemakerPlan, ResourceName};

/// Where Debian's PostgreSQL has its Unix socket.
const SOCKET_FOLDER: &str = "/var/run/postgresql";

/// Arguments of `generate pacemaker`.
#[derive(Debug, clap::Args)]
pub(super) struct PacemakerArguments {
    /// The tool for which the commands are
    #[arg(long, value_enum, default_value = "pcs")]
    tool: ToolOption,
    /// The version of Pacemaker, 2.0 to 3.0
    #[arg(long = "pacemaker-version", value_name = "VERSION", default_value_t = pacemaker::PacemakerSeries::DEFAULT)]
    reader: pacemaker::PacemakerSeries,
    /// A server of the cluster; one option for each, instead of cluster.nodes
    #[arg(long = "node", value_name = "NAME=ADDRESS", value_parser = node)]
    nodes: Vec<ClusterNode>,
    /// Where PostgreSQL's programs are, as in /usr/lib/postgresql/17/bin
    #[arg(long, value_name = "PATH")]
    bindir: WholePath,
    /// The folder of postgresql.conf, as in /var/lib/postgresql/17/main
    #[arg(long, value_name = "PATH")]
    pgdata: WholePath,
    /// The data directory, if it is a different folder
    #[arg(long, value_name = "PATH")]
    datadir: Option<WholePath>,
    /// The folder of PostgreSQL's Unix socket [default: the one that postgres.conninfo names, or /var/run/postgresql]
    #[arg(long, value_name = "PATH")]
    socket_folder: Option<WholePath>,
    /// PostgreSQL's port [default: the one that postgres.conninfo names, or 5434]
    #[arg(long, value_name = "PORT", value_parser = port())]
    postgres_port: Option<u16>,
    /// The resource agent
    #[arg(long, value_name = "AGENT", default_value = Agent::DEFAULT)]
    agent: Agent,
    /// The name of the resource
    #[arg(long, value_name = "NAME", default_value = ResourceName::DEFAULT)]
    resource: ResourceName,
    #[command(flatten)]
    config: Config,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ToolOption {
    Pcs,
    Crm,
}

pub(super) fn make(arguments: &PacemakerArguments) -> Result<String, Exit> {
    // The configuration is read only if needed, because not every user may read it.
    let default = Numbers::DEFAULT.postgres;
    let (configured, quorum, port, folder) = if arguments.nodes.is_empty() {
        let config = arguments.config.config.as_deref();
        let settings = invocation::load(config)?;
        let port = postgres_port(arguments.postgres_port, &arguments.config, default);
        let host = invocation::named(config, Keyword::Host);
        let folder = host.filter(|host| host.starts_with('/'));
        (settings.cluster.nodes, settings.guard.quorum, port, folder)
    } else {
        let port = arguments.postgres_port.unwrap_or(default);
        (Vec::new(), QuorumGuard::Off, port, None)
    };
    let socket = match &arguments.socket_folder {
        Some(given) => given.clone(),
        None => folder
            .as_deref()
            .unwrap_or(SOCKET_FOLDER)
            .parse()
            .map_err(|error| wrong(Exit::Config, "postgres.conninfo", &error))?,
    };
    Ok(pacemaker::text(&PacemakerPlan {
        tool: match arguments.tool {
            ToolOption::Pcs => pacemaker::Tool::Pcs,
            ToolOption::Crm => pacemaker::Tool::Crm,
        },
        pacemaker: arguments.reader,
        nodes: nodes("--node", &arguments.nodes, &configured)?,
        resource: arguments.resource.clone(),
        agent: arguments.agent.clone(),
        programs: arguments.bindir.clone(),
        data: arguments.pgdata.clone(),
        datadir: arguments.datadir.clone(),
        socket,
        port,
        quorum,
    }))
}
