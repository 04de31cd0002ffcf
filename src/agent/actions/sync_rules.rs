//! Records which standbys the commits of primaries wait for, so that the next election knows whose positions it needs.
//! Compares no positions.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;
use tracing::{info, warn};

use super::cluster::{Cluster, ClusterError, PermanentAttributes};
use super::node_records::NodeRecords;
use super::primary_record::PrimaryRecord;
use super::server::{Server, ServerError};
use super::{Context, Seams, primary_ends};
use crate::agent::decide::sync_rule::{NamesError, Since, SyncRule, SyncRules};
use crate::agent::ocf::node::Node;
use crate::postgres::position::Position;

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

/// Records the rule that is in force on a running primary, after what was recorded of it before.
pub(super) fn keep<S, C: Cluster>(
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
    shorten(&mut rules);
    Ok(keep_rules(context, seams, nodes, &rules)?)
}

/// Records which standbys the commits of the next primary will wait for, from a position on. If they will wait for no
/// standby, that is recorded too. What this node recorded as the primary of the timeline that the promotion forks off from
/// is kept beside it, since the promotion may not come about. The next election has to know it before clients can commit:
/// otherwise no node is to be promoted.
pub(super) fn announce<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    nodes: &BTreeMap<Node, PermanentAttributes>,
    records: &NodeRecords,
    from: Position,
) -> Result<(), RuleError> {
    let deadline = primary_ends::to_keep(seams);
    let setting = seams.server.synchronous_standby_names(deadline)?;
    let lineage = seams.server.lineage(from.timeline, deadline);
    let system_identifier = seams.server.system_identifier()?;
    let rule = rule_of(context, nodes, &setting)?;
    let mut rules = match &lineage {
        Some(lineage) => {
            let before = records.rules.get(&context.local);
            let parent = lineage.parent().map(|parent| parent.timeline);
            let from_branch = lineage.newest();
            SyncRules::announced(
                before,
                system_identifier,
                from_branch,
                parent,
                from.lsn,
                rule,
            )
        }
        None => SyncRules {
            system_identifier,
            since: Since::After {
                parent: from.timeline,
                parent_begin: None,
                end: from.lsn,
            },
            now: rule,
            before: Vec::new(),
        },
    };
    shorten(&mut rules);
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

fn shorten(rules: &mut SyncRules) {
    for forgotten in rules.shorten() {
        warn!(
            "synchronous_standby_names was changed so often that the next election does not know the rule {forgotten}"
        );
    }
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
    primary_ends::keep(context, seams, &name, &value)
}
