//! The questions about a server's configuration, not about its state: asked once for an administrator, never for a
//! check. The answers are judged elsewhere.
//!
//! Each row is one text. It is JSON if the columns of a view differ between versions; a column that a version lacks is
//! missing from it.

/// Most bytes of an answer: the file of a server with ten thousand rules takes a megabyte.
pub(super) const MOST: usize = 8 << 20;

/// A question about the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// The lines of `pg_hba.conf` as the file is now, in their order, with their errors. Requires a superuser or
    /// a grant on the view and its function (manual, "`pg_hba_file_rules`").
    HbaRules,
    /// The texts of the files that contain those lines, each as JSON with its path. Requires the right to read files of
    /// the server.
    HbaTexts,
    /// The server as a whole: one row.
    Server,
    /// The settings on which a cluster depends; those that this role may not see are missing.
    Settings,
    /// The names of the roles that may replicate.
    Replicators,
    /// The standbys for which a primary's commits wait: one row.
    SynchronousStandbyNames,
    /// A primary as `pg_rewind` and a new copy find it: one row.
    RewindSource,
    /// The names of the segments in a primary's `pg_wal`. Requires the right to list files of the server.
    WalNames,
    /// The server from which a standby gets its WAL: one row, with the WAL receiver, if it streams, and the setting.
    Upstream,
}

impl Inspection {
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::HbaRules => {
                "SELECT pg_catalog.row_to_json(r)::text FROM pg_catalog.pg_hba_file_rules AS r"
            }
            Self::HbaTexts => HBA_TEXTS,
            Self::Server => SERVER,
            Self::Settings => SETTINGS,
            Self::Replicators => {
                "SELECT rolname::text FROM pg_catalog.pg_roles
                  WHERE rolcanlogin AND (rolreplication OR rolsuper) ORDER BY rolname"
            }
            Self::SynchronousStandbyNames => {
                "SELECT pg_catalog.current_setting('synchronous_standby_names')"
            }
            Self::RewindSource => REWIND_SOURCE,
            Self::WalNames => {
                "SELECT name FROM pg_catalog.pg_ls_dir('pg_wal', true, false) AS name WHERE name ~ '^[0-9A-F]{24}$'"
            }
            Self::Upstream => UPSTREAM,
        }
    }
}

/// The view has the file's name from `PostgreSQL` 16 on. As Latin-1 any bytes are a valid text, and only the ASCII part
/// of it is used.
const HBA_TEXTS: &str = "\
SELECT pg_catalog.json_build_object(
           'file', file,
           'text', pg_catalog.convert_from(pg_catalog.pg_read_binary_file(file), 'LATIN1'))::text
  FROM (SELECT DISTINCT COALESCE(pg_catalog.row_to_json(r)->>'file_name',
                                 pg_catalog.current_setting('hba_file')) AS file
          FROM pg_catalog.pg_hba_file_rules AS r) AS files";

/// A column or a setting that an older version does not have is NULL.
const UPSTREAM: &str = "\
SELECT pg_catalog.json_build_object(
           'used', r->>'conninfo', 'host', r->>'sender_host', 'port', (r->>'sender_port')::int4,
           'configured', pg_catalog.current_setting('primary_conninfo', true))::text
  FROM (SELECT (SELECT pg_catalog.row_to_json(w) FROM pg_catalog.pg_stat_wal_receiver AS w
                 WHERE w.status = 'streaming') AS r) AS receiver";

/// The functions are those that the manual names for the role of `pg_rewind`. A database that the role may not connect to has
/// no size for it.
const REWIND_SOURCE: &str = "\
SELECT pg_catalog.json_build_object(
           'role', current_user::text,
           'checkpoint_timeline', (SELECT timeline_id FROM pg_catalog.pg_control_checkpoint()),
           'missing_grants',
               ARRAY(SELECT f FROM (VALUES ('pg_ls_dir(text, boolean, boolean)'), ('pg_stat_file(text, boolean)'),
                                           ('pg_read_binary_file(text)'),
                                           ('pg_read_binary_file(text, bigint, bigint, boolean)')) AS functions (f)
                      WHERE NOT pg_catalog.has_function_privilege('pg_catalog.' || f, 'EXECUTE')),
           'size', (SELECT COALESCE(sum(pg_catalog.pg_database_size(oid)), 0)::int8 FROM pg_catalog.pg_database
                     WHERE pg_catalog.has_database_privilege(oid, 'CONNECT')),
           'tablespaces',
               ARRAY(SELECT pg_catalog.json_build_object('oid', oid::int8, 'place', pg_catalog.pg_tablespace_location(oid))
                       FROM pg_catalog.pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')),
           'followers', ARRAY(SELECT application_name FROM pg_catalog.pg_stat_replication WHERE state = 'streaming'),
           'name', pg_catalog.current_setting('cluster_name'))::text";

/// Only a new session reports the time at which the postmaster last read its files.
const SERVER: &str = "\
SELECT pg_catalog.json_build_object(
           'version', pg_catalog.current_setting('server_version_num')::int8,
           'loaded', EXTRACT(epoch FROM pg_catalog.pg_conf_load_time())::float8,
           'slots', (SELECT count(*) FROM pg_catalog.pg_replication_slots))::text";

const SETTINGS: &str = "\
SELECT pg_catalog.row_to_json(s)::text
  FROM (SELECT name, setting, context FROM pg_catalog.pg_settings
         WHERE name IN ('archive_mode', 'cluster_name', 'hba_file', 'hot_standby', 'max_slot_wal_keep_size',
                        'port', 'primary_conninfo', 'primary_slot_name', 'promote_trigger_file', 'recovery_target',
                        'recovery_target_lsn', 'recovery_target_name', 'recovery_target_time',
                        'recovery_target_timeline', 'recovery_target_xid', 'restart_after_crash', 'unix_socket_directories', 'wal_keep_segments',
                        'wal_keep_size')) AS s";
