//! That there is a primary in the end, once nothing has been wrong for a while. Knows no action.

use pgsql_state::postgres::control::ClusterState;

use super::kind::Rule;
use crate::disk::Place;
use crate::events::{Event, Kind};
use crate::pacemaker::Lifetime;
use crate::postgres::lineage::{Extent, Row, Spot};
use crate::postgres::sync;
use crate::world::World;
use crate::world::setup::PROMOTION;

impl World {
    /// Looks whether there is one.
    pub(crate) fn look_for_a_primary(&mut self) {
        let is_primary = |one: &usize| self.is_on(*one) && self.hosts[*one].server.takes_writes();
        if (0..self.count()).any(|one| is_primary(&one)) {
            return;
        }
        let reasons: Vec<String> = self
            .watch
            .reasons
            .iter()
            .enumerate()
            .filter_map(|(node, reason)| Some(format!("srv{}: {}", node + 1, reason.as_ref()?)))
            .collect();
        let Some(could) = self.could_safely_be_one() else {
            return;
        };
        if self.is_left_to_an_operator() {
            return;
        }
        let what = format!(
            "there is no primary, and srv{} could be one ({})",
            could + 1,
            reasons.join("; ")
        );
        self.violation(Rule::PrimaryInTheEnd, what);
    }

    /// Whether only an operator can choose, and is told what is lacking and what to do about it.
    pub(super) fn is_left_to_an_operator(&self) -> bool {
        let tells = |reason: &String| {
            reason.contains("must not be promoted") && reason.contains("promotion score")
        };
        // What somebody has promoted beside the primary, and what that had, only an operator can choose between.
        let by_hand = |event: &Event| matches!(event.kind, Kind::PromoteByHand | Kind::StartByHand);
        let is_for_an_operator = (0..self.count()).any(|one| self.is_kept_away(one))
            || self.events.iter().any(by_hand)
            || self.is_an_end_out_of_reach()
            || self.are_both_of_two_apart()
            || self.is_the_last_primary_off();
        is_for_an_operator && self.watch.reasons.iter().flatten().any(tells)
    }

    /// The promotion score of a node, as the cluster has it.
    fn score(&self, one: usize) -> Option<i32> {
        let asked = self.asked()?;
        let one = crate::world::node(one);
        let score = self
            .pacemaker
            .attribute(asked, one, PROMOTION, Lifetime::Permanent);
        score?.parse().ok()
    }

    /// A node that can tell what the cluster has.
    fn asked(&self) -> Option<crate::pacemaker::Node> {
        let mut nodes = (0..self.count()).map(crate::world::node);
        nodes.find(|node| !self.pacemaker.members(*node).is_empty())
    }

    /// Whether an operator keeps the primary from a node, or has put that on standby, as the cluster has it: where partitions
    /// come together again, one configuration holds, and the other one's changes are lost.
    fn is_kept_away(&self, one: usize) -> bool {
        let on = |asked| {
            let one = crate::world::node(one);
            let standby = self
                .pacemaker
                .attribute(asked, one, "standby", Lifetime::Permanent);
            standby == Some("on") || self.pacemaker.is_banned(asked, one)
        };
        self.watch.kept_away.contains(&one)
            || self.watch.on_standby.contains(&one)
            || self.asked().is_some_and(on)
    }

    /// Whether the host is lost of the last primary: of one that ran beside the cluster only an operator can say that it
    /// does not take writes any more.
    fn is_the_last_primary_off(&self) -> bool {
        let last = self.watch.last.as_ref();
        last.is_some_and(|(_, last)| !self.is_on(*last))
            && self.watch.reasons.iter().flatten().any(|reason| {
                reason.contains("a primary that the cluster does not know of was seen")
            })
    }

    /// Whether both servers of two nodes were promoted, each in a part that had the quorum, and neither's commits could be
    /// acknowledged since: each has what the other lacks, and nothing tells which of them is to be kept.
    fn are_both_of_two_apart(&self) -> bool {
        let [one, other] = &self.hosts[..] else {
            return false;
        };
        let [one, other] = [one, other].map(|host| host.disk.extent);
        let follows = |one: Extent, other: Extent| {
            self.lineage.leads_to(one.branch, one.written, other.branch)
        };
        let has = |extent: Extent, row: &Row| {
            let spot = self.rows[row.0].spot;
            self.lineage.has(extent.branch, extent.written, spot)
        };
        let mut rows = self.watch.rows.iter();
        !follows(one, other)
            && !follows(other, one)
            && rows.all(|row| has(one, row) == has(other, row))
    }

