//! Publishes this node's position to the others before a node is promoted. Knows no election.

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use tracing::warn;

use super::cluster::Cluster;
use super::server::{Server, ServerError};
use super::{Context, Seams};
use crate::agent::decide::election::NodePosition;
use crate::agent::decide::lineage::Descent;
use crate::agent::decide::primary_seen::PrimarySeen;
use crate::agent::decide::report::Report;
use crate::agent::ocf::node::Node;
use crate::base::deadline::Deadline;
use crate::health::Lsn;
use crate::postgres::position::Position;

/// Longest wait for a server and its disk to report the position: all nodes wait for the slowest notification, and
/// writers for the promotion after it.
const TO_MEASURE: Duration = Duration::from_secs(5);

/// Longest wait for the cluster to accept it.
const TO_TELL: Duration = Duration::from_secs(5);

/// Publishes the position of this node's server, running or not, and before it the timelines that led there, and for which
/// promotion: a node that sees the position has seen these, too. If no position can be determined now, the one published before
/// another promotion is withdrawn, so that no node takes it for a current one.
pub(super) fn position<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> Result<Option<Position>, Box<dyn Error>> {
    let measured = seams.within(TO_MEASURE);
    let said = match said(seams, measured) {
        Ok(said) => said,
        Err(error) => {
            warn!("cannot determine the position of this server: {error}");
            None
        }
    };
    let position = said.as_ref().map(|said| said.position);
    let candidates = context.plan.promote.iter();
    let candidates = candidates.map(|instance| instance.node.clone()).collect();
    let report = said.and_then(|said| {
        Some(Report {
            descent: Descent {
                system_identifier: said.system?,
                lineage: said.lineage,
            },
            position: said.position,
            candidates,
        })
    });
    let attributes = &context.attributes;
    let deadline = seams.within(TO_TELL);
    for (name, value) in [
        (
            attributes.lineage(),
            report.map(|report| report.to_string()),
        ),
        (
            attributes.position(),
            position.map(|position| position.to_string()),
        ),
    ] {
        seams
            .cluster
            .set_transient(&context.local, &name, value.as_deref(), deadline)?;
    }
    Ok(position)
}

/// Returns the position of this node's server.
pub(super) fn said<S: Server, C>(
    seams: &mut Seams<'_, S, C>,
    deadline: Deadline,
) -> Result<Option<NodePosition>, ServerError> {
    let Some(position) = seams.server.traces(deadline)?.position() else {
        return Ok(None);
    };
    let lineage = seams
        .server
        .lineage_with_moments(position.timeline, deadline);
    let descent = Descent {
        system_identifier: seams.server.system_identifier()?,
        lineage,
    };
    Ok(Some(NodePosition::new(position, Some(descent))))
}

/// Publishes how far this standby has seen its primary's WAL reach, if elections need it.
pub(super) fn primary_seen<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    primary_end: Option<Lsn>,
) {
    let (Some(lsn), Some(_)) = (primary_end, context.maxlag) else {
        return;
    };
    let received = seams.server.traces(seams.deadline);
    let seen = received.and_then(|traces| {
        let Some(received) = traces.received else {
            return Ok(None);
        };
        Ok(Some(PrimarySeen {
            position: Position { lsn, ..received },
            system_identifier: seams.server.system_identifier()?,
        }))
    });
    let told = match seen {
        Ok(Some(seen)) => {
            let name = context.attributes.primary_seen();
            let value = seen.to_string();
            let deadline = seams.deadline;
            seams
                .cluster
                .set_transient(&context.local, &name, Some(&value), deadline)
                .map_err(|error| error.to_string())
        }
        Ok(None) => Ok(()),
        Err(error) => Err(error.to_string()),
    };
    if let Err(error) = told {
        warn!("cannot publish how far the primary is, from which maxlag is measured: {error}");
    }
}

/// Withdraws what was published for an election that is over.
pub(super) fn nothing<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    names: &[String],
) {
    withdraw(seams, names.iter().map(|name| (&context.local, &**name)));
}

/// Withdraws the positions of other nodes.
pub(super) fn no_positions<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    nodes: &BTreeSet<Node>,
) {
    let name = context.attributes.position();
    let others = nodes.iter().filter(|node| **node != context.local);
    withdraw(seams, others.map(|node| (node, &*name)));
}

fn withdraw<'a, S, C: Cluster>(
    seams: &mut Seams<'_, S, C>,
    attributes: impl Iterator<Item = (&'a Node, &'a str)>,
) {
    let deadline = seams.within(TO_TELL);
    for (node, name) in attributes {
        if let Err(error) = seams.cluster.set_transient(node, name, None, deadline) {
            warn!("cannot withdraw the attribute {name} of {node}: {error}");
        }
    }
}
