//! How a server starts and recovers. Knows nothing of who wants that.

use std::time::Duration;

use pgsql_state::postgres::control::ClusterState;
use pgsql_state::postgres::position::Position;

use super::server::{Life, Role};
use crate::disk::{Io, Place};
use crate::world::{Step, World};

impl World {
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

    /// It has replayed what it has.
    pub(super) fn recovered(&mut self, node: usize) {
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
}
