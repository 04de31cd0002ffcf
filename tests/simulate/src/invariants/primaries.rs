//! That the agent causes no time in which two servers that clients reach take writes, and prolongs none. Knows no
//! action.

use std::time::Duration;

use super::kind::Rule;
use crate::clients::haproxy::Block;
use crate::world::World;

/// Longest that Pacemaker may take for two primaries: a monitor, a stop, and what comes between.
const PATIENCE: Duration = Duration::from_secs(150);

impl World {
    /// Whether some client is led to a server that takes writes.
    fn is_written_to(&self, server: usize) -> bool {
        let leads_there = |host: usize| {
            self.is_on(host)
                && self.hosts[host].proxy.is_up(Block::Prod, server)
                && self.network.joins(host, server)
        };
        self.is_on(server)
            && self.hosts[server].server.takes_writes()
            && (0..self.count()).any(leads_there)
    }

    pub(super) fn other_writer(&self, node: usize) -> Option<usize> {
        let others = (0..self.count()).filter(|other| *other != node);
        others
            .into_iter()
            .find(|other| self.is_written_to(*other) && !self.hosts[*other].server.by_hand)
    }

    /// Whether the agent could have done something about a primary: of one that an operator has made it by hand it hears
    /// when it is called for it, and where Pacemaker has stopped the resource it never is.
    fn is_agents(&self, node: usize) -> bool {
        !self.hosts[node].server.by_hand || self.watch.called[node] > self.watch.by_hand[node]
    }

    /// Looks whether two take writes for longer than it takes to end one. While the resource is not managed, Pacemaker
    /// has neither stopped.
    pub(crate) fn look_for_two_primaries(&mut self) {
        let writers: Vec<usize> = (0..self.count())
            .filter(|one| self.is_written_to(*one) && self.is_agents(*one))
            .collect();
        let managed = |one: &usize| self.pacemaker.is_managed(crate::world::node(*one));
        if writers.len() < 2 || self.network.is_cut() || !writers.iter().all(managed) {
            self.watch.two_since = None;
            return;
        }
        let since = *self.watch.two_since.get_or_insert(self.now);
        let quiet = self.watch.touched.iter().max().copied().unwrap_or_default();
        if self.now.saturating_sub(since.max(quiet)) > PATIENCE {
            self.watch.two_since = Some(Duration::MAX);
            let names: Vec<String> = writers
                .iter()
                .map(|one| format!("srv{}", one + 1))
                .collect();
            let what = format!("clients write to {} at once", names.join(" and "));
            self.violation(Rule::OnePrimary, what);
        }
    }
}
