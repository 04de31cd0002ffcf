//! Collects the other nodes' positions, and holds the election that follows from them. Knows no promotion.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use tracing::{info, warn};

use super::cluster::{Cluster, PermanentAttributes};
use super::node_records::{self, NodeRecords};
use super::server::Server;
use super::{Context, Seams, publish};
use crate::agent::decide::election::{
    ElectionFacts, NodePosition, NodeReport, Outcome, asks_for_crashed, elect,
};
use crate::agent::decide::lineage::Descent;
use crate::agent::decide::primary_seen::PrimarySeen;
use crate::agent::decide::report::Report;
use crate::agent::decide::scores::{Attributes, Score};
use crate::agent::ocf::clone::Size;
use crate::agent::ocf::node::Node;
use crate::agent::ocf::notification::includes;
use crate::base::deadline::Deadline;
use crate::postgres::position::Position;

/// The interval between two looks at what others have published.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Longest wait for the node's own value to come back, and for the positions of nodes that ran before, all together: the
/// notification on each has ended, so its position is on the way, or it has published none. At most a third of the time
/// that is left, so that the promotion keeps the rest.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// An election that was held.
#[derive(Debug)]
pub(super) struct Election {
    pub(super) facts: ElectionFacts,
    pub(super) outcome: Outcome,
    /// Primaries that were seen and that the cluster does not know of.
    pub(super) unknown_primaries: BTreeMap<Node, PrimarySeen>,
    /// The permanent attributes of the nodes.
    pub(super) nodes: BTreeMap<Node, PermanentAttributes>,
}

/// Collects the positions of all participants, and holds the election with this node as the designated one.
pub(super) fn hold<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> Result<Election, Box<dyn Error>> {
    flush_attributes(context, seams)?;
    let mut reports: BTreeMap<Node, NodeReport> = BTreeMap::new();
    let mut seen = Vec::new();
    let patience = seams.within(LONGEST_WAIT.min(seams.left() / 3));
    for node in participants(context, seams)? {
        let said = if node == context.local {
            publish::said(seams, seams.deadline)?
        } else {
            told(context, seams, &node, patience)?
        };
        let position = said.as_ref().map(|said| said.position.to_string());
        info!(
            "{node} is at {}",
            position.as_deref().unwrap_or("an unknown position")
        );
        if context.maxlag.is_some() {
            seen.extend(primary_seen(context, seams, &node)?);
        }
        reports.insert(node, said.map_or(NodeReport::Silent, NodeReport::At));
    }
    let nodes = seams.cluster.nodes(seams.deadline)?;
    let NodeRecords {
        ends,
        rules,
        copies,
        scores,
        unknown_primaries,
    } = NodeRecords::of(context, &nodes);
    let mut facts = ElectionFacts {
        designated: context.local.clone(),
        passed_over: passed_over(&context.local, &reports, &scores),
        nodes: reports,
        crashed: BTreeMap::new(),
        ends,
        rules,
        copies,
        seen,
        maxlag: context.maxlag,
    };
    let mut outcome = elect(&facts);
    if asks_for_crashed(&facts, &outcome) {
        facts.crashed = crashed(context, seams, &facts, nodes.keys());
        outcome = elect(&facts);
    }
    for (node, why_not) in &outcome.why_not {
        info!("{node} is not promoted: {why_not}");
    }
    Ok(Election {
        facts,
        outcome,
        unknown_primaries,
        nodes,
    })
}

/// Returns where the WAL of servers ends that have crashed and that are kept stopped for this promotion: those of nodes
/// with the mark of the keeper, as far as the stop has published it. None is waited for.
fn crashed<'a, S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    facts: &ElectionFacts,
    nodes: impl Iterator<Item = &'a Node>,
) -> BTreeMap<Node, NodePosition> {
    let mut crashed = BTreeMap::new();
    for node in nodes.filter(|node| !facts.nodes.contains_key(*node)) {
        match of_crashed(context, seams, node) {
            Ok(Some(said)) => {
                info!(
                    "{node} has crashed at {} and is kept stopped",
                    said.position
                );
                crashed.insert(node.clone(), said);
            }
            Ok(None) => {}
            Err(error) => {
                warn!("cannot determine whether the server of {node} has crashed: {error}");
            }
        }
    }
    crashed
}

fn of_crashed<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    node: &Node,
) -> Result<Option<NodePosition>, Box<dyn Error>> {
    let mark = context.attributes.died();
    let mark = seams.cluster.transient(node, &mark, seams.deadline)?;
    if mark.as_deref() != Some(Attributes::DIED) {
        return Ok(None);
    }
    let at_once = seams.within(Duration::ZERO);
    told(context, seams, node, at_once)
}

