//! `pgsql-state generate consul`: prints Consul's service definitions.

use std::net::{Ipv4Addr, SocketAddr};

use clap::ValueEnum;

use super::{config_path, node, nodes, port, postgres_port, takes_plain_http, wrong};
use crate::base::units::Bytes;
use crate::cli::check::reachable;
use crate::cli::exit::Exit;
use crate::cli::{Config, invocation};
use crate::config::ClusterNode;
use crate::daemon::Configured;
use crate::tools::generate::consul::{self, ConsulPlan};
use crate::tools::generate::haproxy::Numbers;
use crate::tools::generate::{Label, WholePath};

/// Arguments of `generate consul`.
#[derive(Debug, clap::Args)]
pub(super) struct Consul {
    /// The name of the service
    #[arg(long, value_name = "NAME", default_value = Label::DEFAULT)]
    name: Label,
    /// How Consul's agent checks: by HTTP to the daemon, or by a script
    #[arg(long, value_enum, default_value = "http")]
    check: ConsulCheckOption,
    /// The server on whose host this is used; clients then get its address and not the agent's
    #[arg(long, value_name = "NAME")]
    on: Option<String>,
    /// A server of the cluster, for --on; one option for each, instead of cluster.nodes
    #[arg(long = "node", value_name = "NAME=ADDRESS", value_parser = node, requires = "on")]
    nodes: Vec<ClusterNode>,
    /// PostgreSQL's port [default: the one that postgres.conninfo names, or 5434]
    #[arg(long, value_name = "PORT", value_parser = port())]
    postgres_port: Option<u16>,
    /// The daemon's port for HTTP [default: that of listen.http, or 8008]
    #[arg(long, value_name = "PORT", value_parser = port())]
    http_port: Option<u16>,
    /// With http: the most that a standby may be behind, as in 16MB
    #[arg(long, value_name = "SIZE")]
    max_lag: Option<Bytes>,
    /// The program, with script
    #[arg(long, value_name = "PATH", default_value = "/usr/bin/pgsql-state")]
    program: WholePath,
    #[command(flatten)]
    config: Config,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ConsulCheckOption {
    Http,
    Script,
}

pub(super) fn make(arguments: &Consul) -> Result<String, Exit> {
    let settings = invocation::load(arguments.config.config.as_deref())?;
    let check = match (arguments.check, arguments.max_lag) {
        (ConsulCheckOption::Http, _) => {
            takes_plain_http(&settings, "use --check script")?;
            consul::ConsulCheck::Http(daemon(arguments, &settings))
        }
        (ConsulCheckOption::Script, None) => {
            let config = config_path(&arguments.config)?;
            consul::ConsulCheck::Script(arguments.program.clone(), config)
        }
        (ConsulCheckOption::Script, Some(_)) => {
            let why =
                "the script applies the limits of the daemon's [standby]; set standby.max_lag";
            return Err(Exit::Usage.saying(&format!("pgsql-state: --max-lag: {why}")));
        }
    };
    let node = match &arguments.on {
        None => None,
        Some(on) => {
            let nodes = nodes("--node", &arguments.nodes, &settings.cluster.nodes)?;
            let node = nodes.named(on);
            Some(
                node.map_err(|error| wrong(Exit::Usage, "--on", &error))?
                    .clone(),
            )
        }
    };
    let peers = &settings.admission.header_peers;
    let default = Numbers::DEFAULT.postgres;
    let postgres = postgres_port(arguments.postgres_port, &arguments.config, default);
    let plan = ConsulPlan::new(arguments.name.clone(), postgres, check, peers);
    let mut plan = plan.map_err(|error| wrong(Exit::Config, "admission.proxy_protocol", &error))?;
    plan.node = node;
    plan.max_lag = arguments.max_lag;
    Ok(plan.text())
}

/// The address at which Consul's agent on the same host reaches the daemon.
fn daemon(arguments: &Consul, settings: &Configured) -> SocketAddr {
    let configured = settings
        .listen
        .http
        .iter()
        .copied()
        .find(|place| place.port() != 0);
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, Numbers::DEFAULT.http));
    let mut daemon = configured.map_or(default, reachable);
    if let Some(port) = arguments.http_port {
        daemon.set_port(port);
    }
    daemon
}
