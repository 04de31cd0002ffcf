//! Primaries that the cluster does not know of: that one was seen is recorded until its end is known. One that no
//! longer answers may only be out of reach. Knows no election.
//!
//! A standby sees one that answers while it is to be promoted ([`upstream`]), or one that sends it WAL when a promotion is
//! about to begin: what that has sent meanwhile, nodes may have beyond what they report.

use std::collections::BTreeMap;
use std::error::Error;

use tracing::info;

use super::cluster::Cluster;
use super::election::Election;
use super::node_records::NodeRecords;
use super::server::{Server, ServerError, Whom};
use super::upstream::{self, LastPrimary};
use super::{Context, Seams, primary_ends};
use crate::agent::decide::election::NodeReport;
use crate::agent::decide::primary_end;
use crate::agent::decide::primary_seen::PrimarySeen;
use crate::agent::ocf::node::Node;
use crate::agent::ocf::notification::{RoleChange, includes, transition};
use crate::postgres::position::Position;

/// The least size of a WAL segment: at the beginning of one, a server that was started has been sent nothing yet.
const LEAST_SEGMENT: u64 = 1 << 20;

/// Before a promotion: records that a primary sends this standby WAL, or has since the server was started in this same
/// transition, although the cluster knows of none that is about to end. If the plan names one, this asks nothing.
pub(super) fn witness<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    position: Position,
) -> Result<(), Box<dyn Error>> {
    match transition(&context.plan).role {
        RoleChange::Failover { from: None, .. }
        | RoleChange::FirstStart { .. }
        | RoleChange::Other => {}
        RoleChange::None
        | RoleChange::Switchover { .. }
        | RoleChange::PrimaryRecovery { .. }
        | RoleChange::Failover { from: Some(_), .. }
        | RoleChange::Demotion { .. } => return Ok(()),
    }
    if !is_sent_wal(context, seams)? {
        return Ok(());
    }
    keep_if_forgotten(context, seams, position)
}

/// Before a standby is stopped although no promotion is planned and the cluster knows of no primary: records one that
/// sends it WAL. A partition that has lost quorum stops its servers, and may have it again before that primary has ended.
pub(super) fn witness_of_stop<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> Result<(), Box<dyn Error>> {
    let plan = &context.plan;
    if !plan.promoted.is_empty() || !plan.promote.is_empty() || !is_sent_wal(context, seams)? {
        return Ok(());
    }
    let position = seams.server.traces(seams.deadline)?.position();
    let position = position.ok_or("the position of this standby is not known")?;
    keep_if_forgotten(context, seams, position)
}

fn keep_if_forgotten<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    position: Position,
) -> Result<(), Box<dyn Error>> {
    let system = seams.server.system_identifier()?;
    let nodes = seams.cluster.nodes(seams.part_for_the_cluster())?;
    let ends = NodeRecords::of(context, &nodes).ends;
    // A cluster without a primary of its own on record may follow one elsewhere.
    if primary_end::last_of_system(ends.values(), system).is_empty() {
        return Ok(());
    }
    match upstream::last_primary(&context.plan, &ends, Some(system)) {
        LastPrimary::Forgotten | LastPrimary::Unseen => {
            info!("a primary that the cluster does not know of sends WAL to this standby");
            keep_at(context, seams, position)
        }
        LastPrimary::Ended => Ok(()),
    }
}

/// Returns whether a primary sends this standby WAL, or has sent it some since it was started in this transition.
fn is_sent_wal<S: Server, C>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> Result<bool, ServerError> {
    let has_started = includes(&context.plan.start, &context.local);
    if has_started
        && upstream::received(seams)
            .is_some_and(|received| !received.lsn.0.is_multiple_of(LEAST_SEGMENT))
    {
        return Ok(true);
    }
    let deadline = seams.within(upstream::TO_ANSWER);
    seams.server.primary_answers(Whom::Sender, deadline)
}

/// Records that such a primary was seen, with the position that this standby has of its WAL.
pub(super) fn keep<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    vote: &Election,
) -> Result<(), Box<dyn Error>> {
    let own = vote
        .facts
        .nodes
        .get(&context.local)
        .and_then(NodeReport::said);
    let own = own.ok_or("the position of this standby is not known")?;
    keep_at(context, seams, own.position)
}

fn keep_at<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    position: Position,
) -> Result<(), Box<dyn Error>> {
    let seen = PrimarySeen {
        position,
        system_identifier: seams.server.system_identifier()?,
    };
    let (name, value) = (context.attributes.unknown_primary(), seen.to_string());
    let deadline = seams.part_for_the_cluster();
    Ok(seams
        .cluster
        .set_permanent(&context.local, &name, Some(&value), deadline)?)
}

/// Returns why no node is to be promoted after such a primary was seen, and what an operator does about it; `None` if
/// none was seen, or its end is known: this standby has its shutdown checkpoint, or its node is a member, where the
/// cluster has looked for it.
pub(super) fn of<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    vote: &Election,
) -> Result<Option<String>, Box<dyn Error>> {
    let system = seams.server.system_identifier()?;
    let mut seen = vote.unknown_primaries.iter();
    let Some((witness, seen)) = seen.find(|(_, seen)| seen.system_identifier == system) else {
        return Ok(None);
    };
    if has_its_end(seams, *seen)? {
        return Ok(None);
    }
    let members = seams.cluster.members(seams.part_for_the_cluster())?;
    let away = upstream::absent(vote.nodes.keys(), &vote.facts.ends, system, &members);
    if away.is_empty() {
        return Ok(None);
    }
    let (local, position) = (&context.local, seen.position);
    let away = away
        .iter()
        .map(Node::name)
        .collect::<Vec<_>>()
        .join(" and ");
    let name = context.attributes.unknown_primary();
    Ok(Some(format!(
        "{local} must not be promoted: a primary that the cluster does not know of was seen at {position}, is out of reach, \
         and was not seen to stop. Start the cluster on {away}; only if no server of this cluster runs there any more, delete \
         the attribute {name} of {witness} and give a node a promotion score"
    )))
}

/// Returns whether this standby has the last WAL record of a primary that was stopped in order.
fn has_its_end<S: Server, C>(
    seams: &mut Seams<'_, S, C>,
    seen: PrimarySeen,
) -> Result<bool, ServerError> {
    let end = seams.server.shutdown_checkpoint(seams.deadline)?;
    Ok(end.is_some_and(|end| end >= seen.position))
}

/// Deletes the records of such primaries: the cluster knows its primary again.
pub(super) fn forget<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    unknown_primaries: &BTreeMap<Node, PrimarySeen>,
) {
    let name = context.attributes.unknown_primary();
    for node in unknown_primaries.keys() {
        info!("the cluster knows its primary: {name} of {node} is deleted");
        let deadline = seams.part_for_the_cluster();
        primary_ends::delete(seams, node, &name, deadline);
    }
}
