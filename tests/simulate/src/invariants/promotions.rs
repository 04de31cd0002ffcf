//! Who may be promoted: who has every row that was acknowledged under a synchronous rule, where enough of those are
//! seen who could have acknowledged another. Knows no action.

use std::collections::BTreeSet;

use super::kind::Rule;
use crate::postgres::lineage::{Branch, BranchId, Row, Spot};
use crate::world::World;

impl World {
    /// The agent promotes a server, having seen the positions of these nodes.
    pub(crate) fn agent_promotes(&mut self, node: usize, seen: &BTreeSet<usize>) {
        if let Some(other) = self.other_writer(node) {
            let what = format!(
                "srv{} is promoted while clients write to srv{}",
                node + 1,
                other + 1
            );
            self.violation(Rule::OnePrimary, what);
        }
        let Some((rule, primary)) = self.watch.last.clone() else {
            return;
        };
        let seen: Vec<usize> = seen.iter().copied().collect();
        // The last primary has everything itself, and so has whoever has the end of one that was stopped in order.
        let extent = self.hosts[node].disk.extent;
        let has_end = self
            .watch
            .end
            .is_some_and(|end| self.lineage.has(extent.branch, extent.written, end));
        let has_all = |one: &usize| *one == primary || self.watch.heirs.contains(one);
        if has_all(&node) || has_end || seen.iter().any(has_all) || rule.is_certain(primary, &seen)
        {
            return;
        }
        let seen: Vec<String> = seen.iter().map(|one| format!("srv{}", one + 1)).collect();
        let what = format!(
            "srv{} is promoted; srv{} acknowledged by {rule}, and only {} were seen",
            node + 1,
            primary + 1,
            seen.join(", ")
        );
        self.violation(Rule::EnoughSeen, what);
    }

    /// Whether a server is the last primary's, and has everything that was acknowledged there: nobody has made it anew from
    /// one that lacks some of that.
    pub(crate) fn is_whole(&self, node: usize) -> bool {
        let is_last = self
            .watch
            .last
            .as_ref()
            .is_some_and(|(_, last)| *last == node);
        is_last && self.lacking(node).is_empty()
    }

    /// The rows that were acknowledged under a rule, that no operator has given up, and that a server lacks.
    fn lacking(&self, node: usize) -> Vec<Row> {
        let extent = self.hosts[node].disk.extent;
        let lacks = |row: &&Row| {
            let written = &self.rows[row.0];
            !written.given_up
                && !self
                    .lineage
                    .has(extent.branch, extent.written, written.spot)
        };
        self.watch.rows.iter().filter(lacks).copied().collect()
    }

    /// A server takes writes from now on.
    pub(crate) fn seen_writable(&mut self, node: usize) {
        if self.hosts[node].server.by_hand {
            return;
        }
        self.look_for_what_is_left_behind(node);
        self.watch.had_primary = true;
        self.watch.ends[node] = None;
        if self.hosts[node].server.senders.is_empty() {
            self.watch.heirs.insert(node);
        } else {
            self.may_acknowledge(node);
        }
        let extent = self.hosts[node].disk.extent;
        let lost = self.lacking(node);
        if !lost.is_empty() {
            let first = self.rows[lost[0].0].spot;
            let what = format!(
                "srv{} is a primary without {} acknowledged rows, the first at {}#{}",
                node + 1,
                lost.len(),
                self.lineage.branch(first.branch).timeline,
                first.end
            );
            let has_twin = |row: &Row| self.has_twin(self.rows[row.0].spot.branch, extent.branch);
            let rule = if lost.iter().all(has_twin) {
                Rule::TwinTimelines
            } else {
                Rule::NoRowLost
            };
            self.violation(rule, what);
            // Each is told of once.
            let rows = self.watch.rows.clone();
            for row in rows {
                let spot = self.rows[row.0].spot;
                let has = self.lineage.has(extent.branch, extent.written, spot);
                self.rows[row.0].given_up |= !has;
            }
        } else if self.hosts[node].server.senders.is_empty() {
            // All that was acknowledged is here, and lies before its timeline began.
            let begin = self.lineage.branch(extent.branch).parent;
            let begin = begin.map(|(branch, end)| Spot { branch, end });
            self.watch.end = begin.or(self.watch.end);
        }
    }

    /// Whether what a branch comes from includes another one of the same timeline.
    fn has_twin(&self, one: BranchId, branch: BranchId) -> bool {
        let Branch {
            system, timeline, ..
        } = *self.lineage.branch(one);
        self.lineage.ancestry(branch).any(|(other, _)| {
            let branch = self.lineage.branch(other);
            other != one && branch.system == system && branch.timeline == timeline
        })
    }
}
