//! The questions about how a server is configured, and not in what state it is: for whoever administers it,
//! once, never for a check. What the answers mean is judged elsewhere.
//!
//! Each row is one text. Where the columns of a view differ between versions it is JSON, in which a missing
//! one is missing.

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// The lines of `pg_hba.conf` as it is now, in their order, with what is wrong with them. For
    /// superusers, unless somebody was granted the view and its function (manual, "`pg_hba_file_rules`").
    HbaRules,
    /// The texts of the files that those lines stand in, each as JSON with its path. For whoever may read files of
    /// the server.
    HbaTexts,
    /// The server as a whole: one row.
    Server,
    /// The settings that a cluster depends on; those that this role may not see are missing.
    Settings,
    /// The names of the roles that may replicate.
    Replicators,
    /// Which standbys a primary's commits wait for: one row.
    SynchronousStandbyNames,
    /// Where a standby has its WAL from: one row, of the WAL receiver that streams, if one does, and of the setting.
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
            Self::Upstream => UPSTREAM,
        }
    }
}

/// The view names the file from `PostgreSQL` 16 on. As Latin-1 any bytes are a text, and what is read of it is
/// ASCII.
const HBA_TEXTS: &str = "\
SELECT pg_catalog.json_build_object(
           'file', file,
           'text', pg_catalog.convert_from(pg_catalog.pg_read_binary_file(file), 'LATIN1'))::text
  FROM (SELECT DISTINCT COALESCE(pg_catalog.row_to_json(r)->>'file_name',
                                 pg_catalog.current_setting('hba_file')) AS file
          FROM pg_catalog.pg_hba_file_rules AS r) AS files";

/// A column or a setting that an older version does not have is missing.
const UPSTREAM: &str = "\
SELECT pg_catalog.json_build_object(
           'used', r->>'conninfo', 'host', r->>'sender_host', 'port', (r->>'sender_port')::int4,
           'configured', pg_catalog.current_setting('primary_conninfo', true))::text
  FROM (SELECT (SELECT pg_catalog.row_to_json(w) FROM pg_catalog.pg_stat_wal_receiver AS w
                 WHERE w.status = 'streaming') AS r) AS receiver";

/// A new session knows when the postmaster read its files last.
const SERVER: &str = "\
SELECT pg_catalog.json_build_object(
           'version', pg_catalog.current_setting('server_version_num')::int8,
           'loaded', EXTRACT(epoch FROM pg_catalog.pg_conf_load_time())::float8,
           'slots', (SELECT count(*) FROM pg_catalog.pg_replication_slots))::text";

const SETTINGS: &str = "\
SELECT pg_catalog.row_to_json(s)::text
  FROM (SELECT name, setting, context FROM pg_catalog.pg_settings
         WHERE name IN ('archive_mode', 'cluster_name', 'hba_file', 'hot_standby', 'max_slot_wal_keep_size',
                        'port', 'primary_conninfo', 'primary_slot_name', 'recovery_target_timeline',
                        'restart_after_crash', 'unix_socket_directories', 'wal_keep_segments',
                        'wal_keep_size')) AS s";
