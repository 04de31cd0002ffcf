//! Derives every node's score from what a primary sees of its standbys. Knows neither Pacemaker nor a server.
//!
//! A change of score has Pacemaker compute a new transition, and a standby that is a few kilobytes
//! ahead of another is behind it a moment later. So standbys with about the same lag keep the order
//! they had; the election determines which of them is really ahead, when it matters.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Score;
use super::sender::ReplicationRow;
use crate::agent::ocf::node::Node;
use crate::base::units::Bytes;
use crate::health::{Lsn, SyncState};

/// Lags within one multiple of this are about the same: the usual size of a segment.
const ABOUT: u64 = 16 << 20;

/// What a primary sees, and the scores that it set before.
#[derive(Clone, Copy, Debug)]
pub struct RankingFacts<'a> {
    /// The primary's own node.
    pub local: &'a Node,
    /// The nodes of the cluster, including absent ones: a node that comes back with the score that it had
    /// as a primary would be promoted.
    pub nodes: &'a BTreeSet<Node>,
    /// The end of the primary's WAL.
    pub end: Lsn,
    /// Its standbys, and any other clients that replicate from it.
    pub senders: &'a [ReplicationRow],
    /// The current scores of the nodes.
    pub scores: &'a BTreeMap<Node, Score>,
    /// How far behind a standby may be and still be promoted; `None` means any distance.
    pub maxlag: Option<Bytes>,
}

/// Every node's score, and the rows that belong to no standby.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranking {
    /// A score for every node, whatever it had.
    pub scores: BTreeMap<Node, Scored>,
    /// The unexpected rows, in the order of the rows.
    pub oddities: Vec<Oddity>,
}

/// Why a node has its score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scored {
    /// It is the primary.
    Primary,
    /// It has a standby that could be promoted.
    Fit {
        /// How many standbys are better.
        better: usize,
        /// How far behind it is.
        lag: Bytes,
    },
    /// Its standby is further behind than `maxlag` allows.
    TooFarBehind {
        /// How many standbys are better.
        better: usize,
        /// How far behind it is.
        lag: Bytes,
    },
    /// Its standby is connected and gets no WAL yet.
    NotYet,
    /// It has no connected standby.
    NotConnected,
    /// It was found unfit when it was to be promoted, and is still not fit.
    Vetoed,
}

/// A row that belongs to no node's standby.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// It has the name of no node: usually, it is a backup tool's.
    Unknown(String),
    /// It has the primary's own name: the server replicates from itself, or another client uses its name.
    Itself,
}

impl Scored {
    /// Returns the score.
    #[must_use]
    pub fn score(self) -> Score {
        match self {
            Self::Primary => Score::PRIMARY,
            Self::Fit { better, lag: _ } => Score(ranked(better)),
            Self::TooFarBehind { better, lag: _ } => Score(ranked(better).saturating_neg()),
            Self::NotYet => Score::NOT_YET,
            Self::NotConnected => Score::NOT_CONNECTED,
            Self::Vetoed => Score::VETO,
        }
    }
}

/// Returns the score of a standby behind this many others; it stays above that of a server that was never seen.
fn ranked(better: usize) -> i32 {
    let better = i32::try_from(better).unwrap_or(i32::MAX);
    let less = Score::STEP.saturating_mul(better);
    Score::BEST.0.saturating_sub(less).max(Score::STEP)
}

/// Ranks the standbys: first those that the primary waits for, which have everything that was ever
/// acknowledged; then by lag; if that is about the same, by their previous scores; then by position
/// and name.
#[must_use]
pub fn rank(seen: RankingFacts<'_>) -> Ranking {
    let mut oddities = Vec::new();
    let mut rows: BTreeMap<&Node, &ReplicationRow> = BTreeMap::new();
    for sender in seen.senders {
        let name = &sender.application_name;
        match seen.nodes.iter().find(|node| node.name() == name) {
            _ if seen.local.name() == name => oddities.push(Oddity::Itself),
            None => oddities.push(Oddity::Unknown(name.clone())),
            // A standby that lost its connection may still have a row of the old one.
            Some(node) => match rows.get(node) {
                Some(other) if quality(other) >= quality(sender) => {}
                Some(_) | None => {
                    rows.insert(node, sender);
                }
            },
        }
    }
    let mut scores: BTreeMap<Node, Scored> = BTreeMap::new();
    for node in seen.nodes {
        let verdict = match rows.get(node) {
            _ if node == seen.local => Scored::Primary,
            Some(sender) if !sender.state.gets_wal() => Scored::NotYet,
            // Ranked below.
            Some(_) | None => Scored::NotConnected,
        };
        scores.insert(node.clone(), verdict);
    }
    scores.insert(seen.local.clone(), Scored::Primary);
    let mut fit: Vec<(&Node, &ReplicationRow)> = rows.into_iter().collect();
    fit.retain(|(_, sender)| sender.state.gets_wal());
    fit.sort_by_key(|(node, sender)| place(seen, node, sender));
    for (better, (node, sender)) in fit.into_iter().enumerate() {
        let lag = lag(seen, sender);
        let verdict = if seen.maxlag.is_some_and(|most| lag > most) {
            Scored::TooFarBehind { better, lag }
        } else {
            Scored::Fit { better, lag }
        };
        scores.insert(node.clone(), verdict);
    }
    for (node, verdict) in &mut scores {
        if seen
            .scores
            .get(node)
            .is_some_and(|score| score.is_infinite())
        {
            *verdict = vetoed(*verdict);
        }
    }
    Ranking { scores, oddities }
}

/// Returns the verdict on a node that was found unfit: it stays unfit until its standby is fit.
fn vetoed(verdict: Scored) -> Scored {
    match verdict {
        Scored::Primary | Scored::Fit { .. } => verdict,
        Scored::TooFarBehind { .. } | Scored::NotYet | Scored::NotConnected | Scored::Vetoed => {
            Scored::Vetoed
        }
    }
}

/// Returns the key by which the row of a node's standby is chosen among several: first whether it gets WAL, then its
/// position.
fn quality(sender: &ReplicationRow) -> (bool, Option<Lsn>, bool) {
    let state = sender.state.gets_wal();
    (state, sender.written, is_waited_for(sender))
}

/// Returns whether a commit waits for this standby, alone or as one of a quorum.
fn is_waited_for(sender: &ReplicationRow) -> bool {
    match sender.sync {
        Some(SyncState::Sync | SyncState::Quorum) => true,
        Some(SyncState::Async | SyncState::Potential) | None => false,
    }
}

/// Returns the lag. A standby that has not reported what it has is behind by all WAL.
fn lag(seen: RankingFacts<'_>, sender: &ReplicationRow) -> Bytes {
    sender.written.unwrap_or(Lsn(0)).behind(seen.end)
}

/// The key by which standbys are sorted, the best first: whether they are waited for, their approximate lag, their
/// previous score, their position and their name.
type SortKey<'a> = (
    Reverse<bool>,
    u64,
    Reverse<Option<Score>>,
    Reverse<Option<Lsn>>,
    &'a Node,
);

fn place<'a>(seen: RankingFacts<'_>, node: &'a Node, sender: &ReplicationRow) -> SortKey<'a> {
    // Only a score that a primary ranked it with: no other score says anything of its place.
    let before = seen.scores.get(node).copied();
    let before = before.filter(|score| *score <= Score::BEST && *score > Score::FIRST);
    (
        Reverse(is_waited_for(sender)),
        lag(seen, sender).0 / ABOUT,
        Reverse(before),
        Reverse(sender.written),
        node,
    )
}

#[cfg(test)]
mod tests;
