//! How a server is shut down, dies, or loses its power. Knows nothing of who wants that.

use std::time::Duration;

use pgsql_state::postgres::control::ClusterState;
use wal_writer::Mark;

use super::lineage::{BranchId, Spot};
use super::server::{Life, Role};
use crate::world::{Step, World};

impl World {
    /// It is told to stop: as a fast shutdown does.
    pub(crate) fn begin_stop(&mut self, node: usize) {
        let now = self.now;
        let server = &mut self.hosts[node].server;
        if matches!(server.life, Life::Down | Life::Stopping) || server.frozen || server.stuck {
            return;
        }
        let was_ready = server.life == Life::Ready;
        server.life = Life::Stopping;
        server.stopping_since = now;
        server.waiting.clear();
        let is_primary = server.role == Role::Primary && was_ready;
        if is_primary {
            self.hosts[node].disk.control.state = ClusterState::ShuttingDown;
        } else {
            self.drop_receiver(node);
        }
        let time = self.some_millis(30, 300) + self.slow_disk(node);
        self.plan(node, time, Step::LastCheckpoint);
    }

    pub(super) fn last_checkpoint(&mut self, node: usize) {
        let server = &self.hosts[node].server;
        if server.life != Life::Stopping || server.frozen || server.stuck {
            self.plan(node, Duration::from_secs(1), Step::LastCheckpoint);
            return;
        }
        let state = self.hosts[node].disk.control.state;
        if state == ClusterState::ShuttingDown {
            if self.hosts[node].server.last_words.is_none() {
                self.write_mark(node, Mark::ShutdownCheckpoint);
                let end = self.hosts[node].disk.extent.written;
                let branch = self.hosts[node].disk.extent.branch;
                let begin = self
                    .lineage
                    .last_before(branch, end)
                    .map(|record| record.begin);
                self.set_checkpoint(node, begin.unwrap_or_default());
                self.hosts[node].server.last_words = Some(end);
            }
            self.end_if_all_have_it(node);
            return;
        }
        if state == ClusterState::ArchiveRecovery {
            let position = self.position(node);
            let disk = &mut self.hosts[node].disk;
            disk.control.state = ClusterState::ShutDownInRecovery;
            disk.control.minimum_recovery = disk.control.minimum_recovery.max(Some(position));
        }
        self.die(node, false);
    }

    /// A primary that goes down ends once every standby that is connected has its last record.
    pub(crate) fn end_if_all_have_it(&mut self, node: usize) {
        let server = &self.hosts[node].server;
        let Some(end) = server.last_words else {
            return;
        };
        if server.life == Life::Stopping
            && server.senders.iter().all(|sender| sender.flushed >= end)
        {
            self.hosts[node].disk.control.state = ClusterState::ShutDown;
            let branch = self.hosts[node].disk.extent.branch;
            self.primary_stopped(node, Spot { branch, end });
            self.watch.ends[node] = Some(Spot { branch, end });
            self.die(node, false);
        }
    }

    /// Its processes end, whatever it was doing.
    pub(crate) fn die(&mut self, node: usize, leaves_orphans: bool) {
        if self.hosts[node].server.life == Life::Down {
            return;
        }
        self.drop_receiver(node);
        for link in self.hosts[node].server.links() {
            self.drop_link_seen(node, link);
        }
        let server = &mut self.hosts[node].server;
        server.life = Life::Down;
        server.epoch += 1;
        server.frozen = false;
        server.full = false;
        server.promoting = false;
        server.waiting.clear();
        server.senders.clear();
        server.orphans = leaves_orphans;
        self.keepers_notice(node);
        if leaves_orphans {
            let time = self.some_millis(200, 2_500);
            self.plan(node, time, Step::OrphansEnd);
        }
    }

    /// The power goes: nobody is told, and what was not flushed is lost.
    pub(crate) fn lose_server(&mut self, node: usize) {
        let server = &mut self.hosts[node].server;
        server.life = Life::Down;
        server.epoch += 1;
        server.frozen = false;
        server.stuck = false;
        server.full = false;
        server.orphans = false;
        server.promoting = false;
        server.receiver = None;
        server.senders.clear();
        server.waiting.clear();
        let extent = self.hosts[node].disk.extent;
        if extent.written > extent.flushed {
            let timeline = self.lineage.branch(extent.branch).timeline;
            let disk = &mut self.hosts[node].disk;
            disk.pg_wal.lose(timeline, extent.flushed, extent.written);
            disk.extent.written = extent.flushed;
            disk.extent.replayed = extent.replayed.min(extent.flushed);
            self.forget_unflushed(extent.branch, extent.flushed, node);
        }
    }

    /// Records that only this server had, and has no more, were never written.
    fn forget_unflushed(&mut self, branch: BranchId, at: u64, node: usize) {
        let others = (0..self.count()).filter(|other| *other != node);
        let is_elsewhere = others.into_iter().any(|other| {
            let extent = self.hosts[other].disk.extent;
            extent.branch == branch && extent.written > at
        });
        if !is_elsewhere && self.lineage.end(branch) > at {
            self.lineage.cut(branch, at);
        }
    }
}
