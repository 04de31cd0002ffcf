//! What the agent sees on a node and would do there, told to an operator. Knows neither how it was seen nor
//! what of it an action would find a moment later.
//!
//! - [`text`]: as lines.

mod text;

use std::collections::BTreeMap;

use super::control::Control;
use super::election::{Ballot, Outcome, Word, elect};
use super::node::Node;
use super::position::{Position, Traces};
use super::primary_end::{self, PrimaryEnd};
use super::primary_seen::{self, PrimarySeen};
use super::scores::{Score, Sender};
use super::state::State;
use crate::role::Lsn;
use crate::units::Bytes;

/// Everything that was seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The resource's name.
    pub resource: String,
    /// The node that was looked from.
    pub local: Node,
    /// What its server is.
    pub state: State,
    /// What its control file says, or why it says nothing.
    pub control: Result<Control, String>,
    /// How far it is, or why that is not known.
    pub traces: Result<Traces, String>,
    /// Of a primary: the end of its WAL, and who replicates from it.
    pub senders: Option<(Lsn, Vec<Sender>)>,
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
    /// How far it has seen the primary to be.
    pub primary_seen: Option<PrimarySeen>,
}

impl Seen {
    /// The election that would be held now; without the primary, where one runs here. None where nobody is
    /// there to be elected.
    #[must_use]
    pub fn election(&self) -> Option<(Ballot, Outcome)> {
        let nodes = self.nodes.as_ref().ok()?;
        let is_primary = self.senders.is_some();
        let candidates = nodes
            .iter()
            .filter(|(node, _)| !is_primary || **node != self.local);
        let words: BTreeMap<Node, Word> = candidates
            .clone()
            .map(|(node, known)| (node.clone(), self.word(node, known)))
            .collect();
        let designated = candidates.max_by_key(|(_, known)| known.score)?.0;
        let ends = nodes.values().filter_map(|known| known.primary_end);
        let system_identifier = self.control.as_ref().ok()?.system_identifier;
        let ballot = Ballot {
            designated: designated.clone(),
            nodes: words,
            required: primary_end::furthest(ends, system_identifier),
            primary: primary_seen::furthest(
                nodes.values().filter_map(|known| known.primary_seen),
                system_identifier,
            ),
            maxlag: self.maxlag,
        };
        let outcome = elect(&ballot);
        Some((ballot, outcome))
    }

    /// How far a node is, as far as it can be told from here.
    fn word(&self, node: &Node, known: &Remembered) -> Word {
        let own = match &self.traces {
            Ok(traces) => traces.position(),
            Err(_) => None,
        };
        let position = if *node == self.local {
            own
        } else {
            known.told.or_else(|| {
                // What it gets from this primary is on this primary's timeline.
                let timeline = own?.timeline;
                let (_, senders) = self.senders.as_ref()?;
                let sender = senders
                    .iter()
                    .find(|sender| sender.application_name == node.name())?;
                Some(Position {
                    timeline,
                    lsn: sender.written?,
                })
            })
        };
        position.map_or(Word::Silent, Word::At)
    }
}

#[cfg(test)]
mod tests;
