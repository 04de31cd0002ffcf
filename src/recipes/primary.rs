//! What a primary tells the cluster while it runs: what the next election has to know of it, and its standbys' scores.
//! Knows no election.

use std::error::Error;

use tracing::warn;

use super::cluster::Cluster;
use super::ends::{self, Reign};
use super::memory::Memory;
use super::server::Server;
use super::{Context, Hands, scores};
use crate::agent::clone::TakenFor;
use crate::agent::standing::Standing;

/// Tells it, if the cluster takes this server for its primary, or has it for one on record. One that somebody has
/// promoted beside the primary says nothing of standbys that are not its own.
pub(super) fn tell<S: Server, C: Cluster>(
    context: &Context,
    hands: &mut Hands<'_, S, C>,
    taken_for: TakenFor,
) -> Result<(), Box<dyn Error>> {
    let nodes = hands.cluster.nodes(hands.deadline)?;
    let (setting, reign) = look(hands)?;
    let memory = Memory::of(context, &nodes);
    let primary = memory.primary(context, &reign, taken_for);
    let promotion = primary.promotion();
    match primary.standing() {
        Standing::Known => {}
        Standing::Unexpected => {
            warn!(
                "this primary, on timeline {} that began at {}, is not the one that the cluster knows: it sets no scores",
                reign.branch.timeline, reign.branch.begin
            );
            return Ok(());
        }
    }
    ends::keep_running(
        context,
        hands,
        &nodes,
        setting.as_deref(),
        &reign,
        promotion,
    );
    scores::hand_out(context, hands, &nodes)
}

/// Looks at a primary that runs: which standbys its commits wait for, and then how far it is, so that all lies before
/// that which was acknowledged by another rule.
pub(super) fn look<S: Server, C>(
    hands: &mut Hands<'_, S, C>,
) -> Result<(Option<String>, Reign), Box<dyn Error>> {
    let setting = match hands.server.synchronous_standby_names(hands.deadline) {
        Ok(setting) => Some(setting),
        Err(error) => {
            warn!("which standbys commits wait for cannot be told to the cluster: {error}");
            None
        }
    };
    let position = hands.server.traces(hands.deadline)?.position();
    let position = position.ok_or("how far this primary is, is not known")?;
    Ok((setting, Reign::of(hands, position)?))
}
