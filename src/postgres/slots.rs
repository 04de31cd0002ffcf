//! The SQL about a server's replication slots: which there are, and how one is made, advanced and dropped. Decides nothing.
//!
//! A statement looks again at the slot that it is about, so that it does nothing to one that has changed since the plan was made.
//! What remains between the look and the deed, the server refuses itself: it neither drops nor advances a slot in use.

use super::slot_name::SlotName;
use super::slot_rows::{
    ReplicationSlot, ServerCap, SlotActivity, SlotKind, SlotServer, SlotXmin, WalStatus,
};
use super::wire::{Row, WireError};
use crate::base::units::Bytes;
use crate::health::{Claim, Lsn};

/// Most bytes of the answer to [`SLOTS`]: thousands of slots.
pub(super) const MOST: usize = 1 << 20;

/// Asks for the server and its slots, one in each row; one row without a slot if there is none. A column of the view that an older
/// version does not have is NULL.
pub(super) const SLOTS: &str = "\
SELECT r.in_recovery,
       (SELECT system_identifier::text FROM pg_catalog.pg_control_system()),
       CASE WHEN r.in_recovery
            THEN COALESCE((SELECT received_tli FROM pg_catalog.pg_stat_wal_receiver), c.timeline_id)
            ELSE ('x' || pg_catalog.left(pg_catalog.pg_walfile_name(
                             pg_catalog.pg_current_wal_lsn()), 8))::bit(32)::int4 END::int8,
       CASE WHEN r.in_recovery THEN pg_catalog.pg_last_wal_replay_lsn()
            ELSE pg_catalog.pg_current_wal_flush_lsn() END,
       c.redo_lsn,
       (SELECT setting::int8 FROM pg_catalog.pg_settings WHERE name = 'max_slot_wal_keep_size'),
       pg_catalog.current_setting('max_replication_slots')::int8,
       s.slot_name::text, s.slot_type, s.temporary, s.active, s.restart_lsn, s.xmin IS NOT NULL,
       pg_catalog.row_to_json(s)->>'wal_status',
       (pg_catalog.row_to_json(s)->>'safe_wal_size')::int8
  FROM (SELECT pg_catalog.pg_is_in_recovery() AS in_recovery) AS r
 CROSS JOIN pg_catalog.pg_control_checkpoint() AS c
  LEFT JOIN pg_catalog.pg_replication_slots AS s ON true
 ORDER BY s.slot_name";

/// Makes a physical slot that reserves WAL from the last checkpoint or restartpoint on.
pub(super) fn create(slot: &SlotName) -> String {
    format!(
        "SELECT pg_catalog.pg_create_physical_replication_slot('{slot}', true)::text \
          WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = '{slot}')"
    )
}

/// Advances a slot that is not in use and lies behind the position.
pub(super) fn advance(slot: &SlotName, to: Lsn) -> String {
    format!(
        "SELECT pg_catalog.pg_replication_slot_advance(slot_name, '{to}')::text \
           FROM pg_catalog.pg_replication_slots \
          WHERE slot_name = '{slot}' AND {IDLE} AND restart_lsn < '{to}'::pg_lsn"
    )
}

/// Drops a slot that is not in use.
pub(super) fn drop(slot: &SlotName) -> String {
    format!(
        "SELECT pg_catalog.pg_drop_replication_slot(slot_name)::text \
           FROM pg_catalog.pg_replication_slots WHERE slot_name = '{slot}' AND {IDLE}"
    )
}

const IDLE: &str = "slot_type = 'physical' AND NOT temporary AND NOT active";

/// Reads the rows of [`SLOTS`].
pub(super) fn slots(rows: &[Row]) -> Result<(SlotServer, Vec<ReplicationSlot>), WireError> {
    let first = rows
        .first()
        .ok_or_else(|| WireError::Protocol("there is no row".into()))?;
    let mut slots = Vec::new();
    for row in rows {
        slots.extend(slot(row)?);
    }
    Ok((server(first)?, slots))
}

fn server(row: &Row) -> Result<SlotServer, WireError> {
    let lsn = |column| Ok::<_, WireError>(Lsn(Row::known(row.lsn(column)?)?));
    Ok(SlotServer {
        role: if Row::known(row.bool(0)?)? {
            Claim::Standby
        } else {
            Claim::Primary
        },
        system: Row::known(row.text(1)?)?.to_owned(),
        timeline: Row::known(row.int8(2)?)?,
        end: lsn(3)?,
        redo: lsn(4)?,
        keeps: match row.int8(5)?.map(u64::try_from) {
            None => ServerCap::Absent,
            Some(Err(_negative)) => ServerCap::Unlimited,
            Some(Ok(megabytes)) => ServerCap::Limited(Bytes(megabytes.saturating_mul(1 << 20))),
        },
        most: usize::try_from(Row::known(row.int8(6)?)?).unwrap_or(0),
    })
}

/// Reads a slot; none in a row without one.
fn slot(row: &Row) -> Result<Option<ReplicationSlot>, WireError> {
    let Some(name) = row.text(7)? else {
        return Ok(None);
    };
    let name = name.parse();
    let yes = |column| Row::known(row.bool(column)?);
    Ok(Some(ReplicationSlot {
        name: name.map_err(|_| WireError::Protocol("a slot has an impossible name".into()))?,
        kind: match (yes(9)?, row.text(8)?) {
            (true, _) => SlotKind::Temporary,
            (false, Some("physical")) => SlotKind::Physical,
            (false, _) => SlotKind::Logical,
        },
        activity: if yes(10)? {
            SlotActivity::Active
        } else {
            SlotActivity::Inactive
        },
        restart: row.lsn(11)?.map(Lsn),
        xmin: if yes(12)? {
            SlotXmin::Held
        } else {
            SlotXmin::None
        },
        wal: row.text(13)?.and_then(WalStatus::parse),
        safe: row.int8(14)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_slot_that_is_idle_is_advanced_or_dropped() {
        let slot: SlotName = "s_b".parse().unwrap();
        for statement in [advance(&slot, Lsn(0x1_0000_0010)), drop(&slot)] {
            assert!(
                statement.contains(
                    "slot_name = 's_b' AND slot_type = 'physical' AND NOT temporary AND NOT active"
                ),
                "{statement}"
            );
        }
        assert!(advance(&slot, Lsn(0x1_0000_0010)).contains("'1/10'::pg_lsn"));
    }
}
