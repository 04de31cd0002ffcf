//! Who is to be promoted, so that no acknowledged row is lost: decided by what each node has and by
//! nothing else. Knows neither how positions were found out nor Pacemaker.
//!
//! Pacemaker designates a node, by scores that may be old. It is promoted if nobody has more: then there
//! are several that have the same, and none of them lacks anything. Otherwise it gives way to all of
//! those that have the most, equally, and Pacemaker designates one of them by its own rules. So no order
//! of names plays a part, and every node that knows the same comes to the same outcome.
//!
//! One server has more than another if all that the other has is part of its history: a timeline with a greater number
//! is not enough, since whoever promotes a server by hand begins one.
//!
//! Nodes of which something keeps the cluster from promoting them count for what may have been acknowledged. What they
//! have beyond that is given up, or an asynchronous cluster would have no primary for a few bytes.
//!
//! - [`content`]: whether one server has what another has.
//! - [`demands`]: what the next primary has to have.
//! - [`intersection`]: whether enough of those have spoken that commits waited for.
//! - [`why_not`]: why a node is not to be promoted.

mod content;
mod demands;
mod intersection;
mod why_not;

use std::collections::{BTreeMap, BTreeSet};

use super::lineage::{Descent, Lineage};
use super::primary_end::PrimaryEnd;
use super::primary_seen::{self, PrimarySeen};
use super::scores::Score;
use super::sync_rule::SyncRules;
use crate::agent::ocf::node::Node;
use crate::base::units::Bytes;
use crate::postgres::position::Position;
use demands::{Demand, Last, Spoken};

pub use why_not::{Apart, WhyNot};

/// What is known when somebody is to be promoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// The node that Pacemaker has designated.
    pub designated: Node,
    /// The nodes that take part, the designated one among them.
    pub nodes: BTreeMap<Node, NodeWord>,
    /// What nodes remember of their last time as primaries. Whoever lacks what the last one had is not promoted, were
    /// it the furthest of those that are here: one that has it is away, and comes back.
    pub ends: BTreeMap<Node, PrimaryEnd>,
    /// Which standbys the commits of primaries have waited for.
    pub rules: BTreeMap<Node, SyncRules>,
    /// What nodes were copied from that have been made anew. Such a node has acknowledged what it had before, and does not
    /// have that any more where its copy came from a server that lacked it.
    pub copies: BTreeMap<Node, Descent>,
    /// Nodes that others have given way to and that the cluster has not promoted: something keeps it from that.
    pub passed_over: BTreeSet<Node>,
    /// How far standbys have seen the last primary to be.
    pub seen: Vec<PrimarySeen>,
    /// How far behind that a node may be; none, and it may be as far as it likes.
    pub maxlag: Option<Bytes>,
}

/// What a node has said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeWord {
    /// How far it is.
    At(NodePosition),
    /// Nothing, for as long as could be waited for it.
    Silent,
}

/// How far a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodePosition {
    /// The end of what it has.
    pub position: Position,
    /// Which database cluster it is; a node with PAF does not say.
    pub system: Option<u64>,
    /// The timelines that led to that of the position, if it has said so and knows them.
    pub lineage: Option<Lineage>,
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
    /// Any of these, which have the same and more than the designated one; there is at least one.
    Others(BTreeSet<Node>),
    /// Nobody.
    Nobody,
}

/// Holds the election.
#[must_use]
pub fn elect(ballot: &Ballot) -> Outcome {
    let mut why_not: BTreeMap<Node, WhyNot> = BTreeMap::new();
    let mut spoken: Spoken<'_> = BTreeMap::new();
    for (node, word) in &ballot.nodes {
        match word {
            NodeWord::At(said) => {
                spoken.insert(node, said);
            }
            NodeWord::Silent => {
                why_not.insert(node.clone(), WhyNot::Silent);
            }
        }
    }
    let choice = match system(ballot, &spoken) {
        Ok(system) => {
            spoken.retain(|node, said| match (said.system, system) {
                (Some(own), Some(expected)) if own != expected => {
                    why_not.insert((*node).clone(), WhyNot::OtherSystem { own, expected });
                    false
                }
                (_, _) => true,
            });
            choose(ballot, system, &spoken, &mut why_not)
        }
        Err(identifiers) => {
            let why = WhyNot::Systems(identifiers);
            all(&spoken, &why, &mut why_not);
            Choice::Nobody
        }
    };
    Outcome { choice, why_not }
}

/// The database cluster that takes part: that of the last primary where nodes are of several.
fn system(ballot: &Ballot, spoken: &Spoken<'_>) -> Result<Option<u64>, BTreeSet<u64>> {
    let systems: BTreeSet<u64> = spoken.values().filter_map(|said| said.system).collect();
    if systems.len() < 2 {
        return Ok(systems.first().copied());
    }
    let ends = ballot.ends.values().map(|end| end.system_identifier);
    let rules = ballot.rules.values().map(|rules| rules.system_identifier);
    let recorded: BTreeSet<u64> = ends.chain(rules).collect();
    let mut both = systems.intersection(&recorded);
    match (both.next(), both.next()) {
        (Some(one), None) => Ok(Some(*one)),
        (_, _) => Err(systems),
    }
}

