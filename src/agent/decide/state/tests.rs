//! What a server's state is by its files, its postmaster and its answer, and what these tests take for evidence.

mod no_postmaster;
mod pending;
mod properties;
mod running;

use super::*;
use crate::health::Lsn;
use crate::postgres::control::{Checkpoint, Control, HintBits, WalLevel};
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::Geometry;

/// Failures in which a backend has refused; it would serve others.
const ANSWERED: [Failure; 5] = [
    Failure::Full,
    Failure::Auth,
    Failure::NoDatabase,
    Failure::DatabaseClosed,
    Failure::Rejected,
];

/// Failures in which the agent's own connection to the server is broken.
const OUR_OWN: [Failure; 6] = [
    Failure::Unreachable,
    Failure::NoHost,
    Failure::Denied,
    Failure::OtherServer,
    Failure::Tls,
    Failure::Setup,
];

const STATUSES: [Option<PostmasterStatus>; 5] = [
    None,
    Some(PostmasterStatus::Starting),
    Some(PostmasterStatus::Stopping),
    Some(PostmasterStatus::Ready),
    Some(PostmasterStatus::Standby),
];

const READY: Option<PostmasterStatus> = Some(PostmasterStatus::Ready);

fn control(state: ClusterState) -> Control {
    Control {
        system_identifier: 7,
        control_version: 1300,
        catalog_version: 202_209_061,
        state,
        checkpoint: Checkpoint {
            at: Lsn(0x0200_0060),
            redo: Lsn(0x0200_0028),
            timeline: Timeline(1),
            previous_timeline: Timeline(1),
        },
        minimum_recovery: None,
        backup_start: None,
        backup_end: None,
        backup_end_required: false,
        wal_level: WalLevel::Replica,
        hint_bits: HintBits::Logged,
        geometry: Geometry::new(16 << 20, 8192).unwrap(),
    }
}

fn files(state: ClusterState) -> DataDirectory {
    DataDirectory::Present {
        control: Ok(control(state)),
        backup: BackupLabel::Absent,
    }
}

fn unreadable() -> DataDirectory {
    DataDirectory::Present {
        control: Err("it has 0 bytes".into()),
        backup: BackupLabel::Absent,
    }
}

/// What the standby of these tests must have replayed, and a later position.
const NEEDED: Position = Position {
    timeline: Timeline(1),
    lsn: Lsn(0x0200_00D8),
};
const MORE: Position = Position {
    timeline: Timeline(1),
    lsn: Lsn(0x0200_0100),
};
