//! What operators do to servers and disks by hand. Knows no rule.

use pgsql_state::postgres::control::ClusterState;

use crate::disk::{PgWal, Place};
use crate::postgres::lineage::Extent;
use crate::postgres::server::{Life, Role};
use crate::world::World;

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
        let begin = (self.hosts[at].disk.extent.written / crate::disk::segment::SEGMENT + 1)
            * crate::disk::segment::SEGMENT;
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
