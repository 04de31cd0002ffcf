//! Who is to be promoted, so that no acknowledged row is lost: decided by how far each node is and by
//! nothing else. Knows neither how positions were found out nor Pacemaker.
//!
//! Pacemaker designates a node, by scores that may be old. It is promoted if nobody is further: then there
//! are several that are equally far, and none of them lacks anything. Otherwise it gives way to all of
//! those that are furthest, equally, and Pacemaker designates one of them by its own rules. So no order
//! of names plays a part, and every node that knows the same comes to the same outcome.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::node::Node;
use super::position::Position;
use super::scores::Score;
use crate::units::Bytes;

/// What is known when somebody is to be promoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// The node that Pacemaker has designated.
    pub designated: Node,
    /// The nodes that take part, the designated one among them.
    pub nodes: BTreeMap<Node, Word>,
    /// What the next primary has to have: where the last one began, or ended if it was stopped in order.
    /// Whoever lacks that is not promoted, were it the furthest of those that are here: one that has it is
    /// away, and comes back.
    pub required: Option<Position>,
    /// The furthest that the last primary was seen to be.
    pub primary: Option<Position>,
    /// How far behind that a node may be; none, and it may be as far as it likes.
    pub maxlag: Option<Bytes>,
}

/// What a node has said of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// How far it is.
    At(Position),
    /// Nothing, for as long as could be waited for it.
    Silent,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Who is to be promoted.
    pub choice: Choice,
    /// Why not each of the others.
    pub why_not: BTreeMap<Node, WhyNot>,
}

/// Who is to be promoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The designated node.
    Designated,
    /// Any of these, which are equally far and further than the designated one; there is at least one.
    Others(BTreeSet<Node>),
    /// Nobody.
    Nobody,
}

/// Why a node is not to be promoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// It is not as far as another one.
    Behind {
        /// How far it is.
        at: Position,
        /// How far the furthest is.
        furthest: Position,
    },
    /// It is as far as the designated one.
    Equal,
    /// It has not said how far it is.
    Silent,
    /// The furthest of all, and it lacks something of what a primary had.
    Lacks {
        /// How far it is.
        at: Position,
        /// What it would have to have.
        required: Position,
    },
    /// The furthest of all, and too far behind the primary.
    TooFarBehind {
        /// How far behind.
        lag: Bytes,
        /// How far behind it may be.
        most: Bytes,
    },
}

/// Holds the election.
#[must_use]
pub fn elect(ballot: &Ballot) -> Outcome {
    let positions = ballot.nodes.values().filter_map(|word| match word {
        Word::At(position) => Some(*position),
        Word::Silent => None,
    });
    let Some(furthest) = positions.max() else {
        return Outcome {
            choice: Choice::Nobody,
            why_not: reasons(ballot, |_| WhyNot::Silent),
        };
    };
    let unfit = unfit(ballot, furthest);
    let is_furthest = |word: &Word| *word == Word::At(furthest);
    let equals: BTreeSet<Node> = ballot
        .nodes
        .iter()
        .filter(|(_, word)| is_furthest(word))
        .map(|(node, _)| node.clone())
        .collect();
    let choice = match unfit {
        Some(_) => Choice::Nobody,
        None if equals.contains(&ballot.designated) => Choice::Designated,
        None => Choice::Others(equals),
    };
    let mut why_not = reasons(ballot, |at| match unfit {
        _ if at < furthest => WhyNot::Behind { at, furthest },
        Some(unfit) => unfit,
        None => WhyNot::Equal,
    });
    match &choice {
        Choice::Designated => {
            why_not.remove(&ballot.designated);
        }
        Choice::Others(others) => why_not.retain(|node, _| !others.contains(node)),
        Choice::Nobody => {}
    }
    Outcome { choice, why_not }
}

/// Why not even the furthest may be promoted; none if it may.
fn unfit(ballot: &Ballot, furthest: Position) -> Option<WhyNot> {
    if let Some(required) = ballot.required.filter(|required| furthest < *required) {
        return Some(WhyNot::Lacks {
            at: furthest,
            required,
        });
    }
    let (primary, most) = (ballot.primary?, ballot.maxlag?);
    if furthest.timeline < primary.timeline {
        return Some(WhyNot::Lacks {
            at: furthest,
            required: primary,
        });
    }
    // What an older timeline held beyond the point where a newer one began, nobody misses.
    if furthest.timeline > primary.timeline {
        return None;
    }
    let lag = furthest.lsn.behind(primary.lsn);
    (lag > most).then_some(WhyNot::TooFarBehind { lag, most })
}

/// A reason for every node: the given one for those that have said how far they are.
fn reasons(ballot: &Ballot, reason: impl Fn(Position) -> WhyNot) -> BTreeMap<Node, WhyNot> {
    let of = |word: &Word| match word {
        Word::At(at) => reason(*at),
        Word::Silent => WhyNot::Silent,
    };
    let nodes = ballot.nodes.iter();
    nodes.map(|(node, word)| (node.clone(), of(word))).collect()
}

impl Outcome {
    /// The scores that Pacemaker is to choose by next; none have to change where the designated node is
    /// promoted, or nobody is.
    #[must_use]
    pub fn scores(&self, ballot: &Ballot) -> BTreeMap<Node, Score> {
        match &self.choice {
            Choice::Designated | Choice::Nobody => BTreeMap::new(),
            Choice::Others(others) => {
                let best = others.iter().map(|node| (node.clone(), Score::BEST));
                best.chain([(ballot.designated.clone(), Score::FIRST)])
                    .collect()
            }
        }
    }
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Behind { at, furthest } => write!(f, "it is at {at} and another at {furthest}"),
            Self::Equal => f.write_str("it is as far as the designated one"),
            Self::Silent => f.write_str("it has not said how far it is"),
            Self::Lacks { at, required } => {
                write!(f, "it is at {at} and there was a primary at {required}")
            }
            Self::TooFarBehind { lag, most } => {
                write!(
                    f,
                    "it is {lag} behind the last primary and maxlag is {most}"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests;
