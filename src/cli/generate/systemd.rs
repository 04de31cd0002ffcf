//! `pgsql-state generate systemd`: prints the daemon's units and drop-ins.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use clap::ValueEnum;

use super::{config_path, wrong};
use crate::cli::check::daemon_of;
use crate::cli::exit::Exit;
use crate::cli::{Config, invocation};
use crate::config::{Encryption, Guard, SlotMode};
use crate::daemon::{Configured, quorum};
use crate::health::QuorumGuard;
use crate::postgres::conninfo::{Endpoint, Target};
use crate::tools::generate::WholePath;
use crate::tools::generate::systemd::{
    self, PeerCheck, QuorumFile, ServerSocket, Sockets, SystemdPlan, Where,
};

/// Arguments of `generate systemd`.
#[derive(Debug, clap::Args)]
pub(super) struct Systemd {
    /// Who binds the ports: systemd for the daemon, the daemon itself, or systemd for one process per check
    #[arg(long, value_enum, default_value = "socket")]
    variant: VariantOption,
    /// The address of the state port; one option for each address, instead of listen.state
    #[arg(long, value_name = "[ADDRESS:]PORT")]
    state: Vec<Where>,
    /// The address of the HTTP port, instead of listen.http [default: the port that the nodes of cluster.nodes ask]
    #[arg(long, value_name = "[ADDRESS:]PORT")]
    http: Vec<Where>,
    /// The address of the agent-check port, instead of the configured addresses
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
    let settings = invocation::load_for_units(arguments.config.config.as_deref())?;
    belong(arguments)?;
    let sockets = sockets(arguments, &settings)?;
    let variant = arguments.variant.into();
    let plan = SystemdPlan::new(variant, sockets, arguments.program.clone());
    let mut plan = plan.map_err(|error| wrong(Exit::Config, "listen", &error))?;
    let target = &settings.postgres.target;
    plan.postgres = postgres(&target.endpoint)?;
    plan.peer_check = peer_check(target);
    plan.peers.clone_from(&settings.cluster.nodes);
    plan.slots_daemon = slots_daemon(&settings);
    plan.quorum = settings.guard.quorum;
    plan.quorum_file = quorum_file(&settings.guard)?;
    plan.config = config_path(&arguments.config)?;
    plan.connections = settings.admission.max_connections;
    plan.http = Encryption::of(settings.https.as_ref());
    Ok(systemd::text(&plan))
}

/// Where the keeper asks the daemon, if it keeps replication slots. systemd's socket listens on every address.
fn slots_daemon(settings: &Configured) -> Option<IpAddr> {
    match settings.slots.mode {
        SlotMode::Off => None,
        SlotMode::Nodes => {
            let address = daemon_of(settings, None).map(|(address, _)| address.ip());
            Some(address.unwrap_or(Ipv4Addr::LOCALHOST.into()))
        }
    }
}

/// The file that the quorum's unit is told to write, unless it is the one that it writes anyway.
fn quorum_file(guard: &Guard) -> Result<Option<QuorumFile>, Exit> {
    let is_asked = match guard.quorum {
        QuorumGuard::Off => false,
        QuorumGuard::Pacemaker => guard.quorum_file != Path::new(quorum::FILE),
    };
    let path = guard.quorum_file.to_string_lossy();
    let parsed = is_asked.then(|| path.parse::<QuorumFile>());
    let parsed = parsed.transpose();
    parsed.map_err(|error| wrong(Exit::Config, "guard.quorum_file", &error))
}

/// Refuses options that do not apply to the variant.
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
                "the daemon binds the addresses in [listen] of its configuration"
            }
            (VariantOption::Accept, _) => "one process per check answers only the state port",
        };
        return Err(Exit::Usage.saying(&format!("pgsql-state: {option}: {why}")));
    }
    Ok(())
}

fn sockets(arguments: &Systemd, settings: &Configured) -> Result<Sockets, Exit> {
    let listen = &settings.listen;
    let with_peers = listen.with_peers(&settings.cluster);
    let chosen = |given: &[Where], configured: &[SocketAddr]| match given {
        [] => configured.to_vec(),
        _ => given.iter().map(|place| place.0).collect(),
    };
    let http = chosen(&arguments.http, &with_peers.http);
    let http = match arguments.variant {
        VariantOption::Socket | VariantOption::Accept => http,
        // The daemon binds only what is configured.
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
            let why =
                "the unit's sandbox has no access to an abstract socket; name a folder instead";
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

/// Whether the server's user is checked (`requirepeer`); over TCP it cannot be.
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
