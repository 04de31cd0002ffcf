//! What operators do to servers and disks by hand. Knows no rule.

use std::time::Duration;

use pgsql_state::postgres::control::ClusterState;

use crate::disk::segment::SEGMENT;
use crate::disk::{PgWal, Place};
use crate::postgres::lineage::Extent;
use crate::postgres::server::{Life, Role, Written};
use crate::postgres::sync::{Has, Rule};
use crate::world::{Step, World};

impl World {
    /// `pg_promote()`
    pub(crate) fn promote_by_hand(&mut self, at: usize) {
        let server = &mut self.hosts[at].server;
        if server.life == Life::Ready
            && server.role == Role::Standby
            && !server.frozen
            && !server.stuck
        {
            server.by_hand = true;
            self.watch.by_hand[at] = self.now;
            self.begin_promotion(at);
        }
    }

    /// `pg_ctl start`
    pub(crate) fn start_by_hand(&mut self, at: usize) {
        let is_down = self.hosts[at].server.life == Life::Down;
        if is_down && self.is_on(at) && self.why_no_start(at).is_none() {
            self.hosts[at].server.by_hand = true;
            self.watch.by_hand[at] = self.now;
            self.start_postmaster(at);
        }
    }

    /// A server that does not run is made anew, as a copy of the primary.
    pub(crate) fn make_anew(&mut self, at: usize) {
        let is_primary = |one: &usize| *one != at && self.hosts[*one].server.takes_writes();
        let primary = (0..self.count()).find(is_primary);
        if let Some(primary) = primary
            && self.hosts[at].server.life == Life::Down
            && self.is_on(at)
            && self.network.joins(at, primary)
        {
            self.give_up_beside(primary, at);
            self.copy(primary, at);
            self.give_up_what_nobody_has();
        }
    }

    fn copy(&mut self, from: usize, to: usize) {
        let mut disk = self.hosts[from].disk.clone();
        let own = &self.hosts[to].disk;
        disk.place = own.place.filled();
        disk.io = own.io;
        disk.signal = true;
        disk.backup_label = true;
        disk.control.state = ClusterState::Production;
        let flushed = disk.extent.flushed;
        disk.extent = Extent {
            written: flushed,
            ..disk.extent
        };
        self.hosts[to].disk = disk;
        self.watch.ends[to] = None;
    }

    /// `rm -rf` on a data directory whose server does not run.
    pub(crate) fn empty(&mut self, at: usize) {
        let extent = &mut self.hosts[at].disk.extent;
        (extent.written, extent.flushed, extent.replayed) = (0, 0, 0);
        self.watch.ends[at] = None;
        let disk = &mut self.hosts[at].disk;
        disk.place = Place::Empty;
        disk.pg_wal = PgWal::default();
        self.give_up_what_nobody_has();
    }

    /// `rm` on the first segment that a standby has received and nothing of which it has replayed, while its WAL receiver is
    /// being started again. The server goes on telling how much it had received.
    pub(crate) fn remove_segment(&mut self, at: usize) {
        let extent = self.hosts[at].disk.extent;
        let number = extent.replayed / SEGMENT + 1;
        let is_standby = self.hosts[at].server.role == Role::Standby;
        if !is_standby || !self.hosts[at].server.runs() || extent.flushed <= number * SEGMENT {
            return;
        }
        self.drop_receiver(at);
        let timeline = self.lineage.branch(extent.branch).timeline;
        let last = self.lineage.last_before(extent.branch, number * SEGMENT);
        let end = last.map_or(extent.replayed, |record| record.end);
        let disk = &mut self.hosts[at].disk;
        disk.pg_wal.segments.remove(&(timeline, number));
        disk.extent.written = end.max(extent.replayed);
        disk.extent.flushed = disk.extent.written;
        self.plan(at, Duration::from_secs(1), Step::Connect);
        self.give_up_acknowledged_by(at, extent);
    }

    /// Who removes WAL accepts that what was acknowledged by this standby, and not by enough others, may be lost.
    fn give_up_acknowledged_by(&mut self, at: usize, before: Extent) {
        let after = self.hosts[at].disk.extent;
        let has = |extent: Extent, spot| self.lineage.has(extent.branch, extent.written, spot);
        let others = |spot| -> Vec<Has> {
            let has_it = |one: &usize| {
                let host = &self.hosts[*one];
                *one != at && host.server.role == Role::Standby && has(host.disk.extent, spot)
            };
            let others = (0..self.count()).filter(has_it);
            let flushed = u64::MAX;
            others.map(|node| Has { node, flushed }).collect()
        };
        let is_lost = |row: &Written| {
            let rule = row.acknowledged.as_ref();
            let is_kept = |rule: &Rule| rule.is_met(row.spot.end, &others(row.spot));
            has(before, row.spot) && !has(after, row.spot) && !rule.is_some_and(is_kept)
        };
        let rows = self.rows.iter().enumerate();
        let lost: Vec<usize> = rows
            .filter(|(_, row)| is_lost(row))
            .map(|(index, _)| index)
            .collect();
        for index in lost {
            self.rows[index].given_up = true;
        }
    }

    /// `pg_basebackup` has ended: what was copied begins at a checkpoint of the primary, and what was written meanwhile
    /// lies beside it.
    pub(crate) fn back_up(&mut self, primary: usize, to: usize) {
        if self.hosts[to].server.life == Life::Down {
            self.copy(primary, to);
        }
    }

    /// All servers are killed and restored as another database cluster.
    pub(crate) fn restore_all(&mut self, at: usize) {
        for one in 0..self.count() {
            if !self.is_on(one) {
                return;
            }
        }
        let system = self.random.u64(1..u64::MAX / 2);
        let begin = (self.hosts[at].disk.extent.written / SEGMENT + 1) * SEGMENT;
        let (branch, fresh) = crate::run::new_cluster(&mut self.lineage, system, begin);
        for one in 0..self.count() {
            self.die(one, false);
            let disk = &mut self.hosts[one].disk;
            let (place, io) = (disk.place.filled(), disk.io);
            *disk = fresh.clone();
            disk.place = place;
            disk.io = io;
            disk.extent.branch = branch;
            if one == at {
                disk.control.state = ClusterState::ShutDown;
                disk.signal = false;
            }
        }
        self.give_up_what_nobody_has();
        self.watch.begin_anew();
    }

    /// Who overwrites a disk with what a primary has accepts that what only the other history had is lost.
    pub(crate) fn give_up_beside(&mut self, primary: usize, at: usize) {
        let has = |node: usize, spot| {
            let extent = self.hosts[node].disk.extent;
            self.lineage.has(extent.branch, extent.written, spot)
        };
        let rows = self.rows.iter().enumerate();
        let lost = rows.filter(|(_, row)| has(at, row.spot) && !has(primary, row.spot));
        let lost: Vec<usize> = lost.map(|(index, _)| index).collect();
        for index in lost {
            self.rows[index].given_up = true;
        }
    }

    /// Who overwrites a disk accepts that what only it had is lost.
    fn give_up_what_nobody_has(&mut self) {
        for index in 0..self.rows.len() {
            let spot = self.rows[index].spot;
            let has = |host: &crate::world::host::Host| {
                self.lineage
                    .has(host.disk.extent.branch, host.disk.extent.written, spot)
            };
            if !self.hosts.iter().any(has) {
                self.rows[index].given_up = true;
            }
        }
    }
}
