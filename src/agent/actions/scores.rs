//! Sets the promotion scores: a primary sets those of all nodes, at each monitor and immediately
//! after a promotion. Knows no ranking.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tracing::{debug, info, warn};

use super::cluster::{Cluster, ClusterError, PermanentAttributes};
use super::election::Election;
use super::node_records::NodeRecords;
use super::server::{CommitProof, Server};
use super::{Context, Seams};
use crate::agent::decide::election::{NodeReport, WhyNot};
use crate::agent::decide::primary_end;
use crate::agent::decide::scores::{Oddity, RankingFacts, Score, Scored, rank};
use crate::agent::ocf::node::Node;
use crate::agent::ocf::notification::{CloneInstance, includes};
use crate::postgres::position::Position;

/// Longest wait for a standby to show that it is fit again.
const TO_PROVE: Duration = Duration::from_secs(3);

/// Longest wait for the standbys of a new primary: they try every 5 s by default (`wal_retrieve_retry_interval`), and may
/// be too early once.
const TO_COME: Duration = Duration::from_secs(20);

/// Returns the scores that nodes have.
pub(super) fn known(
    context: &Context,
    nodes: &BTreeMap<Node, PermanentAttributes>,
) -> BTreeMap<Node, Score> {
    let name = context.attributes.promotion();
    let parsed = nodes.iter().filter_map(|(node, kept)| {
        let score = kept.get(&name)?.parse();
        Some((node.clone(), score.ok()?))
    });
    parsed.collect()
}

/// Ranks the standbys of this primary, and sets the scores that have changed.
pub(super) fn hand_out<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    nodes: &BTreeMap<Node, PermanentAttributes>,
) -> Result<(), Box<dyn std::error::Error>> {
    let (end, senders) = seams.server.senders(seams.deadline)?;
    let scores = known(context, nodes);
    let promoted_for = seams.server.promoted_for();
    let is_new = promoted_for.is_some_and(|time| time < TO_COME);
    let ranking = rank(RankingFacts {
        local: &context.local,
        nodes: &nodes.keys().cloned().collect::<BTreeSet<Node>>(),
        end,
        senders: &senders,
        scores: &scores,
        maxlag: context.maxlag,
    });
    for oddity in &ranking.oddities {
        match oddity {
            Oddity::Itself => warn!(
                "a client replicates from this primary under the primary's own name, {}",
                context.local
            ),
            Oddity::Unknown(name) => debug!("{name:?} replicates and is not a node of the cluster"),
        }
    }
    for (node, scored) in &ranking.scores {
        let (before, now) = (scores.get(node), scored.score());
        if is_new && is_to_come(before, *scored) {
            continue;
        }
        if before == Some(&now) || is_vetoed_still(seams, node, before, now) {
            continue;
        }
        set(context, seams, node, now)?;
    }
    Ok(())
}

/// Returns whether a standby that took part in the election of this primary has not connected to it yet. Until then it
/// keeps its score from the election: without one, no node could replace a new primary that dies.
fn is_to_come(before: Option<&Score>, now: Scored) -> bool {
    let took_part = before.is_some_and(|score| (Score(0)..=Score::BEST).contains(score));
    match now {
        Scored::NotConnected | Scored::NotYet => took_part,
        Scored::Primary | Scored::Fit { .. } | Scored::TooFarBehind { .. } | Scored::Vetoed => {
            false
        }
    }
}

/// Returns whether a node that was found unfit, and looks fit, has not shown that it is: a broken connection
/// looks alive for a minute (`wal_sender_timeout`).
fn is_vetoed_still<S: Server, C>(
    seams: &mut Seams<'_, S, C>,
    node: &Node,
    before: Option<&Score>,
    now: Score,
) -> bool {
    if !before.is_some_and(|score| score.is_infinite()) || now < Score(0) {
        return false;
    }
    let deadline = seams.within(TO_PROVE);
    match seams.server.prove(node, deadline) {
        Ok(CommitProof::Given) => false,
        Ok(CommitProof::Missing(why)) => {
            warn!("{node} stays unfit: {why}");
            true
        }
        Err(error) => {
            warn!("{node} stays unfit: {error}");
            true
        }
    }
}

