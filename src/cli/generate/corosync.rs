//! `pgsql-state generate corosync`: prints Corosync's configuration.

use clap::ValueEnum;

use super::{members, node, wrong};
use crate::cli::Config;
use crate::cli::exit::Exit;
use crate::config::ClusterNode;
use crate::tools::generate::corosync::{self, ClusterName, CorosyncPlan, TotemProfile};

/// Arguments of `generate corosync`.
#[derive(Debug, clap::Args)]
pub(super) struct Corosync {
    /// How soon a lost host is detected, and which delays are tolerated
    #[arg(long, value_enum, default_value = "safe")]
    profile: ProfileOption,
    /// A server of the cluster; one option for each, instead of cluster.nodes
    #[arg(long = "node", value_name = "NAME=ADDRESS", value_parser = node)]
    nodes: Vec<ClusterNode>,
    /// A server's address in a second network; one option for each server
    #[arg(long = "second-link", value_name = "NAME=ADDRESS", value_parser = node)]
    second_links: Vec<ClusterNode>,
    /// The name of the cluster
    #[arg(long, value_name = "NAME", default_value = ClusterName::DEFAULT)]
    cluster_name: ClusterName,
    #[command(flatten)]
    config: Config,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ProfileOption {
    /// 2.2 s: dedicated hosts in a dedicated network
    Fast,
    /// 8.03 s with three nodes: Corosync's defaults
    Safe,
    /// 23.43 s with three nodes: virtual machines that are migrated live
    Patient,
}

pub(super) fn make(arguments: &Corosync) -> Result<String, Exit> {
    let nodes = members("--node", &arguments.nodes, &arguments.config)?;
    let profile = match arguments.profile {
        ProfileOption::Fast => TotemProfile::Fast,
        ProfileOption::Safe => TotemProfile::Safe,
        ProfileOption::Patient => TotemProfile::Patient,
    };
    let name = arguments.cluster_name.clone();
    let plan = CorosyncPlan::new(name, profile, &nodes, &arguments.second_links);
    let plan = plan.map_err(|error| wrong(Exit::Usage, "--second-link", &error))?;
    Ok(corosync::text(&plan))
}
