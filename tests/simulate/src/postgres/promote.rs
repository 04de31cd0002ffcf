//! How a standby is promoted. Knows nothing of who wants that.

use wal_writer::Mark;

use super::server::{Life, Role};
use crate::world::{Step, World};

impl World {
    /// It is told to become a primary, which it does once it has replayed everything.
    pub(crate) fn begin_promotion(&mut self, node: usize) {
        let server = &mut self.hosts[node].server;
        if server.role != Role::Standby || server.life == Life::Down || server.promoting {
            return;
        }
        server.promoting = true;
        self.hear_of_promotion(node);
    }

    /// A server takes note of the file that tells it to become a primary: one that is stopped by a signal, or waits for its
    /// disk, when it goes on.
    pub(crate) fn hear_of_promotion(&mut self, node: usize) {
        let server = &mut self.hosts[node].server;
        if !server.promoting || server.frozen || server.stuck {
            return;
        }
        server.replay_paused = false;
        self.drop_receiver(node);
        self.flush(node);
        if self.hosts[node].server.has_replayed {
            self.promoted_if_replayed(node);
        }
    }

    pub(crate) fn promoted_if_replayed(&mut self, node: usize) {
        let host = &self.hosts[node];
        if host.server.promoting && host.disk.extent.replayed >= host.disk.extent.written {
            self.promoted(node);
        } else if host.server.promoting && !host.server.replay_planned {
            self.plan_replay(node);
        }
    }

    pub(super) fn promoted(&mut self, node: usize) {
        let extent = self.hosts[node].disk.extent;
        let disk = &self.hosts[node].disk;
        let old = self.lineage.branch(extent.branch).timeline;
        let known = disk.pg_wal.histories.keys().max().copied().unwrap_or(1);
        let timeline = known.max(old) + 1;
        let branch = self.lineage.fork(extent.branch, extent.written, timeline);
        let text = self.lineage.history(branch);
        let now = self.hosts[node].clock.wall(self.now);
        let disk = &mut self.hosts[node].disk;
        disk.pg_wal.fork(old, timeline, extent.written);
        disk.pg_wal.write_history(timeline, &text, now);
        disk.extent.branch = branch;
        disk.signal = false;
        self.hosts[node].server.promoting = false;
        self.begin_to_write(node, false);
        self.seen_writable(node);
        let time = u64::try_from(now.as_micros()).unwrap_or_default();
        self.write_mark(node, Mark::EndOfRecovery(time));
        let time = self.some_millis(200, 3_000);
        self.plan(node, time, Step::Checkpoint);
    }
}
