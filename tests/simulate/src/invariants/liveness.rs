//! That there is a primary in the end, once nothing has been wrong for a while. Knows no action.

use super::kind::Rule;
use crate::events::{Event, Kind};
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
        if self.could_safely_be_one().is_none() {
            return;
        }
        // The operator is told what is lacking, and what to do about it.
        let tells = |reason: &String| {
            reason.contains("must not be promoted")
                && (reason.contains("delete the attribute") || reason.contains("accept"))
        };
        // What somebody has promoted beside the primary, and what that had, only an operator can choose between.
        let by_hand = |event: &Event| event.kind == Kind::PromoteByHand;
        let is_for_an_operator =
            !self.watch.kept_away.is_empty() || self.events.iter().any(by_hand);
        if is_for_an_operator && reasons.iter().any(tells) {
            return;
        }
        let what = format!("there is no primary ({})", reasons.join("; "));
        self.violation(Rule::PrimaryInTheEnd, what);
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
        let may = |node: &usize| {
            !self.watch.kept_away.contains(node) && !self.watch.on_standby.contains(node)
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
