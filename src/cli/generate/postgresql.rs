//! `pgsql-state generate postgresql`: prints PostgreSQL's settings for a server.

use clap::value_parser;

use super::haproxy::ReplicationOption;
use super::{node, nodes, port, postgres_port, wrong};
use crate::cli::Config;
use crate::cli::exit::Exit;
use crate::cli::invocation;
use crate::config::{ClusterNode, SlotMode};
use crate::daemon::Configured;
use crate::slots::names::{SlotName, SlotPrefix};
use crate::tools::generate::Identifier;
use crate::tools::generate::haproxy::Numbers;
use crate::tools::generate::postgresql::{FIRST, LAST, PostgresqlPlan};

/// Arguments of `generate postgresql`.
#[derive(Debug, clap::Args)]
pub(super) struct Postgresql {
    /// The server for which the settings are
    #[arg(long, value_name = "NAME")]
    node: String,
    /// A server of the cluster, including this one; one option for each, instead of cluster.nodes
    #[arg(long = "member", value_name = "NAME=ADDRESS", value_parser = node)]
    members: Vec<ClusterNode>,
    /// Its major version; the settings for 12 differ from those for 13 and later
    #[arg(
        long,
        value_name = "VERSION",
        default_value_t = LAST,
        value_parser = value_parser!(u16).range(i64::from(FIRST)..=i64::from(LAST))
    )]
    postgres_version: u16,
    /// How the server reaches the primary while it is a standby, as in `generate haproxy`
    #[arg(long, value_enum, default_value = "own")]
    replication: ReplicationOption,
    /// The role that replicates; its password belongs in ~postgres/.pgpass
    #[arg(long, value_name = "NAME", default_value = "postgres")]
    replication_role: Identifier,
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
    /// How the names of replication slots begin, if the keeper has some; the server's own is then set [default: slots.prefix,
    /// if the configuration is read and slots.mode is "nodes"]
    #[arg(long, value_name = "PREFIX")]
    slot_prefix: Option<SlotPrefix>,
    #[command(flatten)]
    config: Config,
}

pub(super) fn make(arguments: &Postgresql) -> Result<String, Exit> {
    let configured = match arguments.members.as_slice() {
        // The configuration is read only if needed, because not every user may read it.
        [] => Some(invocation::load(arguments.config.config.as_deref())?),
        [_, ..] => None,
    };
    let configured = configured.as_ref();
    let known = configured.map_or(&[][..], |settings| &settings.cluster.nodes);
    let nodes = nodes("--member", &arguments.members, known)?;
    let default = Numbers::DEFAULT.postgres;
    let postgres = match arguments.members.as_slice() {
        [] => postgres_port(arguments.postgres_port, &arguments.config, default),
        [_, ..] => arguments.postgres_port.unwrap_or(default),
    };
    let role = arguments.replication_role.clone();
    let plan = PostgresqlPlan::new(nodes, &arguments.node, role);
    let mut plan = plan.map_err(|error| wrong(Exit::Usage, "--node", &error))?;
    plan.version = arguments.postgres_version;
    plan.slot = slot(arguments, configured)?;
    plan.replication = arguments.replication.into();
    plan.numbers = Numbers {
        postgres,
        read_write: arguments.read_write_port,
        read_only: arguments.read_only_port,
        replication: arguments.replication_port,
        ..Numbers::DEFAULT
    };
    Ok(plan.settings())
}

/// The slot of the server, if slots are kept by the option or by the configuration.
fn slot(arguments: &Postgresql, configured: Option<&Configured>) -> Result<Option<SlotName>, Exit> {
    let kept = configured.map(|settings| &settings.slots);
    let kept = kept.filter(|slots| slots.mode == SlotMode::Nodes);
    let kept = kept.map(|slots| &slots.policy.prefix);
    let prefix = arguments.slot_prefix.as_ref().or(kept);
    let slot = prefix.map(|prefix| prefix.slot_of(&arguments.node));
    slot.transpose()
        .map_err(|error| wrong(Exit::Usage, "--slot-prefix", &error))
}
