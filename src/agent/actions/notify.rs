//! Handles the notification of a change to the cluster before or after it is made. Pacemaker goes on whatever the
//! result is, so everything is published in attributes.

use std::time::Duration;

use tracing::{error, warn};

use super::cluster::Cluster;
use super::node_records::NodeRecords;
use super::outcome::ActionOutcome;
use super::server::Server;
use super::{Context, Seams, election, fitness, publish, scores, unknown};
use crate::agent::decide::primary_end;
use crate::agent::ocf::node::Node;
use crate::agent::ocf::notification::{
    CloneInstance, NotificationType, NotifiedOperation, RoleChange, includes, transition,
};
use crate::postgres::position::Position;

/// Longest notification that only publishes and queries: all nodes wait for the slowest, and before a promotion
/// writers do. A node that cannot publish its position in this time counts as one that has published none.
const TO_TELL: Duration = Duration::from_secs(10);

/// The action `notify`.
pub fn notify<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    moment: NotificationType,
    operation: NotifiedOperation,
) -> ActionOutcome {
    match (moment, operation) {
        (NotificationType::Before, NotifiedOperation::Demote) => before_demotion(context, seams),
        (NotificationType::Before, NotifiedOperation::Promote) => {
            before_promotion(context, &mut briefly(seams));
        }
        (NotificationType::After, NotifiedOperation::Promote) => {
            after_promotion(context, &mut briefly(seams));
        }
        (NotificationType::After, NotifiedOperation::Demote | NotifiedOperation::Stop) => {
            without_primary(context, &mut briefly(seams), &[]);
        }
        (NotificationType::After, NotifiedOperation::Start) => {
            without_primary(context, &mut briefly(seams), &context.plan.start);
        }
        (NotificationType::Before, NotifiedOperation::Start | NotifiedOperation::Stop) => {}
    }
    ActionOutcome::SUCCESS
}

/// Returns the seams with no more time than a notification gets that only publishes and queries.
fn briefly<'a, S, C>(seams: &'a mut Seams<'_, S, C>) -> Seams<'a, S, C> {
    seams.until(seams.within(TO_TELL))
}

fn before_demotion<S: Server, C: Cluster>(context: &Context, seams: &mut Seams<'_, S, C>) {
    match transition(&context.plan).role {
        RoleChange::Switchover { from, to }
        | RoleChange::Failover {
            from: Some(from),
            to,
        } if from == context.local => fitness::of(context, seams, &to),
        RoleChange::Switchover { .. }
        | RoleChange::Failover { .. }
        | RoleChange::None
        | RoleChange::PrimaryRecovery { .. }
        | RoleChange::FirstStart { .. }
        | RoleChange::Demotion { .. }
        | RoleChange::Other => {}
    }
}

/// If no primary is left and none is to come, no other node can lift what keeps this node from being promoted.
/// Pacemaker also notifies of a demotion or a stop that fencing has replaced.
fn without_primary<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    starting: &[CloneInstance],
) {
    let plan = &context.plan;
    let stays = |instance: &CloneInstance| {
        !includes(&plan.demote, &instance.node) && !includes(&plan.stop, &instance.node)
    };
    if !plan.promote.is_empty() || plan.promoted.iter().any(stays) {
        return;
    }
    if let Err(error) = scores::end_own_veto(context, seams, starting) {
        warn!("the promotion score of this node is unchanged: {error}");
    }
}

