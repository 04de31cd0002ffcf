//! Records what a server was copied from before its first start, where elections find it. Knows no election.

use std::error::Error;

use tracing::info;

use super::cluster::Cluster;
use super::server::Server;
use super::{Context, Seams};
use crate::agent::decide::lineage::Descent;

/// Records it before the server is started: afterwards nothing shows any more that it was rebuilt. What the node had
/// before is gone, and with that what it had acknowledged.
pub(super) fn keep<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> Result<(), Box<dyn Error>> {
    let position = seams.server.traces(seams.deadline)?.position();
    let position = position.ok_or("the position of the copy is not known")?;
    let copy = Descent {
        system_identifier: seams.server.system_identifier()?,
        lineage: seams.server.lineage(position.timeline, seams.deadline),
    };
    let name = context.attributes.copied_from();
    let value = copy.to_string();
    info!("this server was rebuilt, from one with the timelines {value}");
    seams
        .cluster
        .set_permanent(&context.local, &name, Some(&value), seams.deadline)?;
    Ok(())
}
