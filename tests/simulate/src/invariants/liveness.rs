//! That there is a primary in the end, once nothing has been wrong for a while. Knows no action.

use pgsql_state::postgres::control::ClusterState;

use super::kind::Rule;
use crate::events::{Event, Kind};
use crate::pacemaker::Lifetime;
use crate::postgres::lineage::Spot;
use crate::world::World;

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
        // The operator is told what is lacking, and what to do about it.
        let tells = |reason: &String| {
            reason.contains("must not be promoted")
                && (reason.contains("delete the attribute") || reason.contains("accept"))
        };
        // What somebody has promoted beside the primary, and what that had, only an operator can choose between.
        let by_hand = |event: &Event| matches!(event.kind, Kind::PromoteByHand | Kind::StartByHand);
        let is_for_an_operator = !self.watch.kept_away.is_empty()
            || (0..self.count()).any(|one| self.is_on_standby(one))
            || self.events.iter().any(by_hand)
            || self.is_an_end_out_of_reach();
        if is_for_an_operator && reasons.iter().any(tells) {
            return;
        }
        let what = format!(
            "there is no primary, and srv{} could be one ({})",
            could + 1,
            reasons.join("; ")
        );
        self.violation(Rule::PrimaryInTheEnd, what);
    }

    /// Whether an operator has put a node on standby, as the cluster has it: where partitions come together again, one
    /// configuration holds, and the other one's changes are lost.
    fn is_on_standby(&self, one: usize) -> bool {
        let asked = (0..self.count())
            .find(|node| !self.pacemaker.members(crate::world::node(*node)).is_empty());
        let on = |asked| {
            let (asked, one) = (crate::world::node(asked), crate::world::node(one));
            let standby = self
                .pacemaker
                .attribute(asked, one, "standby", Lifetime::Permanent);
            standby == Some("on")
        };
        self.watch.on_standby.contains(&one) || asked.is_some_and(on)
    }

    /// Whether a host that is lost had a primary that was stopped in order, or promoted, with WAL until then that no other
    /// host has: only an operator can say that nothing of worth is in that.
    fn is_an_end_out_of_reach(&self) -> bool {
        let (on, off): (Vec<usize>, Vec<usize>) =
            (0..self.count()).partition(|node| self.is_on(*node));
        off.into_iter().any(|one| {
            let disk = &self.hosts[one].disk;
            let end = Spot {
                branch: disk.extent.branch,
                end: disk.extent.written,
            };
            let begin = self.lineage.branch(disk.extent.branch).parent;
            let begin = begin.map(|(branch, end)| Spot { branch, end });
            let is_out_of_reach = |spot: Spot| {
                let has = |node: &usize| {
                    let extent = self.hosts[*node].disk.extent;
                    self.lineage.has(extent.branch, extent.written, spot)
                };
                !on.iter().any(has)
            };
            (disk.control.state == ClusterState::ShutDown && is_out_of_reach(end))
                || begin.is_some_and(is_out_of_reach)
        })
    }

    /// A server that Pacemaker may promote, which has every row that must not be lost, and of which that is certain.
    fn could_safely_be_one(&self) -> Option<usize> {
        let on: Vec<usize> = (0..self.count()).filter(|node| self.is_on(*node)).collect();
        if on.len() * 2 <= self.count() && self.count() > 2 {
            return None;
        }
        let is_certain =
            self.watch.last.as_ref().is_none_or(|(rule, primary)| {
                on.contains(primary) || rule.is_certain(*primary, &on)
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
        let may = |node: &usize| {
            is_begun(*node) && !self.watch.kept_away.contains(node) && !self.is_on_standby(*node)
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