/// Sets every node's score after a promotion here, from what they reported in the election: the next monitor may
/// be a quarter of a minute away, and this server may die before it.
pub(super) fn after_promotion<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    nodes: &BTreeMap<Node, PermanentAttributes>,
    Election { facts, outcome, .. }: &Election,
) -> Result<(), ClusterError> {
    let before = known(context, nodes);
    let mut standbys: Vec<(Position, &Node)> = Vec::new();
    for (node, report) in &facts.nodes {
        match report {
            // A server that has left this history cannot follow any other.
            NodeReport::At(_) if outcome.why_not.get(node).is_some_and(WhyNot::is_astray) => {}
            NodeReport::At(said) if *node != context.local => standbys.push((said.position, node)),
            NodeReport::At(_) | NodeReport::Silent => {}
        }
    }
    standbys.sort_by(|(one, a), (other, b)| other.cmp(one).then(a.cmp(b)));
    let mut now: BTreeMap<&Node, Score> = BTreeMap::new();
    for node in nodes.keys() {
        now.insert(node, Score::NOT_CONNECTED);
    }
    for (place, (_, node)) in (0..).zip(standbys) {
        now.insert(node, Score(Score::BEST.0 - Score::STEP * place));
    }
    // A node that was found unfit has to show first that it is fit.
    now.retain(|node, _| !before.get(node).is_some_and(|score| score.is_infinite()));
    // Its own score first, since it keeps the role here.
    now.remove(&context.local);
    let own = (&context.local, Score::PRIMARY);
    for (node, score) in std::iter::once(own).chain(now) {
        if before.get(node) != Some(&score) {
            set(context, seams, node, score)?;
        }
    }
    Ok(())
}

/// Lifts what keeps this node from being promoted, once no primary is left that could lift it. A veto was set so that a
/// healthy primary stayed where it was; without a primary, it would only prevent any promotion. A refusal ends when
/// a server starts that had not reported then, with which an election may end differently: in the same cluster it would
/// only be repeated. A standby that was absent when scores were set may be promoted if an election can determine
/// what it lacks: if commits waited for standbys. In each case the election verifies that this node has it.
pub(super) fn end_own_veto<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    starting: &[CloneInstance],
) -> Result<(), Box<dyn std::error::Error>> {
    let nodes = seams.cluster.nodes(seams.deadline)?;
    let records = NodeRecords::of(context, &nodes);
    let why = match records.scores.get(&context.local) {
        Some(&Score::GAVE_WAY) if includes(starting, &context.local) => {
            return Ok(pass_over(context, seams, &records)?);
        }
        Some(&Score::VETO) => "no primary is left",
        Some(&Score::REFUSED) if has_new_word(context, seams, starting)? => {
            "a server starts that had not reported when it was refused"
        }
        own if is_unjudged(own) && records.commits_waited(seams.server.system_identifier()?) => {
            "no primary is left, and the last one's commits waited for standbys"
        }
        _ => return Ok(()),
    };
    info!("{why}: {} may be promoted", context.local);
    Ok(set(context, seams, &context.local, Score::FIRST)?)
}

/// If this node has given way, has failed because of that and is started again, and the cluster promotes no node in the
/// same transition, a constraint or failures keep it from promoting those that this one gave way to. Pacemaker tries
/// again only when something changes (`cluster-recheck-interval`): changing their scores causes that.
fn pass_over<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    records: &NodeRecords,
) -> Result<(), ClusterError> {
    for (node, score) in &records.scores {
        if *score == Score::BEST {
            info!("{node}, which this node gave way to, is not promoted");
            set(context, seams, node, Score::PASSED_OVER)?;
        }
    }
    Ok(())
}

/// Lifts the refusal of this node: the next election reports again what is lacking, or promotes it.
pub(super) fn end_own_refusal<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> Result<(), ClusterError> {
    let nodes = seams.cluster.nodes(seams.deadline)?;
    if known(context, &nodes).get(&context.local) != Some(&Score::REFUSED) {
        return Ok(());
    }
    info!(
        "{} was refused, and its failures were cleaned up: it may be promoted",
        context.local
    );
    set(context, seams, &context.local, Score::FIRST)
}