    /// Whether a host that is lost had a primary that was stopped in order, or promoted, with WAL until then that no other
    /// host has: only an operator can say that nothing of worth is in that.
    fn is_an_end_out_of_reach(&self) -> bool {
        let (on, off): (Vec<usize>, Vec<usize>) =
            (0..self.count()).partition(|node| self.is_on(*node));
        off.into_iter().any(|one| {
            let disk = &self.hosts[one].disk;
            let begin = self.lineage.branch(disk.extent.branch).parent;
            let begin = begin.map(|(branch, end)| Spot { branch, end });
            let is_out_of_reach = |spot: Spot| {
                let has = |node: &usize| {
                    let extent = self.hosts[*node].disk.extent;
                    self.lineage.has(extent.branch, extent.written, spot)
                };
                !on.iter().any(has)
            };
            let end = self.watch.ends[one];
            end.is_some_and(is_out_of_reach) || begin.is_some_and(is_out_of_reach)
        })
    }

    /// A server that Pacemaker may promote, which has every row that must not be lost, and of which that is certain.
    pub(super) fn could_safely_be_one(&self) -> Option<usize> {
        let on: Vec<usize> = (0..self.count()).filter(|node| self.is_on(*node)).collect();
        if on.len() * 2 <= self.count() && self.count() > 2 {
            return None;
        }
        // A server whose directory somebody has emptied, to make it anew, tells nothing of what it had acknowledged.
        let tell: Vec<usize> = on
            .iter()
            .copied()
            .filter(|node| self.hosts[*node].disk.place == Place::Right)
            .collect();
        let is_certain = self.watch.last.as_ref().is_none_or(|(rule, primary)| {
            tell.contains(primary) || rule.is_certain(*primary, &tell)
        });
        let has = |node: usize, row: &crate::postgres::server::Written| {
            let extent = self.hosts[node].disk.extent;
            self.lineage.has(extent.branch, extent.written, row.spot)
        };
        let must_be_kept = |index: usize| !self.rows[index].given_up;
        let has_acknowledged = |node: usize| {
            let mut rows = self.watch.rows.iter();
            rows.all(|row| !must_be_kept(row.0) || has(node, &self.rows[row.0]))
        };
        // What another one has that is there, acknowledged or not, an operator has to give up first.
        let has_everything = |node: &usize| {
            has_acknowledged(*node)
                && self.rows.iter().rev().take(200).all(|row| {
                    let others = on.iter().filter(|other| *other != node);
                    has(*node, row) || !others.into_iter().any(|other| has(*other, row))
                })
        };
        // A standby of a database cluster that never had a primary here may follow one elsewhere.
        let is_begun = |node: usize| {
            self.watch.had_primary || self.hosts[node].disk.control.state == ClusterState::ShutDown
        };
        let is_kept_away = |node: &usize| self.is_kept_away(*node);
        // Where commits waited for nobody and the last primary is lost, or the operator keeps it away, only that can say what
        // a standby lacks that it had not found fit when it last looked: the page says to look before. It is lost with its data
        // directory, too, if `crm_mon` shows that.
        let is_emptied = |node: &usize| {
            let reason = self.watch.reasons[*node].as_ref();
            !tell.contains(node)
                && reason.is_some_and(|reason| reason.contains("there is no data directory"))
        };
        let last = self.watch.last.as_ref();
        let is_unheard = last.is_some_and(|(rule, last)| {
            let is_away =
                |node: &usize| is_kept_away(node) || !self.is_on(*node) || is_emptied(node);
            let is_away = is_away(last) || self.watch.heirs.iter().any(is_away);
            *rule == sync::Rule::Nobody && is_away
        });
        let may = |node: &usize| {
            is_begun(*node)
                && !is_kept_away(node)
                && (!is_unheard || self.score(*node).is_some_and(|score| score >= 0))
        };
        on.iter()
            .copied()
            .find(|node| is_certain && may(node) && has_everything(node))
    }

    /// The host that the last event has taken the power of, if the others can do without.
    pub(crate) fn lost_for_good(&self, last: std::time::Duration) -> Option<usize> {
        let event = self.events.iter().find(|event| event.at == last)?;
        let off: Vec<usize> = (0..self.count())
            .filter(|node| !self.is_on(*node))
            .collect();
        let is_lost = event.kind == Kind::PowerLoss && off.len() == 1 && self.count() > 2;
        off.first().copied().filter(|_| is_lost)
    }
}
