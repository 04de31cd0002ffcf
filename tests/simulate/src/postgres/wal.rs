//! What a server writes into its WAL besides rows, and how far it has replayed. Knows no client and no standby.

use pgsql_state::health::Lsn;
use pgsql_state::postgres::Timeline;
use pgsql_state::postgres::control::ClusterState;
use pgsql_state::postgres::position::Position;
use wal_writer::Mark;

use super::lineage::Snapshot;
use super::server::{Life, Role};
use crate::world::{Step, World};

impl World {
    /// It becomes writable on the branch that it has, or on one of its own where somebody else has gone on with that.
    pub(super) fn begin_to_write(&mut self, node: usize, after_crash: bool) {
        let extent = self.hosts[node].disk.extent;
        let mut branch = extent.branch;
        if self.lineage.end(branch) != extent.written {
            let timeline = self.lineage.branch(branch).timeline;
            branch = self.lineage.fork(branch, extent.written, timeline);
            self.hosts[node].disk.extent.branch = branch;
        }
        let host = &mut self.hosts[node];
        host.server.life = Life::Ready;
        host.server.role = Role::Primary;
        host.server.receiver = None;
        host.disk.control.state = ClusterState::Production;
        host.disk.control.minimum_recovery = None;
        if after_crash {
            self.write_mark(node, Mark::ShutdownCheckpoint);
            let redo = self
                .lineage
                .last_before(branch, u64::MAX)
                .map(|record| record.begin);
            self.set_checkpoint(node, redo.unwrap_or_default());
        }
        let time = self.some_millis(20_000, 90_000);
        self.plan(node, time, Step::Checkpoint);
    }

    /// Writes a record of the log itself, at once to the disk.
    pub(crate) fn write_mark(&mut self, node: usize, mark: Mark) {
        let branch = self.hosts[node].disk.extent.branch;
        let timeline = self.lineage.branch(branch).timeline;
        let written = self.lineage.mark(branch, mark);
        match mark {
            Mark::ShutdownCheckpoint => self.lineage.tell_snapshot(branch, Snapshot::Complete),
            Mark::OnlineCheckpoint => {
                let snapshot = self.hosts[node].server.snapshot();
                self.lineage.tell_snapshot(branch, snapshot);
            }
            Mark::EndOfRecovery(_) => {}
        }
        let disk = &mut self.hosts[node].disk;
        disk.pg_wal.write(timeline, written.from, &written.bytes);
        let end = written.record.end;
        disk.extent.written = end;
        disk.extent.flushed = end;
        disk.extent.replayed = end;
        self.send_to_all(node);
    }

    /// A primary writes down which transactions are open.
    pub(super) fn snapshot(&mut self, node: usize) {
        let server = &self.hosts[node].server;
        if server.takes_writes() {
            let snapshot = server.snapshot();
            self.write_record(node, 60);
            let branch = self.hosts[node].disk.extent.branch;
            self.lineage.tell_snapshot(branch, snapshot);
        }
    }

    /// What it has replayed, with the timeline of that.
    pub(crate) fn position(&self, node: usize) -> Position {
        let extent = self.hosts[node].disk.extent;
        let timeline = self.timeline_at(node, extent.replayed);
        Position {
            timeline: Timeline(timeline),
            lsn: Lsn(extent.replayed),
        }
    }

    /// The timeline of what a server has before a position.
    pub(crate) fn timeline_at(&self, node: usize, at: u64) -> u32 {
        let branch = self.hosts[node].disk.extent.branch;
        let mut timeline = self.lineage.branch(branch).timeline;
        for (one, _) in self.lineage.ancestry(branch) {
            timeline = self.lineage.branch(one).timeline;
            let begin = self.lineage.branch(one).parent.map_or(0, |(_, fork)| fork);
            if begin < at {
                break;
            }
        }
        timeline
    }
}
