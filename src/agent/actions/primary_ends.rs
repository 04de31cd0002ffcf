//! Records where the WAL of primaries ended, so that it survives a restart of the cluster. A failure to record is logged
//! and does not fail the action: only the next promotion knows less. Knows no rule of synchronous replication.

use std::time::Duration;

use tracing::{info, warn};

use super::cluster::{Cluster, ClusterError};
use super::node_records::NodeRecords;
use super::primary_record::PrimaryRecord;
use super::server::Server;
use super::{Context, Seams};
use crate::agent::decide::known_primary::{self, Standing};
use crate::agent::decide::primary_end::{Moment, PrimaryEnd, Promotion};
use crate::agent::ocf::node::Node;
use crate::base::deadline::Deadline;
use crate::postgres::position::Position;
use crate::postgres::timeline::Branch;

/// Longest wait for the cluster to record it. A demotion still has to start a server, a promotion to set scores.
const TO_KEEP: Duration = Duration::from_secs(5);

/// How a primary that is stopped now was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FoundPrimary {
    /// It ran, and was stopped just now.
    Running,
    /// It was stopped already, perhaps by an action that was killed before it could record that.
    Stopped,
}

/// Records where the WAL of a primary that was stopped in order ends, if the next primary must have it. After a stop by
/// force no server needs to have it: its standbys may not have received everything, and no failover could ever succeed.
pub(super) fn keep_stopped<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    found: FoundPrimary,
) {
    if let Err(error) = try_keep_stopped(context, seams, found) {
        warn!("cannot record where the WAL of this primary ended: {error}");
    }
}

fn try_keep_stopped<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    found: FoundPrimary,
) -> Result<(), Box<dyn std::error::Error>> {
    let Some(position) = seams.server.shutdown_checkpoint(seams.deadline)? else {
        warn!("its WAL does not end with a shutdown checkpoint: the next primary need not have it");
        return Ok(());
    };
    let record = PrimaryRecord::of(seams, position)?;
    let deadline = to_keep(seams);
    let nodes = seams.cluster.nodes(deadline)?;
    let records = NodeRecords::of(context, &nodes);
    let record = record.with(records.ends.get(&context.local));
    let taken_for = known_primary::taken_for(&context.plan, &context.local);
    let primary = records.primary(context, &record, taken_for);
    let holds = match found {
        FoundPrimary::Running => primary.standing() == Standing::Known,
        FoundPrimary::Stopped => primary.is_on_record(),
    };
    if holds {
        let promotion = primary.promotion();
        keep_end(
            context,
            seams,
            &records,
            &record,
            Moment::Stopped,
            promotion,
        );
    } else {
        let Branch { timeline, begin } = record.branch;
        let begin = begin.at;
        info!(
            "the server was on timeline {timeline}, which began at {begin}, and is not the cluster's primary: the next \
             primary need not have its WAL"
        );
    }
    Ok(())
}

/// Deletes a permanent attribute of a node.
pub(super) fn delete<S, C: Cluster>(
    seams: &mut Seams<'_, S, C>,
    node: &Node,
    name: &str,
    deadline: Deadline,
) {
    if let Err(error) = seams.cluster.set_permanent(node, name, None, deadline) {
        warn!("cannot delete the attribute {name} of {node}: {error}");
    }
}

/// Records where the WAL ended, and returns whether it is recorded.
pub(super) fn keep_end<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    records: &NodeRecords,
    record: &PrimaryRecord,
    moment: Moment,
    promotion: Promotion,
) -> bool {
    let position = match moment {
        Moment::Started => Position {
            timeline: record.branch.timeline,
            lsn: record.branch.begin.at,
        },
        Moment::Stopped => record.position,
    };
    let end = PrimaryEnd {
        position,
        system_identifier: record.system_identifier,
        moment,
        promotion,
        origin: record.origin,
    };
    if records
        .ends
        .get(&context.local)
        .is_some_and(|kept| kept.covers(&end))
    {
        return true;
    }
    let name = context.attributes.primary_end();
    let kept = keep(context, seams, &name, &end.to_string());
    if let Err(error) = &kept {
        warn!("cannot record where the WAL of this primary began or ended, {end}: {error}");
    }
    kept.is_ok()
}

/// Records a permanent attribute of this node.
pub(super) fn keep<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    name: &str,
    value: &str,
) -> Result<(), ClusterError> {
    let deadline = to_keep(seams);
    seams
        .cluster
        .set_permanent(&context.local, name, Some(value), deadline)
}

pub(super) fn to_keep<S, C>(seams: &Seams<'_, S, C>) -> Deadline {
    seams.within(TO_KEEP.min(seams.left() / 2))
}