/// Chooses among those that have spoken, and says why not the others.
fn choose(
    ballot: &Ballot,
    system: Option<u64>,
    spoken: &Spoken<'_>,
    why_not: &mut BTreeMap<Node, WhyNot>,
) -> Choice {
    let last = Last::of(ballot, system, spoken);
    let mut counted = spoken.clone();
    counted.retain(|node, _| !ballot.passed_over.contains(*node));
    let mut unmet = intersection::unmet(ballot, system, &last, &counted);
    let waited_for = unmet.first().map(|unmet| unmet.primary.clone());
    if unmet.is_empty() {
        // What was acknowledged is with the others: they need not have what is only with these.
        for (node, said) in spoken
            .iter()
            .filter(|(node, _)| !counted.contains_key(*node))
        {
            let at = said.position;
            why_not.insert((*node).clone(), WhyNot::PassedOver { at });
        }
    } else {
        counted.clone_from(spoken);
        unmet = intersection::unmet(ballot, system, &last, &counted);
    }
    let mut demands = last.demands(&counted);
    for one in unmet {
        let Some(point) = one.or_has else {
            all(&counted, &one.why_not, why_not);
            return Choice::Nobody;
        };
        demands.push(Demand::Recorded(point));
    }
    let mut fit: Spoken<'_> = BTreeMap::new();
    for (node, said) in counted {
        match demands.iter().find_map(|demand| demand.missing(said)) {
            Some(why) => {
                why_not.insert(node.clone(), why);
            }
            None => {
                fit.insert(node, said);
            }
        }
    }
    match (choose_fit(ballot, system, &last, &fit, why_not), waited_for) {
        (Choice::Others(others), Some(primary)) if others.is_subset(&ballot.passed_over) => {
            let other = others
                .first()
                .and_then(|node| Some((node, spoken.get(node)?)));
            if let (Some(own), Some((other, said))) = (spoken.get(&ballot.designated), other) {
                let why = WhyNot::Needs {
                    at: own.position,
                    other: other.clone(),
                    other_at: said.position,
                    primary,
                };
                why_not.insert(ballot.designated.clone(), why);
            }
            for node in &others {
                if let Some(said) = spoken.get(node) {
                    let at = said.position;
                    why_not.insert(node.clone(), WhyNot::PassedOver { at });
                }
            }
            Choice::Nobody
        }
        (choice, _) => choice,
    }
}

/// Chooses among those that have all that is demanded. Whoever has all that another has is at the greater position, or
/// at the same: so positions choose, by number, and one order holds also where some have not told their timelines. Where
/// timelines tell that the one at the greatest lacks something, nobody is chosen.
fn choose_fit(
    ballot: &Ballot,
    system: Option<u64>,
    last: &Last,
    fit: &Spoken<'_>,
    why_not: &mut BTreeMap<Node, WhyNot>,
) -> Choice {
    if let Some(apart) = content::apart(fit) {
        all(fit, &WhyNot::Incomparable(apart), why_not);
        return Choice::Nobody;
    }
    let Some(most) = fit.values().copied().max_by_key(|said| said.position) else {
        return Choice::Nobody;
    };
    let mut furthest: Spoken<'_> = fit.clone();
    furthest.retain(|_, said| said.position == most.position);
    for (node, said) in fit {
        let why = if furthest.contains_key(node) {
            WhyNot::Equal
        } else {
            WhyNot::Behind {
                at: said.position,
                furthest: most.position,
            }
        };
        why_not.insert((*node).clone(), why);
    }
    if let Some(why) = unfit(ballot, system, last, most) {
        all(&furthest, &why, why_not);
        return Choice::Nobody;
    }
    if furthest.contains_key(&ballot.designated) {
        why_not.remove(&ballot.designated);
        return Choice::Designated;
    }
    let others: BTreeSet<Node> = furthest.keys().map(|node| (*node).clone()).collect();
    let may: BTreeSet<Node> = others.difference(&ballot.passed_over).cloned().collect();
    let others = if may.is_empty() { others } else { may };
    why_not.retain(|node, _| !others.contains(node));
    Choice::Others(others)
}

/// Why not even the furthest may be promoted; none if it may.
fn unfit(ballot: &Ballot, system: Option<u64>, last: &Last, most: &NodePosition) -> Option<WhyNot> {
    let primary = primary_seen::furthest(ballot.seen.iter().copied(), system?)?;
    let maxlag = ballot.maxlag?;
    // What an older timeline held beyond the point where a newer one began, nobody misses.
    if most.position.timeline > primary.timeline {
        return None;
    }
    let Some(own) = last.reach(most, primary) else {
        return Some(WhyNot::Lacks {
            at: most.position,
            required: primary,
        });
    };
    let lag = own.behind(primary.lsn);
    (lag > maxlag).then_some(WhyNot::TooFarBehind { lag, most: maxlag })
}

/// The same reason for all of these.
fn all(spoken: &Spoken<'_>, why: &WhyNot, why_not: &mut BTreeMap<Node, WhyNot>) {
    for node in spoken.keys() {
        why_not.insert((*node).clone(), why.clone());
    }
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
                let passed_over = ballot.passed_over.difference(others);
                let passed_over = passed_over.map(|node| (node.clone(), Score::PASSED_OVER));
                best.chain(passed_over)
                    .chain([(ballot.designated.clone(), Score::GAVE_WAY)])
                    .collect()
            }
        }
    }
}

impl NodePosition {
    /// What a node has told of itself. Timelines that do not end with that of the position were told with another one,
    /// and say nothing of this.
    #[must_use]
    pub fn new(position: Position, descent: Option<Descent>) -> Self {
        let system = descent.as_ref().map(|descent| descent.system_identifier);
        let lineage = descent.and_then(|descent| descent.lineage);
        Self {
            position,
            system,
            lineage: lineage.filter(|lineage| lineage.newest().timeline == position.timeline),
        }
    }
}

impl NodeWord {
    /// How far a node is, if it has said so.
    #[must_use]
    pub fn said(&self) -> Option<&NodePosition> {
        match self {
            Self::At(said) => Some(said),
            Self::Silent => None,
        }
    }
}

#[cfg(test)]
mod tests;
