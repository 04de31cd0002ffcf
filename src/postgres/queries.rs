//! The questions to a server and what their rows mean.
//!
//! Every name is qualified with `pg_catalog`: a probing role's `search_path` must not choose which
//! function answers.

use std::path::PathBuf;
use std::time::Duration;

use super::identity::ReportedIdentity;
use super::wire::{Row, WireError};
use crate::health::evidence::{Receiver, Replay, Replication, Standby};
use crate::health::{Archive, ConnectionSlots, Details, Lsn, Role, Transactions};

/// How much a question asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Only the role: takes some 20 µs of a backend.
    Role,
    /// The role, and a standby's replication.
    Replication,
}

/// What a client that connects now finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// Whether it finds a connection slot.
    pub slots: ConnectionSlots,
    /// The default access mode of its transactions; `None` if this session's own options set it.
    pub transactions: Option<Transactions>,
}

/// Asks for the role.
pub const ROLE: &str = "SELECT pg_catalog.pg_is_in_recovery()";

/// Asks for the OID of the function in [`ROLE`], which can then be called without a statement.
pub const ROLE_FUNCTION: &str = "\
SELECT 'pg_catalog.pg_is_in_recovery()'::pg_catalog.regprocedure::pg_catalog.oid::pg_catalog.int8";

/// Asks for the role and a standby's figures. `latest_end_lsn` and the views are the same in PostgreSQL
/// 12 to 18. The functions that fail outside recovery are guarded, yet a promotion between two of
/// them raises 55000; the session then asks [`ROLE`].
pub const REPLICATION: &str = "\
SELECT r.in_recovery,
       w.pid IS NOT NULL AS has_receiver,
       w.status,
       w.latest_end_lsn,
       pg_catalog.pg_last_wal_receive_lsn() AS received,
       pg_catalog.pg_last_wal_replay_lsn() AS replayed,
       CASE WHEN r.in_recovery THEN pg_catalog.pg_is_wal_replay_paused() END AS paused,
       (EXTRACT(epoch FROM pg_catalog.clock_timestamp()
                           - pg_catalog.pg_last_xact_replay_timestamp()) * 1000)::bigint AS commit_age
  FROM (SELECT pg_catalog.pg_is_in_recovery() AS in_recovery) AS r
  LEFT JOIN pg_catalog.pg_stat_wal_receiver AS w ON true";

