//! What a running primary publishes in the cluster: what the next election has to know of it, and its standbys' scores.
//! Knows no election.

use std::collections::BTreeMap;
use std::error::Error;

use tracing::warn;

use super::cluster::{Cluster, PermanentAttributes};
use super::node_records::NodeRecords;
use super::primary_record::PrimaryRecord;
use super::server::Server;
use super::{Context, Seams, primary_ends, scores, supersede, sync_rules, unknown};
use crate::agent::decide::known_primary::Standing;
use crate::agent::decide::primary_end::{Moment, Promotion};
use crate::agent::ocf::clone::TakenFor;
use crate::agent::ocf::node::Node;

/// The state of the cluster's nodes and of this primary, from which it is published.
struct PrimaryView {
    nodes: BTreeMap<Node, PermanentAttributes>,
    records: NodeRecords,
    setting: Option<String>,
    record: PrimaryRecord,
}

/// Publishes it, if the cluster believes this server to be its primary, or has it on record as one. A server that was
/// promoted by hand in parallel to the primary says nothing of standbys that are not its own.
pub(super) fn tell<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    taken_for: TakenFor,
) -> Result<(), Box<dyn Error>> {
    PrimaryView::of(context, seams)?.tell(context, seams, taken_for)
}

/// Publishes what an interrupted promotion has not published, and again what it has; nothing for a promotion that its
/// own node has not recorded as planned.
pub(super) fn make_up<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
) -> Result<Standing, Box<dyn Error>> {
    let seen = PrimaryView::of(context, seams)?;
    let primary = seen
        .records
        .primary(context, &seen.record, TakenFor::Unknown);
    let standing = primary.standing();
    if standing == Standing::Known {
        seen.tell(context, seams, TakenFor::Promoted)?;
    }
    Ok(standing)
}

impl PrimaryView {
    fn of<S: Server, C: Cluster>(
        context: &Context,
        seams: &mut Seams<'_, S, C>,
    ) -> Result<Self, Box<dyn Error>> {
        let nodes = seams.cluster.nodes(seams.deadline)?;
        let (setting, record) = look(seams)?;
        Ok(Self {
            records: NodeRecords::of(context, &nodes),
            nodes,
            setting,
            record,
        })
    }

    fn tell<S: Server, C: Cluster>(
        &self,
        context: &Context,
        seams: &mut Seams<'_, S, C>,
        taken_for: TakenFor,
    ) -> Result<(), Box<dyn Error>> {
        let record = &self.record;
        let primary = self.records.primary(context, record, taken_for);
        match primary.standing() {
            Standing::Known => {}
            Standing::Unexpected => {
                warn!(
                    "this primary, on timeline {} that began at {}, is not the one that the cluster knows: it sets no \
                     scores",
                    record.branch.timeline, record.branch.begin.at
                );
                return Ok(());
            }
        }
        let promotion = primary.promotion();
        let rule = self.setting.as_deref();
        let is_kept = keep_running(
            context,
            seams,
            &self.nodes,
            &self.records,
            rule,
            record,
            promotion,
        );
        if is_kept && (taken_for, promotion) == (TakenFor::Promoted, Promotion::Elected) {
            supersede::records(context, seams, &self.records, record);
        }
        if taken_for == TakenFor::Promoted {
            unknown::forget(context, seams, &self.records.unknown_primaries);
        }
        scores::hand_out(context, seams, &self.nodes)
    }
}

/// Records what the next election has to know of a running primary: which standbys its commits wait for, and where its
/// timeline began. What clients have written since then, no standby may have yet: if the next primary had to have it,
/// none could replace a primary that dies at once. The beginning is recorded first: it says how this server became a
/// primary, and without it a rule would be attributed to an elected one, and would take the place of those of the timeline
/// before. Returns whether the beginning is recorded.
pub(super) fn keep_running<S: Server, C: Cluster>(
    context: &Context,
    seams: &mut Seams<'_, S, C>,
    nodes: &BTreeMap<Node, PermanentAttributes>,
    records: &NodeRecords,
    rule: Option<&str>,
    record: &PrimaryRecord,
    promotion: Promotion,
) -> bool {
    let record = &record.with(records.ends.get(&context.local));
    let is_kept =
        primary_ends::keep_end(context, seams, records, record, Moment::Started, promotion);
    let own = records.rules.get(&context.local);
    let is_parent_needed = own.is_some_and(|own| own.of_parent().is_some());
    if let Some(setting) = rule
        && (is_kept || (promotion == Promotion::Elected && !is_parent_needed))
        && let Err(error) = sync_rules::keep(context, seams, nodes, records, setting, record)
    {
        warn!("cannot record which standbys commits wait for: {error}");
    }
    is_kept
}

/// Observes a running primary: first which standbys its commits wait for, and then its position, so that everything
/// that was acknowledged under another rule lies before that position.
pub(super) fn look<S: Server, C>(
    seams: &mut Seams<'_, S, C>,
) -> Result<(Option<String>, PrimaryRecord), Box<dyn Error>> {
    let setting = match seams.server.synchronous_standby_names(seams.deadline) {
        Ok(setting) => Some(setting),
        Err(error) => {
            warn!("cannot record which standbys commits wait for: {error}");
            None
        }
    };
    let position = seams.server.traces(seams.deadline)?.position();
    let position = position.ok_or("the position of this primary is not known")?;
    Ok((setting, PrimaryRecord::of(seams, position)?))
}
