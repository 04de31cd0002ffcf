//! `pgsql-state generate keepalived`: prints keepalived's configuration.

use std::net::{IpAddr, SocketAddr};

use clap::{Subcommand, ValueEnum};

use super::{
    config_path, configured_port, node, nodes, port, postgres_port, takes_plain_http, wrong,
};
use crate::base::units::Bytes;
use crate::cli::exit::Exit;
use crate::cli::{Config, invocation};
use crate::config::ClusterNode;
use crate::daemon::Configured;
use crate::tools::generate::haproxy::Numbers;
use crate::tools::generate::keepalived::{
    self, Interface, Lvs, LvsError, Script, SystemUser, Vrrp, VrrpError,
};
use crate::tools::generate::{Nodes, WholePath};

/// Arguments of `generate keepalived`.
#[derive(Debug, clap::Args)]
pub(super) struct Keepalived {
    #[command(subcommand)]
    form: KeepalivedForm,
}

#[derive(Debug, Subcommand)]
enum KeepalivedForm {
    /// A director: virtual servers for writers and for readers
    Lvs(Director),
    /// A virtual IP on the servers' own hosts, which follows the primary
    Vrrp(VrrpArguments),
}

/// Arguments of both forms.
#[derive(Debug, clap::Args)]
struct Common {
    /// A server of the cluster; one option for each, instead of cluster.nodes
    #[arg(long = "node", value_name = "NAME=ADDRESS", value_parser = node)]
    nodes: Vec<ClusterNode>,
    /// The virtual IP that clients connect to
    #[arg(long = "virtual", value_name = "ADDRESS")]
    virtual_: IpAddr,
    /// The program, if keepalived runs it as a check
    #[arg(long, value_name = "PATH", default_value = "/usr/bin/pgsql-state")]
    program: WholePath,
    /// The user that runs the program
    #[arg(long, value_name = "USER", default_value = "pgsql-state")]
    script_user: SystemUser,
    #[command(flatten)]
    config: Config,
}

/// Arguments of `generate keepalived lvs`.
#[derive(Debug, clap::Args)]
struct Director {
    #[command(flatten)]
    common: Common,
    /// How servers are checked: by HTTP, or by the program, which also sets a weight
    #[arg(long, value_enum, default_value = "http")]
    check: LvsCheckOption,
    /// How packets reach a server
    #[arg(long, value_enum, default_value = "nat")]
    forward: ForwardOption,
    /// The virtual IP for readers [default: that of writers]
    #[arg(long, value_name = "ADDRESS")]
    read_only_virtual: Option<IpAddr>,
    /// Clients' port to the primary
    #[arg(long, value_name = "PORT", value_parser = port(), default_value_t = Numbers::DEFAULT.read_write)]
    read_write_port: u16,
    /// Clients' port to the standbys
    #[arg(long, value_name = "PORT", value_parser = port(), default_value_t = Numbers::DEFAULT.read_only)]
    read_only_port: u16,
    /// PostgreSQL's port [default: the one that postgres.conninfo names, or 5434]
    #[arg(long, value_name = "PORT", value_parser = port())]
    postgres_port: Option<u16>,
    /// The daemons' port for HTTP [default: that of listen.http, or 8008]
    #[arg(long, value_name = "PORT", value_parser = port())]
    http_port: Option<u16>,
    /// With http: the most that a standby may be behind, as in 16MB
    #[arg(long, value_name = "SIZE")]
    max_lag: Option<Bytes>,
}