/// Asks for what only documents show, in recovery and out of it. Times are written as Python's
/// `str()` does, which leaves out a fraction of zero. The receiver's `conninfo` has the settings in libpq's order,
/// unquoted, with a blank between them, and always with `fallback_application_name`; `application_name`
/// overrides it and stands before it.
///
/// A column of `pg_replication_slots` that a version does not have is NULL.
///
/// A list of more than 30,000 bytes is an empty text, so that both lists together are within the bytes of an answer.
pub const DETAILS: &str = "\
SELECT pg_catalog.current_setting('server_version_num')::int8,
       replace(pg_catalog.to_char(pg_catalog.pg_postmaster_start_time(),
                                  'YYYY-MM-DD HH24:MI:SS.USTZH:TZM'), '.000000', ''),
       (SELECT system_identifier::text FROM pg_catalog.pg_control_system()),
       CASE WHEN r.in_recovery
            THEN COALESCE((SELECT received_tli FROM pg_catalog.pg_stat_wal_receiver),
                          (SELECT timeline_id FROM pg_catalog.pg_control_checkpoint()))
            ELSE ('x' || pg_catalog.left(pg_catalog.pg_walfile_name(
                             pg_catalog.pg_current_wal_lsn()), 8))::bit(32)::int4 END::int8,
       CASE WHEN NOT r.in_recovery THEN pg_catalog.pg_current_wal_flush_lsn() END,
       replace(pg_catalog.to_char(pg_catalog.pg_last_xact_replay_timestamp(),
                                  'YYYY-MM-DD HH24:MI:SS.USTZH:TZM'), '.000000', ''),
       COALESCE(pg_catalog.current_setting('restore_command', true), '') <> '',
       (SELECT COALESCE(pg_catalog.substring(conninfo,
                            '(?:^| )application_name=(.*) fallback_application_name='),
                        pg_catalog.substring(conninfo,
                            '(?:^| )fallback_application_name=(.*?)(?: [a-z_]+=.*)?$'))
          FROM pg_catalog.pg_stat_wal_receiver),
       (SELECT CASE WHEN pg_catalog.octet_length(pg_catalog.convert_to(l.list, 'UTF8')) > 30000
                    THEN '' ELSE l.list END
          FROM (SELECT pg_catalog.json_agg(s)::text AS list
                  FROM (SELECT usename, application_name, client_addr, state, sync_state, sync_priority
                          FROM pg_catalog.pg_stat_replication ORDER BY pid) AS s) AS l),
       (SELECT CASE WHEN pg_catalog.octet_length(pg_catalog.convert_to(l.list, 'UTF8')) > 30000
                    THEN '' ELSE l.list END
          FROM (SELECT pg_catalog.json_agg(s)::text AS list
                  FROM (SELECT v.slot_name, v.slot_type, v.active, v.temporary, v.restart_lsn, v.xmin,
                               j.row->>'wal_status' AS wal_status,
                               (j.row->>'safe_wal_size')::int8 AS safe_wal_size,
                               pg_catalog.pg_wal_lsn_diff(
                                   CASE WHEN r.in_recovery THEN pg_catalog.pg_last_wal_replay_lsn()
                                        ELSE pg_catalog.pg_current_wal_lsn() END,
                                   v.restart_lsn)::int8 AS retained_bytes,
                               EXTRACT(epoch FROM pg_catalog.clock_timestamp()
                                       - (j.row->>'inactive_since')::timestamptz)::int8 AS inactive_seconds
                          FROM pg_catalog.pg_replication_slots AS v,
                               LATERAL (SELECT pg_catalog.row_to_json(v) AS row) AS j
                         ORDER BY v.slot_name) AS s) AS l)
  FROM (SELECT pg_catalog.pg_is_in_recovery() AS in_recovery) AS r";

/// The first question of a session, in which only the startup message has set anything. It asks what a client finds,
/// and which server answers.
///
/// The number of slots left for ordinary clients is NULL if this role takes no reserved slot, because then its own
/// login proves that there is one. Only `max_connections` limits client backends and, before PostgreSQL 12, WAL senders
/// (PostgreSQL manual, "Connections and Authentication"). The data directory is visible to members of
/// `pg_read_all_settings`.
pub const NEW_SESSION: &str = "\
SELECT CASE WHEN pg_catalog.current_setting('is_superuser') = 'on'
              OR EXISTS (SELECT FROM pg_catalog.pg_roles
                          WHERE rolname = 'pg_use_reserved_connections'
                            AND pg_catalog.pg_has_role(oid, 'USAGE')) THEN
       pg_catalog.current_setting('max_connections')::bigint
       - pg_catalog.current_setting('superuser_reserved_connections')::bigint
       - COALESCE(pg_catalog.current_setting('reserved_connections', true)::bigint, 0)
       - (SELECT count(*) FROM pg_catalog.pg_stat_activity
           WHERE pid <> pg_catalog.pg_backend_pid()
             AND (backend_type = 'client backend' OR backend_type = 'walsender'
                  AND pg_catalog.current_setting('server_version_num')::int < 120000))
       END,
       pg_catalog.current_setting('default_transaction_read_only')::bool,
       pg_catalog.floor(pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time()))::int8,
       pg_catalog.pg_backend_pid()::int8,
       CASE WHEN pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE') THEN
       pg_catalog.current_setting('data_directory') END";

/// Asks which server answers, with the system identifier, which requires the right to call its function.
pub const IDENTITY: &str = "\
SELECT pg_catalog.floor(pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time()))::int8,
       pg_catalog.pg_backend_pid()::int8,
       (SELECT system_identifier FROM pg_catalog.pg_control_system())";

