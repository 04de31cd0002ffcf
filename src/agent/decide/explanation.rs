//! The report of `agent explain`: what the agent sees on a node and what each action would do there. Knows neither how
//! it was observed nor what an action would find a moment later.
//!
//! - [`text`]: the report as text.

mod text;

use std::collections::{BTreeMap, BTreeSet};

use super::election::{ElectionFacts, NodePosition, NodeReport, Outcome, elect};
use super::lineage::{Descent, Lineage};
use super::primary_end::PrimaryEnd;
use super::primary_seen::PrimarySeen;
use super::scores::{ReplicationRow, Score};
use super::state::ServerState;
use super::sync_rule::SyncRules;
use crate::agent::ocf::node::Node;
use crate::base::units::Bytes;
use crate::health::Lsn;
use crate::postgres::control::Control;
use crate::postgres::position::{Position, Traces};

/// Everything that the agent sees on a node.
#[derive(Clone, Debug)]
pub struct ClusterView {
    /// The resource's name.
    pub resource: String,
    /// The node on which the report is made.
    pub local: Node,
    /// The state of its server.
    pub state: ServerState,
    /// The content of its control file, or why it cannot be read.
    pub control: Result<Control, String>,
    /// How far its WAL reaches, or why that is not known.
    pub traces: Result<Traces, String>,
    /// The timelines that led there, if the history file exists.
    pub lineage: Option<Lineage>,
    /// Of a primary: the end of its WAL, and the servers that replicate from it.
    pub senders: Option<(Lsn, Vec<ReplicationRow>)>,
    /// What the cluster has recorded of its nodes, or why that cannot be read.
    pub nodes: Result<BTreeMap<Node, NodeRecord>, String>,
    /// How much WAL a standby may lack and still be promoted; `None` means any amount.
    pub maxlag: Option<Bytes>,
}

/// What the cluster has recorded of a node.
#[derive(Clone, Debug, Default)]
pub struct NodeRecord {
    /// Its promotion score.
    pub score: Option<Score>,
    /// The end of its WAL as a primary.
    pub primary_end: Option<PrimaryEnd>,
    /// The position that it has reported in an election that is in progress.
    pub told: Option<Position>,
    /// The history of that position.
    pub descent: Option<Descent>,
    /// Which standbys its commits waited for.
    pub rules: Option<SyncRules>,
    /// What it was copied from when it was rebuilt.
    pub copied_from: Option<Descent>,
    /// How far it has seen the primary's WAL reach.
    pub primary_seen: Option<PrimarySeen>,
}

impl ClusterView {
    /// Holds the election as it would be held now; without the primary, if one runs here. Returns `None` if no node
    /// can take part.
    #[must_use]
    pub fn election(&self) -> Option<(ElectionFacts, Outcome)> {
        let nodes = self.nodes.as_ref().ok()?;
        let is_primary = self.senders.is_some();
        let candidates = nodes
            .iter()
            .filter(|(node, _)| !is_primary || **node != self.local);
        let reports: BTreeMap<Node, NodeReport> = candidates
            .clone()
            .map(|(node, known)| (node.clone(), self.report(node, known)))
            .collect();
        let designated = candidates.max_by_key(|(_, known)| known.score)?.0;
        let kept = || nodes.iter();
        let facts = ElectionFacts {
            designated: designated.clone(),
            nodes: reports,
            // None is kept stopped for a promotion that is only imagined.
            crashed: BTreeMap::new(),
            ends: kept()
                .filter_map(|(node, known)| Some((node.clone(), known.primary_end?)))
                .collect(),
            rules: kept()
                .filter_map(|(node, known)| Some((node.clone(), known.rules.clone()?)))
                .collect(),
            copies: kept()
                .filter_map(|(node, known)| Some((node.clone(), known.copied_from.clone()?)))
                .collect(),
            // The designated node is only guessed here.
            passed_over: BTreeSet::new(),
            seen: kept().filter_map(|(_, known)| known.primary_seen).collect(),
            maxlag: self.maxlag,
        };
        let outcome = elect(&facts);
        Some((facts, outcome))
    }

    /// Returns how far a node is, as far as this node knows.
    fn report(&self, node: &Node, known: &NodeRecord) -> NodeReport {
        let said = if *node == self.local {
            self.own()
        } else {
            known.said().or_else(|| self.sent(node))
        };
        said.map_or(NodeReport::Silent, NodeReport::At)
    }

    fn own(&self) -> Option<NodePosition> {
        let control = self.control.as_ref().ok();
        Some(NodePosition {
            position: self.traces.as_ref().ok()?.position()?,
            system: control.map(|control| control.system_identifier),
            lineage: self.lineage.clone(),
        })
    }

    /// Returns the position of a standby that replicates from this primary; it is on this primary's timeline.
    fn sent(&self, node: &Node) -> Option<NodePosition> {
        let own = self.own()?;
        let (_, senders) = self.senders.as_ref()?;
        let sender = senders
            .iter()
            .find(|sender| sender.application_name == node.name())?;
        let position = Position {
            lsn: sender.written?,
            ..own.position
        };
        Some(NodePosition { position, ..own })
    }
}

impl NodeRecord {
    fn said(&self) -> Option<NodePosition> {
        Some(NodePosition::new(self.told?, self.descent.clone()))
    }
}

#[cfg(test)]
mod tests;
