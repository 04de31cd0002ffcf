//! That no healthy server is stopped and no host fenced without cause. Knows no action.

use std::time::Duration;

use super::kind::Rule;
use crate::events::{Event, Kind};
use crate::world::World;

/// So long after an event what Pacemaker does may come of it.
const CAUSE: Duration = Duration::from_secs(200);

impl World {
    /// Something is done to nodes, by what goes wrong or by an operator.
    pub(crate) fn touch(&mut self, event: Event) {
        let is_of_one = match event.kind {
            Kind::Freeze
            | Kind::Crash
            | Kind::BackendCrash
            | Kind::DiskFails
            | Kind::DiskHangs
            | Kind::DiskSlow
            | Kind::Rename
            | Kind::SlowPrograms
            | Kind::PowerLoss => true,
            // These are no reason to stop or fence anything.
            Kind::Full
            | Kind::PauseReplay
            | Kind::RemoveSegment
            | Kind::SlowReplay
            | Kind::Overflow
            | Kind::Bulk
            | Kind::SetRule
            | Kind::Hba
            | Kind::NoUsers
            | Kind::ClockDrifts
            | Kind::ClockJumps
            | Kind::Refresh
            | Kind::RefreshAll
            | Kind::Cleanup
            | Kind::KillController
            | Kind::BadParameter
            | Kind::GoodParameter
            | Kind::FencedForGood
            | Kind::Keepers
            | Kind::KeeperDies
            | Kind::KeeperLate
            | Kind::KeeperDoubled => return,
            Kind::PowerLossOfAll
            | Kind::Cut
            | Kind::CutOneWay
            | Kind::KillAction
            | Kind::FencingSlow
            | Kind::FencingFails
            | Kind::BanPromoted
            | Kind::Ban
            | Kind::Move
            | Kind::NodeStandby
            | Kind::Maintenance
            | Kind::Unmanage
            | Kind::Disable
            | Kind::StopCluster
            | Kind::PromoteByHand
            | Kind::StopByHand
            | Kind::StartByHand
            | Kind::MakeAnew
            | Kind::RestoreAll
            | Kind::RollingRestart
            | Kind::Rebuild => false,
        };
        let now = self.now;
        // A failover may follow on any node from what happens to one.
        let touched = &mut self.watch.touched;
        if is_of_one
            && !self.hosts[event.node].server.takes_writes()
            && self.hosts[event.node].server.role == crate::postgres::server::Role::Standby
        {
            touched[event.node] = now;
        } else {
            touched.fill(now);
        }
    }

    /// An operator has done something that Pacemaker may move anything for.
    pub(crate) fn touch_all(&mut self) {
        let now = self.now;
        self.watch.touched.fill(now);
    }

    /// The agent stops a server that works. Where a partition has lost the quorum, Pacemaker has all servers stopped
    /// (`no-quorum-policy`), also for a host that was lost after another one's cluster software was stopped.
    pub(crate) fn agent_stops(&mut self, node: usize) {
        let is_quorate = self.pacemaker.quorate(crate::world::node(node));
        if is_quorate && self.has_no_cause(node) && self.fresh(node).is_ok() {
            let what = format!("srv{} is stopped, and nothing was wrong with it", node + 1);
            self.violation(Rule::NoneStopped, what);
        }
    }

    /// Pacemaker has a node fenced.
    pub(crate) fn note_fencing(&mut self, node: usize) {
        if self.has_no_cause(node) {
            let what = format!("srv{} is fenced, and nothing was wrong with it", node + 1);
            self.violation(Rule::NoneFenced, what);
        }
        let now = self.now;
        self.watch.touched.fill(now);
    }

    fn has_no_cause(&self, node: usize) -> bool {
        self.now.saturating_sub(self.watch.touched[node]) > CAUSE && !self.network.is_cut()
    }
}