/// Reads the row of [`ROLE`].
pub fn role(row: &Row) -> Result<Role, WireError> {
    Ok(match recovery(row)? {
        Recovery::Not => Role::Primary,
        Recovery::In => Role::Standby(Standby::default()),
    })
}

/// Reads the row of [`NEW_SESSION`].
pub fn new_session(row: &Row) -> Result<(NewSession, ReportedIdentity), WireError> {
    let slots = match row.int8(0)? {
        Some(slots) if slots <= 0 => ConnectionSlots::Full,
        Some(_) | None => ConnectionSlots::Free,
    };
    let transactions = if Row::known(row.bool(1)?)? {
        Transactions::ReadOnly
    } else {
        Transactions::ReadWrite
    };
    let found = NewSession {
        slots,
        transactions: Some(transactions),
    };
    let identity = ReportedIdentity {
        system_identifier: None,
        data_directory: row.text(4)?.map(PathBuf::from),
        ..who(row, 2)?
    };
    Ok((found, identity))
}

/// Reads the row of [`IDENTITY`].
pub fn identity(row: &Row) -> Result<ReportedIdentity, WireError> {
    Ok(ReportedIdentity {
        system_identifier: row.int8(2)?.map(i64::cast_unsigned),
        ..who(row, 0)?
    })
}

/// Reads when a postmaster started, and which process answers.
fn who(row: &Row, column: usize) -> Result<ReportedIdentity, WireError> {
    let backend = Row::known(row.int8(column + 1)?)?;
    let backend = i32::try_from(backend);
    Ok(ReportedIdentity {
        started: Row::known(row.int8(column)?)?,
        backend: backend
            .map_err(|_| WireError::Protocol("the process ID is out of range".into()))?,
        system_identifier: None,
        data_directory: None,
    })
}

/// Reads the row of [`REPLICATION`].
pub fn replication(row: &Row) -> Result<Role, WireError> {
    match recovery(row)? {
        Recovery::Not => return Ok(Role::Primary),
        Recovery::In => {}
    }
    let lsn = |column| Ok::<_, WireError>(row.lsn(column)?.map(Lsn));
    let receiver = match (Row::known(row.bool(1)?)?, row.text(2)?) {
        (true, None) => Receiver::Hidden,
        (true, Some("streaming")) => Receiver::Streaming {
            primary_end: lsn(3)?,
        },
        (false, _) | (true, Some(_)) => Receiver::Gone,
    };
    Ok(Role::Standby(Standby {
        replication: Some(Replication {
            receiver,
            received: lsn(4)?,
            replayed: lsn(5)?,
            replay: if row.bool(6)? == Some(false) {
                Replay::Running
            } else {
                Replay::Paused
            },
            // A commit in the future, from a primary whose clock is ahead, has the age zero.
            last_commit_age: row
                .int8(7)?
                .map(|ms| Duration::from_millis(ms.try_into().unwrap_or(0))),
        }),
    }))
}

/// Reads the row of [`DETAILS`].
pub fn details(row: &Row) -> Result<Details, WireError> {
    let text = |column| Ok::<_, WireError>(row.text(column)?.map(str::to_owned));
    Ok(Details {
        server_version: Row::known(row.int8(0)?)?,
        started: Row::known(text(1)?)?,
        system_identifier: Row::known(text(2)?)?,
        timeline: row.int8(3)?,
        flushed: row.lsn(4)?.map(Lsn),
        replayed_commit: text(5)?,
        archive: if Row::known(row.bool(6)?)? {
            Archive::Configured
        } else {
            Archive::None
        },
        receiver_name: text(7)?,
        senders: text(8)?,
        slots: text(9)?,
    })
}

/// The value of `pg_is_in_recovery()`.
enum Recovery {
    Not,
    In,
}

fn recovery(row: &Row) -> Result<Recovery, WireError> {
    Ok(if Row::known(row.bool(0)?)? {
        Recovery::In
    } else {
        Recovery::Not
    })
}