/// Returns whether one of the starting servers had not reported in the election that refused this node. A server that
/// is started again has usually failed because it could not be promoted, and has nothing new to report.
fn has_new_word<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    starting: &[CloneInstance],
) -> Result<bool, ClusterError> {
    if starting.is_empty() {
        return Ok(false);
    }
    let name = context.attributes.refused_among();
    let told = seams
        .cluster
        .transient(&context.local, &name, seams.deadline)?;
    let told = told.unwrap_or_default();
    let reported: BTreeSet<&str> = told.split_whitespace().collect();
    let mut starting = starting.iter();
    Ok(starting.any(|instance| !reported.contains(instance.node.name())))
}

/// Offers a server that was stopped as a primary for promotion, if no node has a score.
pub(super) fn offer<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> Result<(), ClusterError> {
    let nodes = seams.cluster.nodes(seams.deadline)?;
    let has_any = known(context, &nodes)
        .values()
        .any(|score| *score >= Score(0));
    if has_any {
        return Ok(());
    }
    info!(
        "no node has a promotion score, and this server was stopped as a primary: it offers itself"
    );
    set(context, seams, &context.local, Score::FIRST)
}

/// Offers a standby that gets no WAL from any primary for promotion, if the last primary has gone before it gave this
/// one a score, and an election can determine what this one lacks: if that primary was stopped in order, whose end
/// the election verifies that this node has, or if its commits waited for standbys. After another primary that was
/// lost, it is not known what a standby lacks that it had not judged: such a standby does not offer itself. A node that
/// was refused in this cluster stays refused. A former primary that has become a standby keeps its rank, but not the score
/// of a primary, if its end is not on record.
pub(super) fn offer_lone_standby<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> Result<(), Box<dyn std::error::Error>> {
    let nodes = seams.cluster.nodes(seams.deadline)?;
    let records = NodeRecords::of(context, &nodes);
    let own = records.scores.get(&context.local);
    let system_identifier = seams.server.system_identifier()?;
    let is_stopped = primary_end::is_stopped(records.ends.values(), system_identifier);
    // A demotion that could not record the end of this server's WAL leaves nothing else by which the other nodes can
    // tell that no primary runs here.
    if own == Some(&Score::PRIMARY) && !is_stopped {
        info!("{} is no primary any more", context.local);
        return Ok(set(context, seams, &context.local, Score::BEST)?);
    }
    if own.is_some_and(|own| *own >= Score(0) || *own == Score::REFUSED) {
        return Ok(());
    }
    let why = if is_stopped {
        "was stopped"
    } else if is_unjudged(own)
        && records.commits_waited(system_identifier)
        && is_primary_away(seams, &records)?
    {
        "is away"
    } else {
        return Ok(());
    };
    info!(
        "the last primary {why} and has left this standby without a promotion score: it offers itself"
    );
    Ok(set(context, seams, &context.local, Score::FIRST)?)
}

/// Returns whether no primary has judged a standby that has this score: it was not connected, or did not stream yet.
fn is_unjudged(score: Option<&Score>) -> bool {
    matches!(score, None | Some(&Score::NOT_CONNECTED | &Score::NOT_YET))
}

/// Returns whether no online node has a primary's score: a former primary keeps that score while it is absent.
fn is_primary_away<S, C: Cluster>(
    seams: &mut Seams<'_, S, C>,
    records: &NodeRecords,
) -> Result<bool, ClusterError> {
    let members = seams.cluster.members(seams.deadline)?;
    let mut primaries = records
        .scores
        .iter()
        .filter(|(_, score)| **score == Score::PRIMARY);
    Ok(!primaries.any(|(node, _)| members.contains(node)))
}

/// Sets a node's score.
pub(super) fn set<S, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    node: &Node,
    score: Score,
) -> Result<(), ClusterError> {
    info!("the promotion score of {node} is {score}");
    let name = context.attributes.promotion();
    let value = score.to_string();
    seams
        .cluster
        .set_permanent(node, &name, Some(&value), seams.deadline)
}
