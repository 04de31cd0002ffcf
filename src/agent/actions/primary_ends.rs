//! Records where the WAL of primaries ended and which standbys their commits waited for, so that it survives a restart
//! of the cluster. A failure to record is logged and does not fail the action: only the next promotion knows less.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use thiserror::Error;
use tracing::{info, warn};

use super::cluster::{Cluster, ClusterError, PermanentAttributes};
use super::node_records::NodeRecords;
use super::primary_record::PrimaryRecord;
use super::server::{Server, ServerError};
use super::{Context, Seams};
use crate::agent::decide::known_primary::{self, Standing};
use crate::agent::decide::primary_end::{Moment, PrimaryEnd, Promotion};
use crate::agent::decide::sync_rule::{NamesError, Since, SyncRule, SyncRules};
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

/// Why the rule of commits that is to apply cannot be recorded.
#[derive(Debug, Error)]
pub(super) enum RuleError {
    /// The setting, or the database cluster, is not known.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The setting cannot be parsed.
    #[error(transparent)]
    Names(#[from] NamesError),
    /// The cluster does not record it.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
}

/// Records what the next election has to know of a running primary: which standbys its commits wait for, and where its
/// timeline began. What clients have written since then, no standby may have yet: if the next primary had to have it,
/// none could replace a primary that dies at once. The beginning is recorded first: it says how this server became a
/// primary, and without it a rule would be attributed to an elected one. Returns whether the beginning is recorded.
pub(super) fn keep_running<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    nodes: &BTreeMap<Node, PermanentAttributes>,
    records: &NodeRecords,
    rule: Option<&str>,
    record: &PrimaryRecord,
    promotion: Promotion,
) -> bool {
    let record = &record.with(records.ends.get(&context.local));
    let is_kept = keep_end(context, seams, records, record, Moment::Started, promotion);
    if let Some(setting) = rule
        && (is_kept || promotion == Promotion::Elected)
        && let Err(error) = keep_rule(context, seams, nodes, records, setting, record)
    {
        warn!("cannot record which standbys commits wait for: {error}");
    }
    is_kept
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

fn keep_rule<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    nodes: &BTreeMap<Node, PermanentAttributes>,
    records: &NodeRecords,
    setting: &str,
    record: &PrimaryRecord,
) -> Result<(), RuleError> {
    let rule = rule_of(context, nodes, setting)?;
    let PrimaryRecord {
        system_identifier,
        branch,
        position,
        ..
    } = *record;
    let before = records.rules.get(&context.local).filter(|before| {
        before.system_identifier == system_identifier && before.since.is_of(branch, record.parent())
    });
    let mut rules = SyncRules::following(before, system_identifier, branch, rule, position.lsn);
    for forgotten in rules.shorten() {
        warn!(
            "synchronous_standby_names was changed so often that the next election does not know the rule {forgotten}"
        );
    }
    Ok(keep_rules(context, seams, nodes, &rules)?)
}

/// Records which standbys the commits of the next primary will wait for, from a position on. If they will wait for no
/// standby, that is recorded too, in place of what this node recorded when it was a primary before. The next election
/// has to know it before clients can commit: otherwise no node is to be promoted.
pub(super) fn announce<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    nodes: &BTreeMap<Node, PermanentAttributes>,
    from: Position,
) -> Result<(), RuleError> {
    let deadline = to_keep(seams);
    let setting = seams.server.synchronous_standby_names(deadline)?;
    let lineage = seams.server.lineage(from.timeline, deadline);
    let rules = SyncRules {
        system_identifier: seams.server.system_identifier()?,
        since: Since::After {
            parent: from.timeline,
            parent_begin: lineage.map(|lineage| lineage.newest().begin),
            end: from.lsn,
        },
        now: rule_of(context, nodes, &setting)?,
        before: Vec::new(),
    };
    Ok(keep_rules(context, seams, nodes, &rules)?)
}

/// Returns the rule that a setting means on this node.
fn rule_of(
    context: &Context,
    nodes: &BTreeMap<Node, PermanentAttributes>,
    setting: &str,
) -> Result<Option<SyncRule>, NamesError> {
    let nodes: BTreeSet<Node> = nodes.keys().cloned().collect();
    SyncRule::of(setting, &context.local, &nodes)
}

fn keep_rules<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    nodes: &BTreeMap<Node, PermanentAttributes>,
    rules: &SyncRules,
) -> Result<(), ClusterError> {
    let name = context.attributes.sync_rule();
    let kept = nodes.get(&context.local);
    let kept = kept.and_then(|kept| kept.get(&name));
    let value = rules.to_string();
    if kept == Some(&value) {
        return Ok(());
    }
    info!("recording which standbys commits wait for: {value}");
    keep(context, seams, &name, &value)
}

/// Records where the WAL ended, and returns whether it is recorded.
fn keep_end<S, C: Cluster>(
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

fn keep<S, C: Cluster>(
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
