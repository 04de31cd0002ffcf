//! What a server was copied from that is started for the first time, kept where elections find it. Knows no election.

use std::error::Error;

use tracing::info;

use super::cluster::Cluster;
use super::server::Server;
use super::{Context, Hands};
use crate::agent::decide::lineage::Descent;

/// Keeps it, before the server is started: afterwards nothing tells any more that it was made anew. What it had before is
/// gone, and with that what it had acknowledged.
pub(super) fn keep<S: Server, C: Cluster>(
    context: &Context,
    hands: &mut Hands<'_, S, C>,
) -> Result<(), Box<dyn Error>> {
    let position = hands.server.traces(hands.deadline)?.position();
    let position = position.ok_or("how far the copy is, is not known")?;
    let copy = Descent {
        system_identifier: hands.server.system_identifier()?,
        lineage: hands.server.lineage(position.timeline, hands.deadline),
    };
    let name = context.attributes.copied_from();
    let value = copy.to_string();
    info!("this server was made anew, from one with the timelines {value}");
    hands
        .cluster
        .keep(&context.local, &name, Some(&value), hands.deadline)?;
    Ok(())
}
