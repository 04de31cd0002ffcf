//! `pgsql-state generate haproxy`: prints HAProxy's configuration.
//!
//! - [`check_with`]: has HAProxy check it before it is printed.
//! - [`installed`]: the version of the HAProxy that is installed.

mod check_with;
mod installed;

use std::path::PathBuf;

use clap::ValueEnum;

use super::{configured_port, node, nodes, port, postgres_port, wrong};
use crate::admit::ClientTrust;
use crate::base::https::CertificateDemand;
use crate::cli::exit::Exit;
use crate::cli::{Config, invocation};
use crate::config::{ClusterNode, Listen};
use crate::daemon::Configured;
use crate::tools::generate::haproxy::{
    self, AdminSocket, Bind, CheckFile, CheckTls, HaproxyPlan, HaproxyVersion, Headers, Numbers,
    Ports, VersionOrigin, blocks_only, whole,
};
use check_with::accepts;

/// Arguments of `generate haproxy`.
#[derive(Debug, clap::Args)]
pub(super) struct HaproxyArguments {
    /// A server of the cluster; one option for each, instead of cluster.nodes
    #[arg(long = "node", value_name = "NAME=ADDRESS", value_parser = node)]
    nodes: Vec<ClusterNode>,
    /// The parameters of the three-node example; parameters that never route writers to a wrong server; or these with frequent checks
    #[arg(long, value_enum, default_value = "classic")]
    profile: ProfileOption,
    /// How servers are checked: by a line, by HTTP, or by a line and an agent-check for the share of readers
    #[arg(long, value_enum, default_value = "text")]
    check: HaproxyCheckOption,
    /// How a standby reaches the primary: by a separate block, by the one for writers, or without HAProxy
    #[arg(long, value_enum, default_value = "own")]
    replication: ReplicationOption,
    /// The version of HAProxy, 2.0 to 3.4 [default: that of the HAProxy that is installed or, if none is, 2.0]
    #[arg(long = "haproxy-version", value_name = "VERSION")]
    reader: Option<HaproxyVersion>,
    /// Print only the listen blocks, for a configuration that contains the rest
    #[arg(long)]
    blocks_only: bool,
    /// A HAProxy program that checks the configuration; if it refuses it, nothing is printed. Its version is the default
    /// of --haproxy-version
    #[arg(long, value_name = "PROGRAM")]
    check_with: Option<PathBuf>,
    /// Where clients connect: an address, or * for every IPv4 address
    #[arg(long, value_name = "ADDRESS", default_value = "*")]
    bind: Bind,
    #[command(flatten)]
    ports: GivenPorts,
    /// The file on HAProxy's host with the authorities of the daemons' certificates, if HTTP is encrypted
    /// [default: the authorities of the cluster's nodes]
    #[arg(long, value_name = "PATH")]
    check_ca_file: Option<CheckFile>,
    /// The file on HAProxy's host with its certificate and key, if the daemons require one
    #[arg(long, value_name = "PATH")]
    check_crt: Option<CheckFile>,
    /// HAProxy's admin socket
    #[arg(long, value_name = "PATH", default_value = AdminSocket::DEFAULT)]
    admin_socket: AdminSocket,
    #[command(flatten)]
    config: Config,
}

