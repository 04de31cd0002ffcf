//! Decides which node is to be promoted so that no acknowledged row is lost, from what each node has and from
//! nothing else. Knows neither how positions were determined nor Pacemaker.
//!
//! Pacemaker designates a node, by scores that may be old. The designated node is promoted if no node has more: if
//! several have the same, none of them lacks anything. Otherwise it gives way to all nodes that have the most,
//! equally, and Pacemaker designates one of them by its own rules. So no order of names plays a part, and every
//! node that knows the same facts comes to the same outcome.
//!
//! One server has more than another if all that the other has is part of its history. A timeline with a greater number
//! is not enough, since promoting a server by hand begins one.
//!
//! Nodes that a constraint or failures keep the cluster from promoting count for what may have been acknowledged. What
//! they have beyond that is given up; otherwise an asynchronous cluster would have no primary for a few bytes.
//!
//! A primary that has crashed and is kept stopped for this promotion can be started instead. If commits waited for
//! standbys, what only it has was not acknowledged, and it counts only where no other node may be promoted. Otherwise
//! the designated node gives way to it if it has more.
//!
//! - [`facts`]: what is known when a node is to be promoted.
//! - [`content`]: whether one server has what another has.
//! - [`demands`]: what the next primary must have.
//! - [`followed`]: promotions that are recorded only as planned.
//! - [`acknowledged`]: whether a primary may have acknowledged something on a timeline.
//! - [`waited`]: whether commits on the last primary waited for standbys.
//! - [`intersection`]: whether enough of the standbys that commits waited for have reported their positions.
//! - [`why_not`]: why a node is not to be promoted.

mod acknowledged;
mod content;
mod demands;
mod facts;
mod followed;
mod intersection;
mod waited;
mod why_not;

use std::collections::{BTreeMap, BTreeSet};

use super::primary_seen;
use super::scores::Score;
use crate::agent::ocf::node::Node;
use demands::{Demand, Last};
use facts::Reported;

pub use facts::{ElectionFacts, NodePosition, NodeReport};
pub use waited::commits_waited;
pub use why_not::{Apart, WhyNot};

/// The outcome of an election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Which node is to be promoted.
    pub choice: Choice,
    /// The reason for each node that is not to be promoted.
    pub why_not: BTreeMap<Node, WhyNot>,
}

/// Which node is to be promoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The designated node.
    Designated,
    /// Any of these, which have the same and more than the designated node; the set is not empty.
    Others(BTreeSet<Node>),
    /// No node.
    Nobody,
}

/// Holds the election.
#[must_use]
pub fn elect(facts: &ElectionFacts) -> Outcome {
    let outcome = elect_among(facts, &facts.nodes);
    if facts.crashed.is_empty() || !asks_for_crashed(facts, &outcome) {
        return outcome;
    }
    let crashed = facts.crashed.iter();
    let crashed = crashed.map(|(node, said)| (node.clone(), NodeReport::At(said.clone())));
    let nodes = facts.nodes.clone().into_iter().chain(crashed).collect();
    let mut with_crashed = elect_among(facts, &nodes);
    match &mut with_crashed.choice {
        // They do not settle anything, and a promotion does not fail because of them.
        Choice::Nobody => return outcome,
        Choice::Designated => {}
        // One that runs need not be waited for.
        Choice::Others(others) => {
            if others.iter().any(|node| facts.nodes.contains_key(node)) {
                others.retain(|node| facts.nodes.contains_key(node));
            }
        }
    }
    with_crashed
}

/// Returns whether the outcome depends on where the WAL of crashed servers ends that could be started instead.
#[must_use]
pub fn asks_for_crashed(facts: &ElectionFacts, outcome: &Outcome) -> bool {
    match outcome.choice {
        Choice::Nobody => true,
        Choice::Designated | Choice::Others(_) => {
            let said = facts.nodes.values().filter_map(NodeReport::said);
            let systems: BTreeSet<u64> = said.filter_map(|said| said.system).collect();
            let mut systems = systems.into_iter();
            !systems.any(|system| commits_waited(&facts.ends, &facts.rules, system))
        }
    }
}

/// Holds the election among these nodes.
fn elect_among(facts: &ElectionFacts, nodes: &BTreeMap<Node, NodeReport>) -> Outcome {
    let mut why_not: BTreeMap<Node, WhyNot> = BTreeMap::new();
    let mut reported: Reported<'_> = BTreeMap::new();
    for (node, report) in nodes {
        match report {
            NodeReport::At(said) => {
                reported.insert(node, said);
            }
            NodeReport::Silent => {
                why_not.insert(node.clone(), WhyNot::Silent);
            }
        }
    }
    let choice = match system(facts, &reported) {
        Ok(system) => {
            reported.retain(|node, said| match (said.system, system) {
                (Some(own), Some(expected)) if own != expected => {
                    why_not.insert((*node).clone(), WhyNot::OtherSystem { own, expected });
                    false
                }
                (_, _) => true,
            });
            choose(facts, system, &reported, &mut why_not)
        }
        Err(identifiers) => {
            let why = WhyNot::Systems(identifiers);
            all(&reported, &why, &mut why_not);
            Choice::Nobody
        }
    };
    Outcome { choice, why_not }
}

/// Returns the database cluster that takes part: the last primary's if nodes belong to several.
fn system(facts: &ElectionFacts, reported: &Reported<'_>) -> Result<Option<u64>, BTreeSet<u64>> {
    let systems: BTreeSet<u64> = reported.values().filter_map(|said| said.system).collect();
    if systems.len() < 2 {
        return Ok(systems.first().copied());
    }
    let ends = facts.ends.values().map(|end| end.system_identifier);
    let rules = facts.rules.values().map(|rules| rules.system_identifier);
    let recorded: BTreeSet<u64> = ends.chain(rules).collect();
    let mut both = systems.intersection(&recorded);
    match (both.next(), both.next()) {
        (Some(one), None) => Ok(Some(*one)),
        (_, _) => Err(systems),
    }
}