/// Returns the nodes that others have given way to and that have not been promoted: a constraint or failures prevent
/// it. Either this node has given way itself, or one of those has to which it passed the role on. A score that a node
/// has for other reasons shows nothing of that.
fn passed_over(
    local: &Node,
    reports: &BTreeMap<Node, NodeReport>,
    scores: &BTreeMap<Node, Score>,
) -> BTreeSet<Node> {
    let has_given_way = scores.get(local) == Some(&Score::GAVE_WAY);
    let others = scores.iter().filter(|(node, score)| {
        let takes_part = reports
            .get(node)
            .is_some_and(|report| report.said().is_some());
        let is_passed_over =
            **score == Score::PASSED_OVER || (has_given_way && **score >= Score::BEST);
        *node != local && takes_part && is_passed_over
    });
    others.map(|(node, _)| node.clone()).collect()
}

/// Sends a value around the cluster and waits until it is back: everything that was published before by any node has
/// arrived then, since all nodes see changes in one order (Corosync's closed process groups). The value is
/// deleted after the promotion and not here: clients wait for the promotion.
fn flush_attributes<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> Result<(), Box<dyn Error>> {
    let name = context.attributes.round_trip();
    // A random value, to distinguish this round trip from an earlier one: std's hashers start with random keys.
    let value = RandomState::new().build_hasher().finish().to_string();
    let deadline = seams.within(LONGEST_WAIT);
    let local = &context.local;
    seams
        .cluster
        .set_transient(local, &name, Some(&value), deadline)?;
    while seams.cluster.transient(local, &name, deadline)?.as_ref() != Some(&value) {
        if seams.has_passed(deadline) {
            return Err(format!(
                "attribute {name} was set and did not become visible within {} s",
                LONGEST_WAIT.as_secs()
            )
            .into());
        }
        seams.pause(POLL_INTERVAL, deadline);
    }
    Ok(())
}

/// Returns the nodes that take part: those that the notification before this promotion has named, or else those of
/// the plan that the action itself got.
fn participants<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> Result<BTreeSet<Node>, Box<dyn Error>> {
    let name = context.attributes.nodes();
    let listed = seams
        .cluster
        .transient(&context.local, &name, seams.deadline)?;
    let mut nodes: BTreeSet<Node> = match listed {
        Some(listed) => {
            let parsed = listed.split_whitespace().map(str::parse);
            parsed.collect::<Result<_, _>>()?
        }
        None => planned(context),
    };
    // The only instance of a clone may be promoted by hand, without a notification.
    if nodes.is_empty() && context.size == Size::Several {
        return Err(
            "the participants are not known: no notification preceded this promotion; set notify=true on the clone".into(),
        );
    }
    nodes.insert(context.local.clone());
    Ok(nodes)
}

/// Returns the nodes on which instances run once everything planned is done.
pub(super) fn planned(context: &Context) -> BTreeSet<Node> {
    let plan = &context.plan;
    let stays = |node: &&Node| !includes(&plan.stop, node);
    let running = plan.active.iter().map(|instance| &instance.node);
    let starting = plan.start.iter().map(|instance| &instance.node);
    running.filter(stays).chain(starting).cloned().collect()
}

/// Returns the position of another node. One that ran before is waited for; one that only starts could not publish any.
/// What a node has published for another promotion may be old, and counts as nothing.
fn told<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    node: &Node,
    patience: Deadline,
) -> Result<Option<NodePosition>, Box<dyn Error>> {
    let name = context.attributes.position();
    let ran = context.plan.active.is_empty() || includes(&context.plan.active, node);
    let mut what = "has not reported its position";
    loop {
        if let Some(text) = seams.cluster.transient(node, &name, seams.deadline)? {
            let Some(position) = node_records::value(&name, node, &text) else {
                return Ok(None);
            };
            match descent(context, seams, node, position)? {
                Published::Now(descent) => {
                    return Ok(Some(NodePosition::new(position, descent)));
                }
                Published::ForAnother => {
                    what = "has reported a position for another promotion, and none for this one";
                }
            }
        }
        if !ran || seams.has_passed(patience) {
            warn!("{node} {what}; the election is held without its position");
            return Ok(None);
        }
        seams.pause(POLL_INTERVAL, patience);
    }
}

/// What is published beside a position.
enum Published {
    /// It was published for this promotion, as far as that is known: a node with PAF publishes nothing beside it.
    Now(Option<Descent>),
    /// It was published for another promotion, or another position.
    ForAnother,
}

/// Returns the descent of another node, if it has published that with this position for this promotion.
fn descent<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    node: &Node,
    position: Position,
) -> Result<Published, Box<dyn Error>> {
    let name = context.attributes.lineage();
    let Some(text) = seams.cluster.transient(node, &name, seams.deadline)? else {
        return Ok(Published::Now(None));
    };
    Ok(match node_records::value::<Report>(&name, node, &text) {
        Some(report) if report.is_of(position, &context.local) => {
            Published::Now(Some(report.descent))
        }
        Some(_) => Published::ForAnother,
        None => Published::Now(None),
    })
}

fn primary_seen<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    node: &Node,
) -> Result<Option<PrimarySeen>, Box<dyn Error>> {
    let name = context.attributes.primary_seen();
    let text = seams.cluster.transient(node, &name, seams.deadline)?;
    Ok(text.and_then(|text| node_records::value(&name, node, &text)))
}
