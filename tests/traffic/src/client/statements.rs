//! What clients ask, as SQL; pure.

/// Makes the table. A role without the right to create may find it made, and `IF NOT EXISTS` looks at
/// the right first.
pub(crate) const CREATE: &str = "\
CREATE TABLE pgsql_state_traffic (
    run text,
    number bigint,
    writer bigint NOT NULL,
    host text NOT NULL,
    timeline bigint NOT NULL,
    written timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run, number)
)";

/// Whether the table is there.
pub(crate) const THERE: &str = "SELECT to_regclass('pgsql_state_traffic') IS NOT NULL";

/// Whether the server is in recovery.
pub(crate) const IN_RECOVERY: &str = "SELECT pg_is_in_recovery()";

/// The newest row of a run.
pub(crate) const NEWEST: &str = "SELECT max(number) FROM pgsql_state_traffic WHERE run = $1";

/// Every row of a run.
pub(crate) const NUMBERS: &str = "SELECT number FROM pgsql_state_traffic WHERE run = $1";

/// The timeline to which a primary writes: the first eight hexadecimal digits of a WAL file's name
/// (PostgreSQL manual, "WAL Internals").
const TIMELINE: &str = "('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint";

/// Inserts a row of a run, with its number and writer, and tells host and timeline.
pub(crate) fn insert(host_sql: &str) -> String {
    format!(
        "INSERT INTO pgsql_state_traffic (run, number, writer, host, timeline) \
         SELECT $1, $2, $3, ({host_sql})::text, {TIMELINE} RETURNING host, timeline"
    )
}

/// Tells a primary's host and timeline.
pub(crate) fn identify(host_sql: &str) -> String {
    format!("SELECT ({host_sql})::text, {TIMELINE}")
}

/// Tells host, role, and whether the table has come here yet.
pub(crate) fn role(host_sql: &str) -> String {
    format!(
        "SELECT ({host_sql})::text, pg_is_in_recovery(), \
         to_regclass('pgsql_state_traffic') IS NOT NULL"
    )
}

/// The tables of registers and sets.
pub const TABLES: &str = "\
CREATE TABLE IF NOT EXISTS pgsql_state_register (
    run text, key text, value bigint NOT NULL, PRIMARY KEY (run, key)
);
CREATE TABLE IF NOT EXISTS pgsql_state_member (
    run text, client text, member bigint, PRIMARY KEY (run, client, member)
)";

/// Tells host and timeline; the latter is null in recovery, where nothing is written.
pub(crate) fn role_and_timeline(host_sql: &str) -> String {
    format!("SELECT ({host_sql})::text, CASE WHEN NOT pg_is_in_recovery() THEN {TIMELINE} END")
}

/// Sets a register of a run to a value, unless it has a higher one already, which a delayed write must not take back.
pub(crate) fn set_register(host_sql: &str) -> String {
    format!(
        "INSERT INTO pgsql_state_register AS register (run, key, value) VALUES ($1, $2, $3) \
         ON CONFLICT (run, key) DO UPDATE SET value = excluded.value \
         WHERE register.value < excluded.value RETURNING ({host_sql})::text, {TIMELINE}"
    )
}

/// Adds a member to a client's set of a run.
pub(crate) fn add_member(host_sql: &str) -> String {
    format!(
        "INSERT INTO pgsql_state_member (run, client, member) VALUES ($1, $2, $3) \
         RETURNING ({host_sql})::text, {TIMELINE}"
    )
}

/// The value of a register.
pub(crate) const GET_REGISTER: &str =
    "SELECT value FROM pgsql_state_register WHERE run = $1 AND key = $2";

/// The members of a client's set above one.
pub(crate) const GET_MEMBERS: &str =
    "SELECT member FROM pgsql_state_member WHERE run = $1 AND client = $2 AND member > $3";
