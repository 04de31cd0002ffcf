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

/// Keeps where the WAL of a primary ends that was stopped in order. After an end by force it holds nobody: its
/// standbys need not have got everything, and a failover could never be.
pub(super) fn keep_stopped<S: Server, C: Cluster>(context: &Context, hands: &mut Hands<'_, S, C>) {
    match hands.server.shutdown_checkpoint(hands.deadline) {
        Ok(Some(position)) => keep(context, hands, position, Moment::Stopped),
        Ok(None) => warn!("its WAL does not end with a shutdown checkpoint: nobody is held to it"),
        Err(error) => warn!("how far this primary was cannot be told to the cluster: {error}"),
    }
}

/// Keeps where the timeline of a new primary begins. What clients have written since then, no standby may have
/// yet: were the next one held to that, none could follow a primary that dies at once.
pub(super) fn keep_started<S: Server, C: Cluster>(context: &Context, hands: &mut Hands<'_, S, C>) {
    let Some(Position { timeline, lsn }) = what_it_has(hands) else {
        return;
    };
    let history = hands.server.history(timeline);
    let lsn = history.and_then(|history| history.begin()).unwrap_or(lsn);
    keep(context, hands, Position { timeline, lsn }, Moment::Started);
}

fn what_it_has<S: Server, C>(hands: &mut Hands<'_, S, C>) -> Option<Position> {
    let unknown = match hands.server.traces(hands.deadline).map(Traces::position) {
        Ok(Some(position)) => return Some(position),
        Ok(None) => "it is not known".to_owned(),
        Err(error) => error.to_string(),
    };
    warn!("how far this primary is cannot be told to the cluster: {unknown}");
    None
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
    let deadline = hands.within(TO_KEEP.min(hands.left() / 2));
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
