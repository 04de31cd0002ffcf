//! What the agent sees on a node and would do there, told to an operator. Knows neither how it was seen nor
//! what of it an action would find a moment later.
//!
//! - [`text`]: as lines.

mod text;

use std::collections::{BTreeMap, BTreeSet};

use super::election::{Ballot, NodePosition, NodeWord, Outcome, elect};
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

/// Everything that was seen.
#[derive(Clone, Debug)]
pub struct ClusterView {
    /// The resource's name.
    pub resource: String,
    /// The node that was looked from.
    pub local: Node,
    /// What its server is.
    pub state: ServerState,
    /// What its control file says, or why it says nothing.
    pub control: Result<Control, String>,
    /// How far it is, or why that is not known.
    pub traces: Result<Traces, String>,
    /// The timelines that led there, if their history is there.
    pub lineage: Option<Lineage>,
    /// Of a primary: the end of its WAL, and who replicates from it.
    pub senders: Option<(Lsn, Vec<ReplicationRow>)>,
    /// What the cluster knows of its nodes, or why that is not known.
    pub nodes: Result<BTreeMap<Node, Remembered>, String>,
    /// How far behind a standby may be that is promoted.
    pub maxlag: Option<Bytes>,
}

/// What the cluster knows of a node.
#[derive(Clone, Debug, Default)]
pub struct Remembered {
    /// Its promotion score.
    pub score: Option<Score>,
    /// How far it was as a primary.
    pub primary_end: Option<PrimaryEnd>,
    /// How far it has said to be, in an election that is under way.
    pub told: Option<Position>,
    /// Where that comes from.
    pub descent: Option<Descent>,
    /// Which standbys its commits have waited for.
    pub rules: Option<SyncRules>,
    /// What it was copied from when it was made anew.
    pub copied_from: Option<Descent>,
    /// How far it has seen the primary to be.
    pub primary_seen: Option<PrimarySeen>,
}

impl ClusterView {
    /// The election that would be held now; without the primary, where one runs here. None where nobody is
    /// there to be elected.
    #[must_use]
    pub fn election(&self) -> Option<(Ballot, Outcome)> {
        let nodes = self.nodes.as_ref().ok()?;
        let is_primary = self.senders.is_some();
        let candidates = nodes
            .iter()
            .filter(|(node, _)| !is_primary || **node != self.local);
        let words: BTreeMap<Node, NodeWord> = candidates
            .clone()
            .map(|(node, known)| (node.clone(), self.word(node, known)))
            .collect();
        let designated = candidates.max_by_key(|(_, known)| known.score)?.0;
        let kept = || nodes.iter();
        let ballot = Ballot {
            designated: designated.clone(),
            nodes: words,
            ends: kept()
                .filter_map(|(node, known)| Some((node.clone(), known.primary_end?)))
                .collect(),
            rules: kept()
                .filter_map(|(node, known)| Some((node.clone(), known.rules.clone()?)))
                .collect(),
            copies: kept()
                .filter_map(|(node, known)| Some((node.clone(), known.copied_from.clone()?)))
                .collect(),
            // Who is designated is only guessed here.
            passed_over: BTreeSet::new(),
            seen: kept().filter_map(|(_, known)| known.primary_seen).collect(),
            maxlag: self.maxlag,
        };
        let outcome = elect(&ballot);
        Some((ballot, outcome))
    }

    /// How far a node is, as far as it can be told from here.
    fn word(&self, node: &Node, known: &Remembered) -> NodeWord {
        let said = if *node == self.local {
            self.own()
        } else {
            known.said().or_else(|| self.sent(node))
        };
        said.map_or(NodeWord::Silent, NodeWord::At)
    }

    fn own(&self) -> Option<NodePosition> {
        let control = self.control.as_ref().ok();
        Some(NodePosition {
            position: self.traces.as_ref().ok()?.position()?,
            system: control.map(|control| control.system_identifier),
            lineage: self.lineage.clone(),
        })
    }

    /// What a standby gets from this primary is on this primary's timeline.
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

impl Remembered {
    fn said(&self) -> Option<NodePosition> {
        Some(NodePosition::new(self.told?, self.descent.clone()))
    }
}

#[cfg(test)]
mod tests;
