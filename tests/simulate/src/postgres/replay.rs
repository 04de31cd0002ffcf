//! How a standby replays what it has flushed. Knows nothing of where that came from.

use super::server::{Life, Role};
use crate::world::{Step, World};

impl World {
    pub(crate) fn plan_replay(&mut self, node: usize) {
        let server = &mut self.hosts[node].server;
        if server.replay_planned || server.replay_paused || server.frozen || server.stuck {
            return;
        }
        server.replay_planned = true;
        let time = server.replay_delay;
        self.plan(node, time, Step::Replay);
    }

    pub(crate) fn replay(&mut self, node: usize) {
        let server = &mut self.hosts[node].server;
        server.replay_planned = false;
        if server.frozen || server.stuck || server.replay_paused || server.role != Role::Standby {
            return;
        }
        if matches!(server.life, Life::Down | Life::Stopping) {
            return;
        }
        let extent = &mut self.hosts[node].disk.extent;
        let before = extent.replayed;
        extent.replayed = extent.replayed.max(extent.flushed);
        let after = extent.replayed;
        if before < after {
            self.restartpoint_between(node, before, after);
            self.snapshot_arrives(node);
        }
        self.promoted_if_replayed(node);
    }

    /// A primary's record of its running transactions ends the wait for one.
    pub(super) fn snapshot_arrives(&mut self, node: usize) {
        let server = &self.hosts[node].server;
        if server.life == Life::Starting && server.has_replayed && !self.is_snapshot_pending(node) {
            self.hosts[node].server.life = Life::Ready;
        }
    }
}