#[expect(clippy::struct_field_names, reason = "each is called as its option")]
#[derive(Debug, clap::Args)]
struct GivenPorts {
    /// The daemon's state port [default: that of listen.state]
    #[arg(long, value_name = "PORT", value_parser = port())]
    state_port: Option<u16>,
    /// The daemon's port for HTTP [default: that of listen.http, or 8008]
    #[arg(long, value_name = "PORT", value_parser = port())]
    http_port: Option<u16>,
    /// The daemon's port for agent-checks [default: the configured one, or 5430]
    #[arg(long, value_name = "PORT", value_parser = port())]
    agent_port: Option<u16>,
    /// PostgreSQL's port [default: the one that postgres.conninfo names, or 5434]
    #[arg(long, value_name = "PORT", value_parser = port())]
    postgres_port: Option<u16>,
    /// Clients' port to the primary
    #[arg(long, value_name = "PORT", value_parser = port(), default_value_t = Numbers::DEFAULT.read_write)]
    read_write_port: u16,
    /// Clients' port to the standbys
    #[arg(long, value_name = "PORT", value_parser = port(), default_value_t = Numbers::DEFAULT.read_only)]
    read_only_port: u16,
    /// Standbys' port to the primary
    #[arg(long, value_name = "PORT", value_parser = port(), default_value_t = Numbers::DEFAULT.replication)]
    replication_port: u16,
    /// The port of the statistics
    #[arg(long, value_name = "PORT", value_parser = port(), default_value_t = Numbers::DEFAULT.stats)]
    stats_port: u16,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ProfileOption {
    Classic,
    Safe,
    Fast,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum HaproxyCheckOption {
    Text,
    Http,
    Agent,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ReplicationOption {
    Own,
    Prod,
    Direct,
}

pub(super) fn make(arguments: &HaproxyArguments) -> Result<String, Exit> {
    let settings = invocation::load(arguments.config.config.as_deref())?;
    let nodes = nodes("--node", &arguments.nodes, &settings.cluster.nodes)?;
    let ports = Ports::new(arguments.ports.numbers(&settings.listen, &arguments.config));
    let ports = ports.map_err(|error| Exit::Usage.because(&error))?;
    let check = arguments.check.into();
    let headers = Headers::of(&nodes, &settings.admission.header_peers, &ports, check)
        .map_err(|error| wrong(Exit::Config, "admission.proxy_protocol", &error))?;
    let rules = &settings.admission.rules;
    let addresses = nodes.iter().map(|node| node.address.to_canonical());
    let untrusted = addresses.filter(|address| rules.judge(*address) != ClientTrust::Trusted);
    let untrusted = untrusted.collect();
    let tls = match check {
        haproxy::HaproxyCheck::Http => tls(arguments, &settings)?,
        haproxy::HaproxyCheck::Text | haproxy::HaproxyCheck::Agent => None,
    };
    let (version, origin) = match arguments.reader {
        Some(named) => (named, VersionOrigin::Named),
        None => installed::version(arguments.check_with.as_deref()),
    };
    let plan = HaproxyPlan {
        version,
        origin,
        profile: arguments.profile.into(),
        check,
        replication: arguments.replication.into(),
        nodes,
        ports,
        bind: arguments.bind,
        words: settings.answer.words,
        token: settings.admission.token,
        tls,
        headers,
        admin_socket: arguments.admin_socket.clone(),
        untrusted,
    };
    let text = whole(&plan);
    if let Some(program) = &arguments.check_with {
        accepts(program, &text)?;
    }
    Ok(if arguments.blocks_only {
        blocks_only(&plan)
    } else {
        text
    })
}

/// The TLS parameters of checks, if the HTTP port is encrypted.
fn tls(arguments: &HaproxyArguments, settings: &Configured) -> Result<Option<CheckTls>, Exit> {
    let Some(https) = &settings.https else {
        return Ok(None);
    };
    let said = |what: &str| Exit::Usage.saying(&format!("pgsql-state: {what}"));
    let ca_file = match (&arguments.check_ca_file, &settings.cluster.ca_file) {
        (Some(given), _) => given.clone(),
        (None, Some(path)) => path
            .to_string_lossy()
            .parse::<CheckFile>()
            .map_err(|error| wrong(Exit::Config, "cluster.ca_file", &error))?,
        (None, None) => {
            return Err(said(
                "the HTTP port uses TLS, and the authorities of the daemons' certificates are not known; name their file \
                in cluster.ca_file or --check-ca-file",
            ));
        }
    };
    let required = https
        .clients
        .as_ref()
        .is_some_and(|clients| clients.demand == CertificateDemand::Required);
    if required && arguments.check_crt.is_none() {
        return Err(said(
            "the daemons require a certificate of HAProxy (http.client_ca_file); name a file with it and its key \
            in --check-crt",
        ));
    }
    let certificate = arguments.check_crt.clone();
    Ok(Some(CheckTls {
        ca_file,
        certificate,
    }))
}

impl GivenPorts {
    fn numbers(&self, listen: &Listen, config: &Config) -> Numbers {
        let default = Numbers::DEFAULT;
        Numbers {
            state: configured_port(self.state_port, &listen.state, default.state),
            http: configured_port(self.http_port, &listen.http, default.http),
            agent: configured_port(self.agent_port, &listen.agent, default.agent),
            postgres: postgres_port(self.postgres_port, config, default.postgres),
            read_write: self.read_write_port,
            read_only: self.read_only_port,
            replication: self.replication_port,
            stats: self.stats_port,
        }
    }
}

impl From<ProfileOption> for haproxy::Profile {
    fn from(profile: ProfileOption) -> Self {
        match profile {
            ProfileOption::Classic => Self::Classic,
            ProfileOption::Safe => Self::Safe,
            ProfileOption::Fast => Self::Fast,
        }
    }
}

impl From<HaproxyCheckOption> for haproxy::HaproxyCheck {
    fn from(check: HaproxyCheckOption) -> Self {
        match check {
            HaproxyCheckOption::Text => Self::Text,
            HaproxyCheckOption::Http => Self::Http,
            HaproxyCheckOption::Agent => Self::Agent,
        }
    }
}

impl From<ReplicationOption> for haproxy::ReplicationPath {
    fn from(replication: ReplicationOption) -> Self {
        match replication {
            ReplicationOption::Own => Self::Own,
            ReplicationOption::Prod => Self::Prod,
            ReplicationOption::Direct => Self::Direct,
        }
    }
}
