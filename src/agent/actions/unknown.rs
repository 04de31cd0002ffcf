//! Primaries that run beside the cluster: that one was seen is kept until its end is known. One that is not heard any more
//! may only be out of reach. Knows no election.

use std::collections::BTreeMap;
use std::error::Error;

use tracing::info;

use super::cluster::Cluster;
use super::server::{Server, ServerError};
use super::vote::Vote;
use super::{Context, Seams, ends};
use crate::agent::decide::election::NodeWord;
use crate::agent::decide::primary_end;
use crate::agent::decide::primary_seen::PrimarySeen;
use crate::agent::ocf::node::Node;

/// Keeps that one was seen, as far as this standby has its WAL.
pub(super) fn keep<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    vote: &Vote,
) -> Result<(), Box<dyn Error>> {
    let own = vote
        .ballot
        .nodes
        .get(&context.local)
        .and_then(NodeWord::said);
    let seen = PrimarySeen {
        position: own.ok_or("how far this standby is, is not known")?.position,
        system_identifier: seams.server.system_identifier()?,
    };
    let (name, value) = (context.attributes.unknown_primary(), seen.to_string());
    let deadline = seams.part_for_the_cluster();
    Ok(seams
        .cluster
        .keep(&context.local, &name, Some(&value), deadline)?)
}

/// Why nobody is to be promoted where one was seen, and what an operator does about it; none where there was none, or its
/// end is known: this standby has the checkpoint that it was stopped with, or its node is a member, where the cluster has
/// looked for it.
pub(super) fn of<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    vote: &Vote,
) -> Result<Option<String>, Box<dyn Error>> {
    let system = seams.server.system_identifier()?;
    let mut seen = vote.unknown_primaries.iter();
    let Some((witness, seen)) = seen.find(|(_, seen)| seen.system_identifier == system) else {
        return Ok(None);
    };
    if has_its_end(seams, *seen)? {
        return Ok(None);
    }
    let ends = &vote.ballot.ends;
    let last = primary_end::last_of_system(ends.values(), system);
    let may_be_its = |node: &&Node| primary_end::may_be_one_of(&last, ends.get(*node));
    let members = seams.cluster.members(seams.part_for_the_cluster())?;
    let away: Vec<&str> = vote
        .nodes
        .keys()
        .filter(may_be_its)
        .filter(|node| !members.contains(*node))
        .map(Node::name)
        .collect();
    if away.is_empty() {
        return Ok(None);
    }
    let (local, position) = (&context.local, seen.position);
    let away = away.join(" and ");
    let name = context.attributes.unknown_primary();
    Ok(Some(format!(
        "{local} must not be promoted: a primary that the cluster does not know of was seen at {position}, is out of reach, \
         and was not seen to stop. Start the cluster on {away}; only if no server of this cluster runs there any more, delete \
         the attribute {name} of {witness} and give a node a promotion score"
    )))
}

/// Whether this standby has the last record of a primary that was stopped in order.
fn has_its_end<S: Server, C>(
    seams: &mut Seams<'_, S, C>,
    seen: PrimarySeen,
) -> Result<bool, ServerError> {
    let end = seams.server.shutdown_checkpoint(seams.deadline)?;
    Ok(end.is_some_and(|end| end >= seen.position))
}

/// Forgets it: there is a primary that the cluster knows.
pub(super) fn forget<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    unknown_primaries: &BTreeMap<Node, PrimarySeen>,
) {
    let name = context.attributes.unknown_primary();
    for node in unknown_primaries.keys() {
        info!("there is a primary that the cluster knows: {name} of {node} is deleted");
        let deadline = seams.part_for_the_cluster();
        ends::delete(seams, node, &name, deadline);
    }
}
