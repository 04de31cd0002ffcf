//! The questions of a cluster manager: how far a server's WAL reaches, and which standbys replicate from it. Knows no
//! connection.

use super::wire::{Row, WireError};
use crate::health::Lsn;

/// How far a server's WAL reaches, as the server reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A standby.
    Standby {
        /// The position up to which its WAL receiver has received, or at which it was told to begin.
        received: Option<Lsn>,
        /// The timeline that it receives; `None` while no WAL receiver runs.
        receiving: Option<u32>,
        /// The position up to which it has replayed.
        replayed: Option<Lsn>,
        /// The setting by which its replay ends before all WAL that it has is replayed, if one is set
        /// ([`recovery_target::SETTINGS`](super::recovery_target::SETTINGS)).
        target: Option<String>,
    },
    /// A primary.
    Primary {
        /// The timeline that it writes.
        timeline: u32,
        /// The position up to which it has flushed.
        flushed: Lsn,
    },
}

/// A row of `pg_stat_replication`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replica {
    /// `application_name`: the name of the WAL receiver.
    pub application_name: String,
    /// `state`.
    pub state: Option<String>,
    /// `write_lsn`: the position up to which the standby has written.
    pub written: Option<Lsn>,
    /// `flush_lsn`: the position up to which the standby has flushed.
    pub flushed: Option<Lsn>,
    /// `sync_state`: whether the primary waits for the standby.
    pub sync_state: Option<String>,
}

/// Asks for [`Progress`]. A primary's timeline is part of the name of the file that it writes.
pub(super) const PROGRESS: &str = "\
SELECT r.in_recovery,
       CASE WHEN r.in_recovery THEN pg_catalog.pg_last_wal_receive_lsn() END,
       (SELECT received_tli FROM pg_catalog.pg_stat_wal_receiver)::int8,
       CASE WHEN r.in_recovery THEN pg_catalog.pg_last_wal_replay_lsn() END,
       CASE WHEN NOT r.in_recovery THEN pg_catalog.pg_current_wal_flush_lsn() END,
       CASE WHEN NOT r.in_recovery
            THEN ('x' || pg_catalog.left(pg_catalog.pg_walfile_name(
                      pg_catalog.pg_current_wal_lsn()), 8))::bit(32)::int4 END::int8,
       (SELECT target
          FROM (VALUES ('recovery_target'), ('recovery_target_lsn'), ('recovery_target_name'),
                       ('recovery_target_time'), ('recovery_target_xid')) AS targets (target)
         WHERE r.in_recovery AND pg_catalog.current_setting(target) <> '' LIMIT 1)
  FROM (SELECT pg_catalog.pg_is_in_recovery() AS in_recovery) AS r";

/// Most bytes of the answer to [`REPLICAS`]: ten thousand of them take a megabyte.
pub(super) const MOST: usize = 1 << 20;

/// Asks for every [`Replica`]; the answer is one row without a name if there is no replica.
pub(super) const REPLICAS: &str = "\
SELECT pg_catalog.pg_current_wal_flush_lsn(), application_name, state, write_lsn, flush_lsn, sync_state
  FROM (SELECT) AS one LEFT JOIN pg_catalog.pg_stat_replication ON true";

/// Commits a transaction without waiting for a standby. A transaction that has an ID and has written nothing
/// is not flushed at its end (`RecordTransactionCommit` in `src/backend/access/transam/xact.c`), so this one
/// writes an empty message.
pub(super) const COMMIT: &str = "\
SELECT pg_catalog.set_config('synchronous_commit', 'local', true),
       pg_catalog.pg_logical_emit_message(true, 'pgsqlms', '')";

/// Writes a checkpoint at once, whatever `checkpoint_completion_target` is.
pub(super) const CHECKPOINT: &str = "CHECKPOINT";

/// Reads the row of [`PROGRESS`].
pub(super) fn progress(row: &Row) -> Result<Progress, WireError> {
    let lsn = |column| Ok::<_, WireError>(row.lsn(column)?.map(Lsn));
    let timeline = |column| {
        let number = row.int8(column)?;
        Ok::<_, WireError>(number.and_then(|number| u32::try_from(number).ok()))
    };
    if Row::known(row.bool(0)?)? {
        return Ok(Progress::Standby {
            received: lsn(1)?,
            receiving: timeline(2)?.filter(|number| *number != 0),
            replayed: lsn(3)?,
            target: row.text(6)?.map(str::to_owned),
        });
    }
    Ok(Progress::Primary {
        timeline: Row::known(timeline(5)?)?,
        flushed: Row::known(lsn(4)?)?,
    })
}

/// Reads the rows of [`REPLICAS`].
pub(super) fn replicas(rows: &[Row]) -> Result<(Lsn, Vec<Replica>), WireError> {
    let mut flushed = None;
    let mut replicas = Vec::new();
    for row in rows {
        flushed = row.lsn(0)?.map(Lsn);
        let text = |column| Ok::<_, WireError>(row.text(column)?.map(str::to_owned));
        if let Some(application_name) = text(1)? {
            replicas.push(Replica {
                application_name,
                state: text(2)?,
                written: row.lsn(3)?.map(Lsn),
                flushed: row.lsn(4)?.map(Lsn),
                sync_state: text(5)?,
            });
        }
    }
    Ok((Row::known(flushed)?, replicas))
}
