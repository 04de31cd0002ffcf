//! What every history begins with: hosts that are up, and on each a server of one new database cluster. Lets nothing happen.

use std::time::{Duration, Instant};

use fastrand::Rng;
use pgsql_state::health::Lsn;
use pgsql_state::postgres::Timeline;
use pgsql_state::postgres::control::{Checkpoint, ClusterState, Control, HintBits, WalLevel};
use pgsql_state::postgres::wal::Geometry;
use wal_writer::Mark;

use crate::clients::daemon::Daemon;
use crate::clients::haproxy::Proxy;
use crate::disk::segment::{PAGE, SEGMENT};
use crate::disk::{Disk, Io, PgWal, Place};
use crate::invariants::{Rules, Watch};
use crate::keeper::Keepers;
use crate::pacemaker::Pacemaker;
use crate::postgres::lineage::{BranchId, Extent, Lineage, Snapshot};
use crate::postgres::server::Server;
use crate::story::Story;
use crate::world::World;
use crate::world::clock::Clock;
use crate::world::host::{Fence, Host, Power};
use crate::world::network::Network;
use crate::world::queue::Queue;
use crate::world::setup::Setup;

const SYSTEM: u64 = 7_388_123_456_789_012_345;

/// The world of a seed, in which nothing has happened yet.
pub(super) fn world(seed: u64, rules: Rules, wants_story: bool) -> World {
    let mut random = Rng::with_seed(seed);
    let setup = Setup::choose(&mut random);
    let mut lineage = Lineage::default();
    let (_, disk) = new_cluster(&mut lineage, SYSTEM, SEGMENT);
    let host = |index: usize| {
        let mut server = Server::new();
        server.rule = setup.rule.clone();
        let mut disk = disk.clone();
        if index == 0 {
            disk.control.state = ClusterState::ShutDown;
            disk.signal = false;
        }
        Host {
            name: format!("srv{}", index + 1).parse().unwrap(),
            power: Power::On,
            disk,
            server,
            proxy: Proxy::new(setup.nodes),
            daemon: Daemon::default(),
            clock: Clock::new(),
            knows_users: true,
            slow_programs: Duration::ZERO,
            keepers: Keepers::default(),
            fence: Fence::Works,
        }
    };
    let hosts: Vec<Host> = (0..setup.nodes).map(host).collect();
    let story = Story {
        lines: wants_story.then(Vec::new),
    };
    let pacemaker = Pacemaker::new(setup.config.clone());
    let count = setup.nodes;
    World::new(
        random,
        setup,
        hosts,
        lineage,
        pacemaker,
        story,
        Watch::new(count, rules),
        Network::default(),
        Queue::new(),
        Instant::now(),
    )
}

/// A database cluster that was stopped right after it was made, whose WAL begins at a position.
pub(crate) fn new_cluster(lineage: &mut Lineage, system: u64, at: u64) -> (BranchId, Disk) {
    let branch = lineage.found(system, at);
    let mut pg_wal = PgWal::default();
    let written = lineage.mark(branch, Mark::ShutdownCheckpoint);
    lineage.tell_snapshot(branch, Snapshot::Complete);
    pg_wal.write(1, written.from, &written.bytes);
    let (begin, end) = (written.record.start, written.record.end);
    let disk = Disk {
        place: Place::Right,
        io: Io::Works,
        control: control(system, begin),
        signal: true,
        backup_label: false,
        pg_wal,
        extent: Extent {
            branch,
            written: end,
            flushed: end,
            replayed: end,
        },
    };
    (branch, disk)
}

fn control(system: u64, at: u64) -> Control {
    Control {
        system_identifier: system,
        control_version: 1300,
        catalog_version: 202_209_061,
        state: ClusterState::ShutDownInRecovery,
        checkpoint: Checkpoint {
            at: Lsn(at),
            redo: Lsn(at),
            timeline: Timeline(1),
            previous_timeline: Timeline(1),
        },
        minimum_recovery: None,
        backup_start: None,
        backup_end: None,
        backup_end_required: false,
        wal_level: WalLevel::Replica,
        hint_bits: HintBits::Logged,
        geometry: Geometry::new(SEGMENT as u32, PAGE as u32).unwrap(),
    }
}
