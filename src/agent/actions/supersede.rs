//! Deletes what is recorded of promotions that a new one replaces, and that nobody has followed. Promotes no server.

use std::collections::BTreeMap;

use tracing::info;

use super::cluster::{Cluster, ClusterError};
use super::node_records::NodeRecords;
use super::primary_ends;
use super::primary_record::PrimaryRecord;
use super::server::Server;
use super::{Context, Seams};
use crate::agent::decide::election::NodePosition;
use crate::agent::decide::sync_rule::{Since, SyncRules};
use crate::agent::ocf::node::Node;
use crate::postgres::timeline::Branch;

/// Before a promotion: deletes the rules of other promotions from the timeline that this server is on, which no node has
/// followed. The election has verified that this node has all that was acknowledged under them. Without that the next
/// election could take a timeline that began where this one will begin for the last primary's: the beginning of this one is
/// only recorded afterwards, and may not be if this node is lost. The rules of the timeline that they were to fork off from
/// stay on record, since this promotion may not come about either.
pub(super) fn withdraw_rules<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    rules: &BTreeMap<Node, SyncRules>,
    own: &NodePosition,
) -> Result<(), ClusterError> {
    let name = context.attributes.sync_rule();
    let others = rules.iter().filter(|(node, _)| **node != context.local);
    for (node, rules) in others.filter(|(_, rules)| is_rival(rules, own)) {
        let left = rules.of_parent().map(|rules| rules.to_string());
        info!(
            "{node} was to be promoted from timeline {} before, and no node followed it: {name} is {}",
            own.position.timeline,
            left.as_deref().unwrap_or("deleted")
        );
        let deadline = primary_ends::to_keep(seams);
        let left = left.as_deref();
        seams.cluster.set_permanent(node, &name, left, deadline)?;
    }
    Ok(())
}

/// Returns whether a rule is of a promotion that began, or was to begin, where a server ends that is to be promoted.
fn is_rival(rules: &SyncRules, own: &NodePosition) -> bool {
    let Some(lineage) = &own.lineage else {
        return false;
    };
    let begins_there = match rules.since {
        Since::On(branch) => {
            branch.timeline > own.position.timeline && branch.begin.at == own.position.lsn
        }
        Since::After { .. } => rules.since.may_come_from(lineage.newest()),
    };
    begins_there && own.system == Some(rules.system_identifier)
}

/// Deletes the records of a timeline with the same number that began where this primary's did, and of promotions from
/// the parent timeline that were only planned: no node had followed them when this node was promoted in their place.
/// The election has verified that this node has all that was acknowledged there, and two timelines with one number
/// could never be ordered. A primary that was promoted in a partition without this node, at the same time, is found by
/// a later monitor: the cluster has gone on with this one. Before that, the beginning of this one has to be recorded:
/// otherwise the next election would not know which of the two this node has begun.
pub(super) fn records<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    records: &NodeRecords,
    record: &PrimaryRecord,
) {
    let own = record.with(records.ends.get(&context.local)).branch;
    let is_replaced =
        |other: Branch| other.timeline == own.timeline && other.begin.is_twin_of(own.begin);
    let ends = records.ends.iter().filter(|(_, end)| {
        let timeline = end.position.timeline;
        let branch = end.begin().map(|begin| Branch { timeline, begin });
        end.system_identifier == record.system_identifier && branch.is_some_and(is_replaced)
    });
    let rules = records.rules.iter().filter(|(_, rules)| match rules.since {
        Since::On(branch) => {
            rules.system_identifier == record.system_identifier && is_replaced(branch)
        }
        Since::After { parent, .. } => {
            let is_from = |from: Branch| from.timeline == parent && rules.since.may_come_from(from);
            rules.system_identifier == record.system_identifier && record.from.is_some_and(is_from)
        }
    });
    let attributes = &context.attributes;
    let ends = ends.map(|(node, _)| (node, attributes.primary_end()));
    let rules = rules.map(|(node, _)| (node, attributes.sync_rule()));
    for (node, name) in ends
        .chain(rules)
        .filter(|(node, _)| **node != context.local)
    {
        info!(
            "{node} was promoted to timeline {} before, and no node followed it: {name} is deleted",
            own.timeline
        );
        let deadline = primary_ends::to_keep(seams);
        primary_ends::delete(seams, node, &name, deadline);
    }
}
