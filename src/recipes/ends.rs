//! How far primaries have been, written where a restart of everything finds it, and read. What cannot be
//! written is told and does no harm here: it is the next promotion that knows less.

use std::collections::BTreeMap;
use std::time::Duration;

use tracing::warn;

use super::cluster::{Cluster, Kept};
use super::server::Server;
use super::{Context, Hands};
use crate::agent::node::Node;
use crate::agent::position::{Position, Traces};
use crate::agent::primary_end::{Moment, PrimaryEnd};

/// Longest wait for the cluster to keep it. A demotion has a server to start yet, a promotion scores to tell.
const TO_KEEP: Duration = Duration::from_secs(5);

/// Keeps where the WAL of a primary ends that was stopped just now.
pub(super) fn keep_stopped<S: Server, C: Cluster>(context: &Context, hands: &mut Hands<'_, S, C>) {
    match hands.server.shutdown_checkpoint(hands.deadline) {
        Ok(Some(position)) => keep(context, hands, position, Moment::Stopped),
        // Ended by force: what it has is what there was.
        Ok(None) | Err(_) => keep_what_it_has(context, hands, Moment::Stopped),
    }
}

/// Keeps where the timeline of a new primary begins.
pub(super) fn keep_started<S: Server, C: Cluster>(context: &Context, hands: &mut Hands<'_, S, C>) {
    keep_what_it_has(context, hands, Moment::Started);
}

fn keep_what_it_has<S: Server, C: Cluster>(
    context: &Context,
    hands: &mut Hands<'_, S, C>,
    moment: Moment,
) {
    match hands.server.traces(hands.deadline).map(Traces::position) {
        Ok(Some(position)) => keep(context, hands, position, moment),
        Ok(None) => warn!("how far this primary is cannot be told to the cluster: it is not known"),
        Err(error) => warn!("how far this primary is cannot be told to the cluster: {error}"),
    }
}

fn keep<S: Server, C: Cluster>(
    context: &Context,
    hands: &mut Hands<'_, S, C>,
    position: Position,
    moment: Moment,
) {
    let system_identifier = match hands.server.system_identifier() {
        Ok(system_identifier) => system_identifier,
        Err(error) => {
            warn!("how far this primary is cannot be told to the cluster: {error}");
            return;
        }
    };
    let end = PrimaryEnd {
        position,
        system_identifier,
        moment,
    };
    let (name, value) = (context.attributes.primary_end(), end.to_string());
    let deadline = hands
        .deadline
        .within(TO_KEEP.min(hands.deadline.left() / 2));
    let kept = hands
        .cluster
        .keep(&context.local, &name, Some(&value), deadline);
    if let Err(error) = kept {
        warn!("how far this primary is, {end}, cannot be told to the cluster: {error}");
    }
}

/// What each node remembers of its server's last time as a primary.
pub(super) fn of(context: &Context, nodes: &BTreeMap<Node, Kept>) -> BTreeMap<Node, PrimaryEnd> {
    let name = context.attributes.primary_end();
    let mut ends = BTreeMap::new();
    for (node, kept) in nodes {
        match kept.get(&name).map(|value| value.parse()) {
            Some(Ok(end)) => {
                ends.insert(node.clone(), end);
            }
            Some(Err(error)) => warn!("attribute {name} of {node}: {error}"),
            None => {}
        }
    }
    ends
}