fn before_promotion<S: Server, C: Cluster>(context: &Context, seams: &mut Seams<'_, S, C>) {
    let position = match publish::position(context, seams) {
        Ok(position) => position,
        Err(error) => {
            error!("cannot publish the position of this node: {error}");
            return;
        }
    };
    if let Some(position) = position
        && let Err(error) = unknown::witness(context, seams, position)
    {
        warn!(
            "cannot determine whether a primary sends WAL that the cluster does not know of: {error}"
        );
    }
    let is_designated = includes(&context.plan.promote, &context.local);
    if !is_designated {
        return;
    }
    let nodes: Vec<String> = election::planned(context)
        .iter()
        .map(Node::to_string)
        .collect();
    let name = context.attributes.nodes();
    let told = seams.cluster.set_transient(
        &context.local,
        &name,
        Some(&nodes.join(" ")),
        seams.deadline,
    );
    if let Err(error) = told {
        error!("cannot publish which nodes take part in the election: {error}");
    }
    // The reason why one switchover was cancelled does not apply to any other promotion.
    publish::nothing(context, seams, &[context.attributes.cancellation()]);
    match transition(&context.plan).role {
        RoleChange::Switchover { from, to: _ } => check(context, seams, &from, position),
        RoleChange::Failover { .. }
        | RoleChange::None
        | RoleChange::PrimaryRecovery { .. }
        | RoleChange::FirstStart { .. }
        | RoleChange::Demotion { .. }
        | RoleChange::Other => {}
    }
}

/// Cancels a switchover if this standby does not have the last WAL record of the primary. A primary with this agent
/// has recorded where its WAL ends, and the election verifies that the next one has it; after one with PAF, this
/// standby's own WAL has to end with a shutdown checkpoint.
fn check<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    from: &Node,
    position: Option<Position>,
) {
    let has_told = match has_told(context, seams, from, position) {
        Ok(has_told) => has_told,
        Err(error) => {
            warn!("cannot determine whether {from} has recorded where its WAL ends: {error}");
            false
        }
    };
    if has_told {
        return;
    }
    let verdict = match seams.server.shutdown_checkpoint(seams.deadline) {
        Ok(Some(_)) => return,
        Ok(None) => "1",
        Err(error) => {
            error!(
                "cannot determine whether this standby has the shutdown checkpoint of {from}: {error}"
            );
            "2"
        }
    };
    error!(
        "this standby does not have the shutdown checkpoint of {from}: it is not to be promoted"
    );
    let name = context.attributes.cancellation();
    let told = seams
        .cluster
        .set_transient(&context.local, &name, Some(verdict), seams.deadline);
    if let Err(error) = told {
        error!("cannot cancel the switchover: {error}");
    }
}

/// Returns whether a primary has recorded where its WAL ended, on the timeline that this standby is on or a newer one.
fn has_told<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    from: &Node,
    position: Option<Position>,
) -> Result<bool, Box<dyn std::error::Error>> {
    let nodes = seams.cluster.nodes(seams.deadline)?;
    let system_identifier = seams.server.system_identifier()?;
    let ends = NodeRecords::of(context, &nodes).ends;
    Ok(match (ends.get(from), position) {
        (Some(end), Some(position)) => {
            end.system_identifier == system_identifier
                && end.moment == primary_end::Moment::Stopped
                && end.position.timeline >= position.timeline
        }
        (None, _) | (_, None) => false,
    })
}

/// Withdraws what was published for the election, also on a node that was designated and is not the one that was
/// promoted: if a node joins or leaves meanwhile, Pacemaker computes another transition, with another designated node.
///
/// Every node also withdraws the positions of the others. A node that could not withdraw its own may be unable to publish
/// the next one, too: the next election would take the old one for current, and this node for one that has acknowledged
/// nothing since. Only before a promotion are positions published, and the cluster begins the next one after all of
/// these notifications have ended.
fn after_promotion<S: Server, C: Cluster>(context: &Context, seams: &mut Seams<'_, S, C>) {
    let attributes = &context.attributes;
    let names = [
        attributes.position(),
        attributes.lineage(),
        attributes.nodes(),
        attributes.cancellation(),
        attributes.round_trip(),
    ];
    publish::nothing(context, seams, &names);
    // Also of a server that was stopped for this promotion and has published where its WAL ends.
    let stopped = context.plan.stop.iter();
    let stopped = stopped.map(|instance| instance.node.clone());
    let nodes = election::planned(context)
        .into_iter()
        .chain(stopped)
        .collect();
    publish::no_positions(context, seams, &nodes);
}
