//! Checkpoints, and what is done with WAL before them: its files get names of segments to come. Knows no client.

use pgsql_state::health::Lsn;
use pgsql_state::postgres::Timeline;
use pgsql_state::postgres::control::ClusterState;
use wal_writer::Mark;

use super::server::{Life, Role};
use crate::disk::segment::SEGMENT;
use crate::world::{Step, World};

impl World {
    /// A primary's checkpoint, or a standby's restartpoint.
    pub(crate) fn checkpoint(&mut self, node: usize) {
        let server = &self.hosts[node].server;
        if server.life != Life::Ready || server.frozen || server.stuck {
            return;
        }
        match server.role {
            Role::Primary => {
                if self.checkpoint_now(node) {
                    let time = self.some_millis(60_000, 180_000);
                    self.plan(node, time, Step::Checkpoint);
                }
            }
            Role::Standby => self.restartpoint(node),
        }
    }

    /// A primary's checkpoint; says whether it was one.
    pub(crate) fn checkpoint_now(&mut self, node: usize) -> bool {
        let is_primary = self.hosts[node].server.takes_writes();
        if !is_primary || self.hosts[node].disk.control.state != ClusterState::Production {
            return false;
        }
        self.write_mark(node, Mark::OnlineCheckpoint);
        let disk = &self.hosts[node].disk;
        let branch = disk.extent.branch;
        let begin = self
            .lineage
            .last_before(branch, disk.extent.written)
            .map(|one| one.begin);
        self.set_checkpoint(node, begin.unwrap_or_default());
        self.recycle(node);
        true
    }

    /// A standby that has replayed a checkpoint makes it its own a little later.
    pub(crate) fn restartpoint_between(&mut self, node: usize, before: u64, after: u64) {
        let branch = self.hosts[node].disk.extent.branch;
        let found = self.lineage.checkpoint_before(branch, after);
        if found.is_some_and(|(_, record)| record.end > before) {
            let time = self.some_millis(100, 5_000);
            self.plan(node, time, Step::Checkpoint);
        }
    }

    fn restartpoint(&mut self, node: usize) {
        let extent = self.hosts[node].disk.extent;
        let Some((_, record)) = self
            .lineage
            .checkpoint_before(extent.branch, extent.replayed)
        else {
            return;
        };
        if record.begin <= self.hosts[node].disk.control.checkpoint.at.0 {
            return;
        }
        self.set_checkpoint(node, record.begin);
        let position = self.position(node);
        let control = &mut self.hosts[node].disk.control;
        control.minimum_recovery = control.minimum_recovery.max(Some(position));
        self.recycle(node);
    }

    /// Has the control file name the checkpoint that begins at a position.
    pub(crate) fn set_checkpoint(&mut self, node: usize, at: u64) {
        let branch = self.hosts[node].disk.extent.branch;
        let Some((timeline, redo)) = self.lineage.checkpoint_at(branch, at) else {
            return;
        };
        let checkpoint = &mut self.hosts[node].disk.control.checkpoint;
        checkpoint.at = Lsn(at);
        checkpoint.redo = Lsn(redo.0);
        checkpoint.timeline = Timeline(timeline);
        checkpoint.previous_timeline = Timeline(timeline);
    }

    fn recycle(&mut self, node: usize) {
        let keep = self.setup.keep;
        let disk = &mut self.hosts[node].disk;
        let timeline = self.lineage.branch(disk.extent.branch).timeline;
        let before = (disk.control.checkpoint.redo.0 / SEGMENT).saturating_sub(keep);
        disk.pg_wal.recycle(timeline, before, 3);
    }
}
