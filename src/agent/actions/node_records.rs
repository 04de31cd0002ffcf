//! Reads what nodes have recorded of their servers' times as primaries. Makes no decision.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use tracing::warn;

use super::Context;
use super::cluster::PermanentAttributes;
use super::primary_record::PrimaryRecord;
use crate::agent::decide::election::commits_waited;
use crate::agent::decide::known_primary::Primary;
use crate::agent::decide::lineage::Descent;
use crate::agent::decide::primary_end::PrimaryEnd;
use crate::agent::decide::primary_seen::PrimarySeen;
use crate::agent::decide::scores::Score;
use crate::agent::decide::sync_rule::SyncRules;
use crate::agent::ocf::clone::TakenFor;
use crate::agent::ocf::node::Node;

/// What nodes have recorded, and their scores. A value that cannot be parsed is logged and left out.
#[derive(Debug)]
pub(super) struct NodeRecords {
    pub(super) ends: BTreeMap<Node, PrimaryEnd>,
    pub(super) rules: BTreeMap<Node, SyncRules>,
    pub(super) copies: BTreeMap<Node, Descent>,
    pub(super) unknown_primaries: BTreeMap<Node, PrimarySeen>,
    pub(super) scores: BTreeMap<Node, Score>,
}

impl NodeRecords {
    /// Reads the permanent attributes of the nodes.
    pub(super) fn of(context: &Context, nodes: &BTreeMap<Node, PermanentAttributes>) -> Self {
        let attributes = &context.attributes;
        Self {
            ends: parsed(nodes, &attributes.primary_end()),
            rules: parsed(nodes, &attributes.sync_rule()),
            copies: parsed(nodes, &attributes.copied_from()),
            unknown_primaries: parsed(nodes, &attributes.unknown_primary()),
            scores: parsed(nodes, &attributes.promotion()),
        }
    }

    /// Returns whether commits on the last primary of a database cluster waited for standbys, by all that is recorded
    /// of it.
    pub(super) fn commits_waited(&self, system_identifier: u64) -> bool {
        commits_waited(&self.ends, &self.rules, system_identifier)
    }

    /// Returns a primary on this node together with these records.
    pub(super) fn primary<'a>(
        &'a self,
        context: &'a Context,
        record: &PrimaryRecord,
        taken_for: TakenFor,
    ) -> Primary<'a> {
        Primary {
            local: &context.local,
            system_identifier: record.system_identifier,
            branch: record.branch,
            parent: record.parent(),
            taken_for,
            ends: &self.ends,
            rules: self.rules.get(&context.local),
            scores: &self.scores,
        }
    }
}

fn parsed<T: FromStr<Err: Display>>(
    nodes: &BTreeMap<Node, PermanentAttributes>,
    name: &str,
) -> BTreeMap<Node, T> {
    let found = nodes.iter().filter_map(|(node, kept)| {
        let value = value(name, node, kept.get(name)?)?;
        Some((node.clone(), value))
    });
    found.collect()
}

/// Returns the value of a node's attribute; one that cannot be parsed is logged.
pub(super) fn value<T: FromStr<Err: Display>>(name: &str, node: &Node, text: &str) -> Option<T> {
    let parsed = text.parse();
    parsed
        .inspect_err(|error| warn!("attribute {name} of {node}: {error}"))
        .ok()
}
