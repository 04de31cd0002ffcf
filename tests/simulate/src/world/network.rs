//! Which hosts hear which. Knows nothing of what they say.

use std::collections::BTreeSet;

/// The network between hosts, by their numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Network {
    /// From one to another nothing comes through.
    cut: BTreeSet<(usize, usize)>,
}

impl Network {
    /// Whether what one host sends comes to another.
    pub(crate) fn carries(&self, from: usize, to: usize) -> bool {
        from == to || !self.cut.contains(&(from, to))
    }

    /// Whether two hosts can talk.
    pub(crate) fn joins(&self, one: usize, other: usize) -> bool {
        self.carries(one, other) && self.carries(other, one)
    }

    /// Cuts a part of the hosts off from all others.
    pub(crate) fn part(&mut self, part: &BTreeSet<usize>, count: usize) {
        for one in part {
            for other in (0..count).filter(|other| !part.contains(other)) {
                self.cut.insert((*one, other));
                self.cut.insert((other, *one));
            }
        }
    }

    /// Cuts one direction.
    pub(crate) fn cut_one_way(&mut self, from: usize, to: usize) {
        self.cut.insert((from, to));
    }

    /// Everything comes through again.
    pub(crate) fn heal(&mut self) {
        self.cut.clear();
    }

    /// Whether something is cut.
    pub(crate) fn is_cut(&self) -> bool {
        !self.cut.is_empty()
    }

    /// Sets of hosts that hear one another, by the rule of Corosync's totem: each member has to hear each.
    pub(crate) fn groups(&self, hosts: &BTreeSet<usize>) -> Vec<BTreeSet<usize>> {
        let mut left = hosts.clone();
        let mut groups = Vec::new();
        while let Some(first) = left.pop_first() {
            let mut group = BTreeSet::from([first]);
            for one in &left {
                if group.iter().all(|member| self.joins(*member, *one)) {
                    group.insert(*one);
                }
            }
            left.retain(|one| !group.contains(one));
            groups.push(group);
        }
        groups
    }
}