/// Arguments of `generate keepalived vrrp`.
#[derive(Debug, clap::Args)]
struct VrrpArguments {
    #[command(flatten)]
    common: Common,
    /// The server on whose host this is used
    #[arg(long, value_name = "NAME")]
    on: String,
    /// The interface of that host in the network of the virtual IP
    #[arg(long, value_name = "NAME")]
    interface: Interface,
    /// The virtual router ID, which must be unique in this network, 1 to 255
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..), default_value = "51")]
    router_id: u8,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LvsCheckOption {
    Http,
    Plugin,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ForwardOption {
    Nat,
    Dr,
    Tun,
}

pub(super) fn make(arguments: &Keepalived) -> Result<String, Exit> {
    match &arguments.form {
        KeepalivedForm::Lvs(director) => lvs(director),
        KeepalivedForm::Vrrp(host) => vrrp(host),
    }
}

impl Common {
    fn read(&self) -> Result<(Configured, Nodes, Script), Exit> {
        let settings = invocation::load(self.config.config.as_deref())?;
        let nodes = nodes("--node", &self.nodes, &settings.cluster.nodes)?;
        let script = Script {
            program: self.program.clone(),
            config: config_path(&self.config)?,
            user: self.script_user.clone(),
        };
        Ok((settings, nodes, script))
    }
}

fn lvs(arguments: &Director) -> Result<String, Exit> {
    let (settings, nodes, script) = arguments.common.read()?;
    match (arguments.check, arguments.max_lag) {
        (LvsCheckOption::Plugin, Some(_)) => {
            let why =
                "the program applies the limits of the daemon's [standby]; set standby.max_lag";
            return Err(Exit::Usage.saying(&format!("pgsql-state: --max-lag: {why}")));
        }
        (LvsCheckOption::Http, _) => takes_plain_http(&settings, "use --check plugin")?,
        (LvsCheckOption::Plugin, None) => proves_nodes(&settings)?,
    }
    let virtual_ = arguments.common.virtual_;
    let writers = SocketAddr::new(virtual_, arguments.read_write_port);
    let readers = arguments.read_only_virtual.unwrap_or(virtual_);
    let readers = SocketAddr::new(readers, arguments.read_only_port);
    let config = &arguments.common.config;
    let port = postgres_port(arguments.postgres_port, config, Numbers::DEFAULT.postgres);
    let forward = arguments.forward.into();
    let plan = Lvs::new(nodes, writers, readers, port, forward, script);
    let mut plan = plan.map_err(|error| {
        let option = match &error {
            LvsError::Port(..) => "--forward",
            LvsError::Same(_) => "--read-only-port",
            LvsError::Address(_) | LvsError::Own(..) | LvsError::Families { .. } => "--virtual",
        };
        wrong(Exit::Usage, option, &error)
    })?;
    plan.check = arguments.check.into();
    plan.http = configured_port(
        arguments.http_port,
        &settings.listen.http,
        Numbers::DEFAULT.http,
    );
    plan.max_lag = arguments.max_lag;
    Ok(plan.text())
}

/// Fails if the program could not verify the daemons of other nodes: without their authorities it accepts only the
/// certificate of its own host.
fn proves_nodes(settings: &Configured) -> Result<(), Exit> {
    if settings.https.is_none() || settings.cluster.ca_file.is_some() {
        return Ok(());
    }
    Err(Exit::Config.saying(
        "pgsql-state: cluster.ca_file: the daemons speak only TLS over HTTP, and without the authorities of their certificates \
         the program accepts none but that of its own host; name them: cluster.ca_file = \"/etc/pgsql-state/cluster-ca.pem\"",
    ))
}

fn vrrp(arguments: &VrrpArguments) -> Result<String, Exit> {
    let (_, nodes, script) = arguments.common.read()?;
    let (address, interface) = (arguments.common.virtual_, arguments.interface.clone());
    let plan = Vrrp::new(
        nodes,
        &arguments.on,
        address,
        interface,
        arguments.router_id,
        script,
    );
    let plan = plan.map_err(|error| {
        let option = match &error {
            VrrpError::Unknown(_) => "--on",
            VrrpError::Address(_) => "--virtual",
            VrrpError::Alone => "--node",
        };
        wrong(Exit::Usage, option, &error)
    })?;
    Ok(plan.text())
}

impl From<LvsCheckOption> for keepalived::LvsCheck {
    fn from(check: LvsCheckOption) -> Self {
        match check {
            LvsCheckOption::Http => Self::Http,
            LvsCheckOption::Plugin => Self::Plugin,
        }
    }
}

impl From<ForwardOption> for keepalived::Forward {
    fn from(forward: ForwardOption) -> Self {
        match forward {
            ForwardOption::Nat => Self::Nat,
            ForwardOption::Dr => Self::Direct,
            ForwardOption::Tun => Self::Tunnel,
        }
    }
}