/// Chooses among the nodes that have reported their positions, and records why the others are not chosen.
fn choose(
    facts: &ElectionFacts,
    system: Option<u64>,
    reported: &Reported<'_>,
    why_not: &mut BTreeMap<Node, WhyNot>,
) -> Choice {
    let last = Last::of(facts, system, reported);
    let mut counted = reported.clone();
    counted.retain(|node, _| !facts.passed_over.contains(*node));
    let mut unmet = intersection::unmet(facts, system, &last, &counted);
    let waited_for = unmet.first().map(|unmet| unmet.primary.clone());
    if unmet.is_empty() {
        // The other nodes have all that was acknowledged: they need not have what only these nodes have.
        for (node, said) in reported
            .iter()
            .filter(|(node, _)| !counted.contains_key(*node))
        {
            let at = said.position;
            why_not.insert((*node).clone(), WhyNot::PassedOver { at });
        }
    } else {
        counted.clone_from(reported);
        unmet = intersection::unmet(facts, system, &last, &counted);
    }
    let mut demands = last.demands(&counted);
    for one in unmet {
        let Some(point) = one.or_has else {
            all(&counted, &one.why_not, why_not);
            return Choice::Nobody;
        };
        demands.push(Demand::Recorded(point));
    }
    let mut fit: Reported<'_> = BTreeMap::new();
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
    match (choose_fit(facts, system, &last, &fit, why_not), waited_for) {
        (Choice::Others(others), Some(primary)) if others.is_subset(&facts.passed_over) => {
            let other = others
                .first()
                .and_then(|node| Some((node, reported.get(node)?)));
            if let (Some(own), Some((other, said))) = (reported.get(&facts.designated), other) {
                let why = WhyNot::Needs {
                    at: own.position,
                    other: other.clone(),
                    other_at: said.position,
                    primary,
                };
                why_not.insert(facts.designated.clone(), why);
            }
            for node in &others {
                if let Some(said) = reported.get(node) {
                    let at = said.position;
                    why_not.insert(node.clone(), WhyNot::PassedOver { at });
                }
            }
            Choice::Nobody
        }
        (choice, _) => choice,
    }
}

/// Chooses among the nodes that have all that is demanded. A node that has all that another has is at a greater
/// position, or at the same one. So the positions decide, by number, and the order also holds if some nodes have not
/// reported their timelines. If timelines show that the node at the greatest position lacks something, no node is
/// chosen.
fn choose_fit(
    facts: &ElectionFacts,
    system: Option<u64>,
    last: &Last,
    fit: &Reported<'_>,
    why_not: &mut BTreeMap<Node, WhyNot>,
) -> Choice {
    if let Some(apart) = content::apart(fit) {
        all(fit, &WhyNot::Incomparable(apart), why_not);
        return Choice::Nobody;
    }
    let Some(most) = fit.values().copied().max_by_key(|said| said.position) else {
        return Choice::Nobody;
    };
    let mut furthest: Reported<'_> = fit.clone();
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
    if let Some(why) = unfit(facts, system, last, most) {
        all(&furthest, &why, why_not);
        return Choice::Nobody;
    }
    if furthest.contains_key(&facts.designated) {
        why_not.remove(&facts.designated);
        return Choice::Designated;
    }
    let others: BTreeSet<Node> = furthest.keys().map(|node| (*node).clone()).collect();
    let may: BTreeSet<Node> = others.difference(&facts.passed_over).cloned().collect();
    let others = if may.is_empty() { others } else { may };
    why_not.retain(|node, _| !others.contains(node));
    Choice::Others(others)
}

/// Returns why not even the node at the greatest position may be promoted; `None` if it may.
fn unfit(
    facts: &ElectionFacts,
    system: Option<u64>,
    last: &Last,
    most: &NodePosition,
) -> Option<WhyNot> {
    let primary = primary_seen::furthest(facts.seen.iter().copied(), system?)?;
    let maxlag = facts.maxlag?;
    // WAL of an older timeline beyond the point where a newer one began is not missing.
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

/// Records the same reason for all of these nodes.
fn all(reported: &Reported<'_>, why: &WhyNot, why_not: &mut BTreeMap<Node, WhyNot>) {
    for node in reported.keys() {
        why_not.insert((*node).clone(), why.clone());
    }
}

impl Outcome {
    /// Returns the scores by which Pacemaker is to choose next. None change if the designated node is
    /// promoted, or no node is.
    #[must_use]
    pub fn scores(&self, facts: &ElectionFacts) -> BTreeMap<Node, Score> {
        match &self.choice {
            Choice::Designated | Choice::Nobody => BTreeMap::new(),
            Choice::Others(others) => {
                let best = others.iter().map(|node| (node.clone(), Score::BEST));
                let passed_over = facts.passed_over.difference(others);
                let passed_over = passed_over.map(|node| (node.clone(), Score::PASSED_OVER));
                // A running instance is preferred to one that has to be started (`resource-stickiness`), and the others
                // would have to give way to a crashed server, too.
                let is_crashed = others.iter().all(|node| facts.crashed.contains_key(node));
                let said = facts
                    .nodes
                    .iter()
                    .filter(|(_, report)| report.said().is_some());
                let behind = said.map(|(node, _)| node).filter(|_| is_crashed);
                let behind = behind.chain([&facts.designated]);
                let gave_way = behind.map(|node| (node.clone(), Score::GAVE_WAY));
                gave_way.chain(passed_over).chain(best).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests;
