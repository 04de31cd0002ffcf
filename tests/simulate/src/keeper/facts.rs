//! What a keeper sees of the cluster, as the CIB would tell it. Decides nothing.

use pgsql_state::agent::ocf::node::Node;
use pgsql_state::keeper::facts::{
    InstanceRole, MarkRule, OtherNode, PartitionQuorum, Presence, ResourceFacts,
};
use pgsql_state::tools::doctor::pacemaker::cib::Unattended;

use crate::pacemaker::{Lifetime, RoleOnRecord};
use crate::world::setup::PROMOTION;
use crate::world::{self, World};

impl World {
    /// What Pacemaker tells the keeper of a host; `None` where it does not run there.
    pub(super) fn keepers_view(&self, node: usize) -> Option<ResourceFacts> {
        let asking = world::node(node);
        if self.pacemaker.members(asking).is_empty() {
            return None;
        }
        let others = (0..self.count()).filter(|other| *other != node);
        let others = others.map(|other| {
            let name: Node = self.hosts[other].name.clone();
            (name, self.other(node, other))
        });
        let is_managed = self.pacemaker.is_managed(asking);
        Some(ResourceFacts {
            unattended: (!is_managed).then_some(Unattended::Unmanaged),
            role: self.role_on_record(node, node),
            mark: self.is_marked(node, node),
            others: others.collect(),
            quorum: if self.pacemaker.quorate(asking) {
                PartitionQuorum::Held
            } else {
                PartitionQuorum::Lost
            },
            rule: MarkRule::Present,
        })
    }

    fn other(&self, node: usize, other: usize) -> OtherNode {
        let (asking, of) = (world::node(node), world::node(other));
        let score = self
            .pacemaker
            .attribute(asking, of, PROMOTION, Lifetime::Permanent);
        OtherNode {
            presence: if self.pacemaker.members(asking).contains(&of) {
                Presence::Online
            } else {
                Presence::Offline
            },
            role: self.role_on_record(node, other),
            score: score.and_then(|score| score.parse().ok()),
        }
    }

    fn role_on_record(&self, asking: usize, node: usize) -> InstanceRole {
        let [asking, node] = [asking, node].map(world::node);
        match self.pacemaker.role_on_record(asking, node) {
            RoleOnRecord::Promoted => InstanceRole::Promoted,
            RoleOnRecord::Unpromoted => InstanceRole::Unpromoted,
            RoleOnRecord::Stopped => InstanceRole::Stopped,
            RoleOnRecord::Changing => InstanceRole::Changing,
            RoleOnRecord::Unknown => InstanceRole::Unknown,
        }
    }
}
