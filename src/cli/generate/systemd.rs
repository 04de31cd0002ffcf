//! `pgsql-state generate systemd`.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::os::unix::ffi::OsStrExt;

use clap::ValueEnum;

use super::wrong;
use crate::cli::exit::Exit;
use crate::cli::{Config, surroundings};
use crate::config::Encryption;
use crate::daemon::Configured;
use crate::postgres::conninfo::{Endpoint, Target};
use crate::tools::generate::WholePath;
use crate::tools::generate::systemd::{self, PeerCheck, ServerSocket, Sockets, SystemdPlan, Where};

/// Arguments of `generate systemd`.
#[derive(Debug, clap::Args)]
pub(super) struct Systemd {
    /// Who binds the ports: systemd for a daemon, the daemon, systemd for a process a check
    #[arg(long, value_enum, default_value = "socket")]
    variant: VariantOption,
    /// Where the state port is; one option for each place, instead of listen.state
    #[arg(long, value_name = "[ADDRESS:]PORT")]
    state: Vec<Where>,
    /// Where HTTP is answered, instead of listen.http [default: where the nodes of cluster.nodes ask]
    #[arg(long, value_name = "[ADDRESS:]PORT")]
    http: Vec<Where>,
    /// Where agent-checks are answered, instead of the addresses in the configuration
    #[arg(long, value_name = "[ADDRESS:]PORT")]
    agent: Vec<Where>,
    /// The program
    #[arg(long, value_name = "PATH", default_value = "/usr/bin/pgsql-state")]
    program: WholePath,
    #[command(flatten)]
    config: Config,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum VariantOption {
    Socket,
    Daemon,
    Accept,
}

pub(super) fn make(arguments: &Systemd) -> Result<String, Exit> {
    let settings = surroundings::load(arguments.config.config.as_deref())?;
    belong(arguments)?;
    let sockets = sockets(arguments, &settings)?;
    let variant = arguments.variant.into();
    let plan = SystemdPlan::new(variant, sockets, arguments.program.clone());
    let mut plan = plan.map_err(|error| wrong(Exit::Config, "listen", &error))?;
    let target = &settings.postgres.target;
    plan.postgres = postgres(&target.endpoint)?;
    plan.peer_check = peer_check(target);
    plan.peers.clone_from(&settings.cluster.nodes);
    plan.quorum = settings.guard.quorum;
    plan.connections = settings.admission.max_connections;
    plan.http = Encryption::of(settings.https.as_ref());
    Ok(systemd::text(&plan))
}

/// Refuses options that the variant cannot follow.
fn belong(arguments: &Systemd) -> Result<(), Exit> {
    let given = [
        ("--state", &arguments.state),
        ("--http", &arguments.http),
        ("--agent", &arguments.agent),
    ];
    let given = given.into_iter().filter(|(_, places)| !places.is_empty());
    for (option, _) in given {
        let why = match (arguments.variant, option) {
            (VariantOption::Socket, _) | (VariantOption::Accept, "--state") => continue,
            (VariantOption::Daemon, _) => {
                "the daemon binds what [listen] of its configuration names"
            }
            (VariantOption::Accept, _) => "a process for each check answers the state port alone",
        };
        return Err(Exit::Usage.saying(&format!("pgsql-state: {option}: {why}")));
    }
    Ok(())
}

fn sockets(arguments: &Systemd, settings: &Configured) -> Result<Sockets, Exit> {
    let listen = &settings.listen;
    let chosen = |given: &[Where], configured: &[SocketAddr]| match given {
        [] => configured.to_vec(),
        _ => given.iter().map(|place| place.0).collect(),
    };
    let mut http = chosen(&arguments.http, &listen.http);
    // The other nodes ask there.
    if http.is_empty() && !settings.cluster.nodes.is_empty() {
        let port = settings.cluster.http_port;
        http.push((IpAddr::from(Ipv6Addr::UNSPECIFIED), port).into());
    }
    let http = match arguments.variant {
        VariantOption::Socket | VariantOption::Accept => http,
        // It binds what is configured and no more.
        VariantOption::Daemon => listen.http.clone(),
    };
    let given =
        !(arguments.state.is_empty() && arguments.http.is_empty() && arguments.agent.is_empty());
    let (status, field) = if given {
        (Exit::Usage, "--state, --http, --agent")
    } else {
        (Exit::Config, "listen")
    };
    Sockets::new(
        chosen(&arguments.state, &listen.state),
        http,
        chosen(&arguments.agent, &listen.agent),
    )
    .map_err(|error| wrong(status, field, &error))
}

fn postgres(endpoint: &Endpoint) -> Result<ServerSocket, Exit> {
    match endpoint {
        Endpoint::Unix { directory, .. } if directory.as_os_str().as_bytes().starts_with(b"@") => {
            let why = "an abstract socket is of the host's network, and beyond the unit's sandbox; name a folder";
            Err(Exit::Config.saying(&format!("pgsql-state: postgres.conninfo: {why}")))
        }
        Endpoint::Unix { .. } => Ok(ServerSocket::Socket),
        Endpoint::Tcp { host, address, .. } => {
            let address = address.as_ref().map(|address| address.ip);
            let address = address.or_else(|| host.parse().ok());
            Ok(address.map_or(ServerSocket::Name, ServerSocket::Address))
        }
    }
}

/// Over TCP nobody is looked at.
fn peer_check(target: &Target) -> PeerCheck {
    match (&target.endpoint, &target.require_peer) {
        (Endpoint::Unix { .. }, Some(_)) => PeerCheck::ByName,
        (Endpoint::Unix { .. }, None) | (Endpoint::Tcp { .. }, _) => PeerCheck::None,
    }
}

impl From<VariantOption> for systemd::Variant {
    fn from(variant: VariantOption) -> Self {
        match variant {
            VariantOption::Socket => Self::Socket,
            VariantOption::Daemon => Self::Daemon,
            VariantOption::Accept => Self::Accept,
        }
    }
}
