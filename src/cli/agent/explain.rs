//! `pgsql-state agent explain`: examines the server and the cluster as the agent does, and changes nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;

use crate::agent::actions::{Cluster, ClusterError, Server};
use crate::agent::decide::explanation::{ClusterView, NodeRecord};
use crate::agent::decide::scores::Attributes;
use crate::agent::decide::state::{DataDirectory, ServerState, judge};
use crate::agent::local::Instance;
use crate::agent::ocf::Node;
use crate::agent::pacemaker::{Pacemaker, Resource};
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::cli::exit::{Exit, print};
use crate::cli::invocation;

/// Longest time for everything together: the timeout of a monitor.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Arguments of `agent explain`.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The resource, if the cluster has several of the type pgsqlms
    #[arg(long, value_name = "NAME")]
    resource: Option<String>,
}

pub(super) fn run(explain: &Explain) -> Exit {
    match try_run(explain) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(explain: &Explain) -> Result<Exit, Exit> {
    let deadline = Deadline::after(TIMEOUT);
    let mut cluster = invocation::pacemaker();
    let resources = cluster
        .resources(deadline)
        .map_err(|error| failed(&error))?;
    let resource = chosen(resources, explain.resource.as_deref())?;
    let local = cluster
        .local_node(deadline)
        .map_err(|error| failed(&error))?;
    let attributes: Attributes = resource.name.parse().map_err(|error| failed(&error))?;
    let told = resource.told().map_err(|error| failed(&error))?;
    for wrong in &told.wrong {
        Exit::Failure.saying(&format!("pgsql-state: {wrong}; its default is used"));
    }
    let maxlag = told.parameters.maxlag;
    let mut server = Instance::new(told.parameters, attributes.resource()).on(&local);
    let evidence = server.evidence(deadline.leaving(TIMEOUT / 2));
    let state = judge(&evidence);
    let senders = if let ServerState::Primary(_) = state {
        server.senders(deadline).ok()
    } else {
        None
    };
    let traces = server.traces(deadline).map_err(|error| error.to_string());
    let position = traces.as_ref().ok().and_then(|traces| traces.position());
    let lineage =
        position.and_then(|position| server.lineage_with_moments(position.timeline, deadline));
    let seen = ClusterView {
        resource: resource.name,
        local,
        state,
        control: match evidence.files {
            DataDirectory::Present { control, backup: _ } => control,
            DataDirectory::Missing => Err(state.sentence()),
        },
        traces,
        lineage,
        senders,
        nodes: remembered(&mut cluster, &attributes, deadline).map_err(|error| error.to_string()),
        maxlag,
    };
    print(&seen.to_string())?;
    Ok(Exit::Success)
}

/// The resource given with `--resource`, or the only one.
pub(in crate::cli) fn chosen(
    resources: Vec<Resource>,
    name: Option<&str>,
) -> Result<Resource, Exit> {
    let names: Vec<String> = resources.iter().map(|one| one.name.clone()).collect();
    let mut matching = resources
        .into_iter()
        .filter(|resource| name.is_none_or(|name| resource.name == name));
    match (matching.next(), matching.next()) {
        (Some(resource), None) => Ok(resource),
        (None, _) if names.is_empty() => {
            Err(Exit::Failure
                .saying("pgsql-state: the cluster has no resource of the type pgsqlms"))
        }
        (None, _) | (Some(_), Some(_)) => Err(Exit::Failure.saying(&format!(
            "pgsql-state: name one of these with --resource: {}",
            names.join(", ")
        ))),
    }
}

/// The attributes of all nodes in the cluster.
fn remembered(
    cluster: &mut Pacemaker,
    attributes: &Attributes,
    deadline: Deadline,
) -> Result<BTreeMap<Node, NodeRecord>, ClusterError> {
    let mut nodes = BTreeMap::new();
    for (node, kept) in cluster.nodes(deadline)? {
        let position = cluster.transient(&node, &attributes.position(), deadline)?;
        let descent = cluster.transient(&node, &attributes.lineage(), deadline)?;
        let primary_seen = cluster.transient(&node, &attributes.primary_seen(), deadline)?;
        let known = NodeRecord {
            told: position.and_then(|text| text.parse().ok()),
            descent: descent.and_then(|text| text.parse().ok()),
            rules: kept
                .get(&attributes.sync_rule())
                .and_then(|rules| rules.parse().ok()),
            copied_from: kept
                .get(&attributes.copied_from())
                .and_then(|copied| copied.parse().ok()),
            primary_seen: primary_seen.and_then(|text| text.parse().ok()),
            score: kept
                .get(&attributes.promotion())
                .and_then(|score| score.parse().ok()),
            primary_end: kept
                .get(&attributes.primary_end())
                .and_then(|end| end.parse().ok()),
        };
        nodes.insert(node, known);
    }
    Ok(nodes)
}

fn failed(error: &dyn std::error::Error) -> Exit {
    Exit::Failure.saying(&format!("pgsql-state: {error}"))
}
