//! A control file for tests of judgements that use one.

use super::{Checkpoint, ClusterState, Control, HintBits, WalLevel};
use crate::health::Lsn;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::Geometry;

/// The system identifier in the example.
pub(crate) const SYSTEM: u64 = 7_388_123_456_789_012_345;

/// Returns the control file of a server in this state.
pub(crate) fn control(state: ClusterState) -> Control {
    Control {
        system_identifier: SYSTEM,
        control_version: 1300,
        catalog_version: 202_209_061,
        state,
        checkpoint: Checkpoint {
            at: Lsn(0x0400_0060),
            redo: Lsn(0x0400_0028),
            timeline: Timeline(2),
            previous_timeline: Timeline(2),
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
