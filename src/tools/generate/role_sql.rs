//! The role with which a server is asked, as an SQL script that can be run repeatedly; connects to no server.

use super::Identifier;

/// The script. All its changes are replicated, so it runs on the primary.
///
/// What the statements of [`postgres::queries`](crate::postgres::queries) need, by the code of
/// `PostgreSQL` 12 to 18: the state of recovery, WAL positions, control data, settings and slots are
/// everybody's; `pg_stat_get_wal_receiver`, `pg_stat_get_wal_senders` and the types of others' backends
/// belong to members of `pg_read_all_stats`.
#[must_use]
pub fn role_sql(role: &Identifier, database: &Identifier) -> String {
    let (name, text) = (role.quoted(), role.literal());
    let database = database.quoted();
    format!(
        r"-- pgsql-state generate role-sql
--
-- The role with which pgsql-state asks a server, for PostgreSQL 12 to 18. On the primary, as a superuser;
-- standbys get it from there. Running it again changes nothing.
BEGIN;

DO $$
BEGIN
    -- Without a password: local connections are known by their operating system user (peer), which must
    -- have the same name. For other connections, set one with \password {name} in psql.
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {text}) THEN
        CREATE ROLE {name} LOGIN;
    ELSIF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {text} AND NOT rolcanlogin) THEN
        ALTER ROLE {name} LOGIN;
    END IF;

    -- An existing role keeps its privileges.
    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {text}
                  AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)) THEN
        RAISE WARNING 'the role % may do more than pgsql-state needs', {text};
    END IF;

    -- With it the role can connect to a server without free slots, if reserved_connections reserves some:
    -- PostgreSQL 16 and later.
    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'pg_use_reserved_connections') THEN
        GRANT pg_use_reserved_connections TO {name};
    END IF;
END
$$;

-- Without it a standby shows that it has a WAL receiver, but not whether it streams: `lagging
-- no-grant`. A part of pg_monitor; the rest, all settings and scans of tables, is not needed.
GRANT pg_read_all_stats TO {name};

-- Every role may connect by default, unless that was revoked.
GRANT CONNECT ON DATABASE {database} TO {name};

COMMIT;
"
    )
}

/// The script for the role as which `pgsql-state keeper` keeps replication slots.
///
/// `PostgreSQL` lets a role with `REPLICATION` make, advance and drop every slot (`CheckSlotPermissions`), and stream all data
/// where `pg_hba.conf` admits it to `replication`. It is therefore another role than the one that asks, which answers strangers.
#[must_use]
pub fn slots_role_sql(role: &Identifier, database: &Identifier) -> String {
    let (name, text) = (role.quoted(), role.literal());
    let database = database.quoted();
    format!(
        r"-- pgsql-state generate role-sql --slots
--
-- The role as which pgsql-state keeper makes, advances and drops replication slots, for PostgreSQL 12 to 18. On the
-- primary, as a superuser; standbys get it from there. Running it again changes nothing.
BEGIN;

DO $$
BEGIN
    -- Without a password: local connections are known by their operating system user (peer). The user of
    -- pgsql-state-keeper.service is hacluster.
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {text}) THEN
        CREATE ROLE {name};
    END IF;
    -- REPLICATION is what PostgreSQL demands of whoever makes or drops a slot.
    ALTER ROLE {name} LOGIN REPLICATION;
END
$$;

-- With it the role sees which timeline a standby receives.
GRANT pg_read_all_stats TO {name};

-- Every role may connect by default, unless that was revoked.
GRANT CONNECT ON DATABASE {database} TO {name};

COMMIT;
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_everywhere() {
        for make in [role_sql, slots_role_sql] {
            let script = make(&"a b".parse().unwrap(), &"d;".parse().unwrap());
            let bare = script.replace("\"a b\"", "").replace("'a b'", "");
            assert!(!bare.contains("a b"), "{bare}");
            assert!(
                script.contains("ON DATABASE \"d;\" TO \"a b\";"),
                "{script}"
            );
        }
    }
}
