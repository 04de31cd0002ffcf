//! How a server starts, stops, dies and is promoted. Knows nothing of who wants that.

use std::time::Duration;

use pgsql_state::health::Lsn;
use pgsql_state::postgres::Timeline;
use pgsql_state::postgres::control::ClusterState;
use pgsql_state::postgres::position::Position;
use wal_writer::Mark;

use super::lineage::{Snapshot, Spot};
use super::server::{Life, Role};
use crate::disk::{Io, Place};
use crate::world::{Step, World};

impl World {
    /// A server goes on.
    pub(crate) fn step(&mut self, node: usize, step: Step) {
        match step {
            Step::Recovered => self.recovered(node),
            Step::Flush => self.flush(node),
            Step::Replay => self.replay(node),
            Step::Connect => self.connect(node),
            Step::Checkpoint => self.checkpoint(node),
            Step::Snapshot => self.snapshot(node),
            Step::LastCheckpoint => self.last_checkpoint(node),
            Step::OrphansEnd => self.hosts[node].server.orphans = false,
            Step::End => self.die(node, false),
        }
    }

    /// Whether a postmaster can be started in a data directory.
    pub(crate) fn why_no_start(&self, node: usize) -> Option<&'static str> {
        let host = &self.hosts[node];
        match host.disk.place {
            Place::Right => {}
            Place::Renamed | Place::Empty => return Some("the data directory is not there"),
        }
        if host.disk.io == Io::Fails {
            return Some("FATAL:  could not read a file: Input/output error");
        }
        if host.server.orphans {
            return Some("FATAL:  pre-existing shared memory block is still in use");
        }
        None
    }

    /// A postmaster starts, as what its directory says.
    pub(crate) fn start_postmaster(&mut self, node: usize) {
        let host = &mut self.hosts[node];
        let server = &mut host.server;
        server.life = Life::Starting;
        server.role = if host.disk.signal {
            Role::Standby
        } else {
            Role::Primary
        };
        server.epoch += 1;
        server.frozen = false;
        server.by_hand &= server.role == Role::Primary;
        server.receiver = None;
        server.received = None;
        server.promoting = false;
        server.senders.clear();
        server.waiting.clear();
        server.last_words = None;
        server.flush_planned = false;
        server.replay_planned = false;
        server.full = false;
        server.replay_paused = false;
        server.has_replayed = false;
        server.overflows = false;
        let control = &mut host.disk.control;
        let start = Position {
            timeline: control.checkpoint.timeline,
            lsn: control.checkpoint.redo,
        };
        if host.disk.backup_label {
            control.backup_start = Some(control.checkpoint.redo);
            control.backup_end_required = true;
            control.minimum_recovery = Some(start);
        }
        if server.role == Role::Standby {
            control.minimum_recovery = control.minimum_recovery.max(Some(start));
        }
        host.disk.backup_label = false;
        host.disk.control.state = match server.role {
            Role::Standby => ClusterState::ArchiveRecovery,
            Role::Primary => ClusterState::CrashRecovery,
        };
        let redo = host.disk.control.checkpoint.redo.0;
        let minimum = host
            .disk
            .control
            .minimum_recovery
            .map_or(0, |minimum| minimum.lsn.0);
        let extent = &mut host.disk.extent;
        let to_replay = extent.written.saturating_sub(redo);
        extent.replayed = redo.max(minimum).min(extent.written);
        // A second for 50 MB.
        let replay = Duration::from_micros(to_replay / 50);
        let base = self.some_millis(100, 600);
        let slow = self.slow_disk(node);
        self.plan(node, base + replay + slow, Step::Recovered);
    }

    /// How much longer something that writes takes.
    pub(crate) fn slow_disk(&self, node: usize) -> Duration {
        match self.hosts[node].disk.io {
            Io::Works | Io::Fails => Duration::ZERO,
            Io::Slow(time) => time,
        }
    }

    /// It has replayed what it has.
    fn recovered(&mut self, node: usize) {
        let server = &self.hosts[node].server;
        if server.frozen || server.stuck {
            self.plan(node, Duration::from_secs(1), Step::Recovered);
            return;
        }
        if !matches!(server.life, Life::Starting | Life::Recovering) {
            return;
        }
        let extent = &mut self.hosts[node].disk.extent;
        extent.replayed = extent.written;
        self.hosts[node].server.has_replayed = true;
        self.end_backup(node);
        match self.hosts[node].server.role {
            Role::Primary => {
                let goes_on = self.hosts[node].server.life == Life::Recovering;
                self.begin_to_write(node, true);
                if !goes_on {
                    self.seen_writable(node);
                }
            }
            Role::Standby => {
                if !self.is_snapshot_pending(node) {
                    self.hosts[node].server.life = Life::Ready;
                }
                self.connect(node);
                if self.hosts[node].server.promoting {
                    self.promoted(node);
                }
            }
        }
    }

    /// The end of a backup lies in what was written during it, which has been replayed.
    fn end_backup(&mut self, node: usize) {
        let end = self.position(node);
        let control = &mut self.hosts[node].disk.control;
        if control.backup_start.take().is_some() {
            control.backup_end_required = false;
            control.minimum_recovery = Some(end);
        }
    }

    /// Whether a standby that starts has to wait for a primary's word of its transactions: what it has replayed since
    /// its checkpoint tells of none that was complete (`ProcArrayApplyRecoveryInfo` in
    /// `src/backend/storage/ipc/procarray.c`).
    pub(crate) fn is_snapshot_pending(&self, node: usize) -> bool {
        let disk = &self.hosts[node].disk;
        let (from, upto) = (disk.control.checkpoint.at.0, disk.extent.replayed);
        !self
            .lineage
            .has_complete_snapshot(disk.extent.branch, from, upto)
    }

    /// A primary writes down which transactions are open.
    fn snapshot(&mut self, node: usize) {
        let server = &self.hosts[node].server;
        if server.takes_writes() {
            let snapshot = server.snapshot();
            self.write_record(node, 60);
            let branch = self.hosts[node].disk.extent.branch;
            self.lineage.tell_snapshot(branch, snapshot);
        }
    }

    /// It becomes writable on the branch that it has, or on one of its own where somebody else has gone on with that.
    fn begin_to_write(&mut self, node: usize, after_crash: bool) {
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

    fn last_checkpoint(&mut self, node: usize) {
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
    fn forget_unflushed(&mut self, branch: super::lineage::BranchId, at: u64, node: usize) {
        let others = (0..self.count()).filter(|other| *other != node);
        let is_elsewhere = others.into_iter().any(|other| {
            let extent = self.hosts[other].disk.extent;
            extent.branch == branch && extent.written > at
        });
        if !is_elsewhere && self.lineage.end(branch) > at {
            self.lineage.cut(branch, at);
        }
    }

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

    fn promoted(&mut self, node: usize) {
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
