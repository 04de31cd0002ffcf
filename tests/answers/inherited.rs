//! Defaults that a session inherits from its server, its database or its role: none of them changes an
//! answer, or when it comes.

use support::postgres::{MONITOR, ORDINARY, SUPERUSER, rows};
use support::{Mode, Postgres, Trouble, ports, until};

use crate::{FOR_A_WHILE, SECONDS, answer, asking, both_ways, keep_saying};

/// A hot standby refuses serializable transactions (PostgreSQL manual, "Hot Standby").
const SERIALIZABLE: (&str, &str) = ("default_transaction_isolation", "serializable");

#[test]
fn a_cluster_of_serializable_transactions_has_a_primary_and_a_standby() -> Result<(), Trouble> {
    let (name, value) = SERIALIZABLE;
    let primary = Postgres::primary().setting(name, value).start()?;
    let standby = primary.standby().setting(name, value).start()?;
    for role in [MONITOR, ORDINARY, SUPERUSER] {
        let of_primary = asking(&primary.conninfo(role))?.start()?;
        let of_standby = asking(&standby.conninfo(role))?.start()?;
        assert_eq!(answer(&of_primary)?, "production", "as {role}");
        assert_eq!(answer(&of_standby)?, "standby", "as {role}");
    }
    Ok(())
}

#[test]
fn a_default_of_the_database_or_the_role_does_not_go_before_what_a_session_needs()
-> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    for whose in [
        "DATABASE postgres",
        "ROLE ALL",
        "ROLE ALL IN DATABASE postgres",
        "ROLE monitor",
        "ROLE monitor IN DATABASE postgres",
    ] {
        let (name, value) = SERIALIZABLE;
        primary.query(&format!("ALTER {whose} SET {name} = {value}"))?;
        let end = primary.query("SELECT pg_current_wal_flush_lsn()")?;
        until(SECONDS, "the standby to have it", || {
            replayed(&standby, &end).is_ok_and(|replayed| replayed == "t")
        })?;
        let daemon = asking(&standby.conninfo(MONITOR))?.start()?;
        assert_eq!(answer(&daemon)?, "standby", "{whose}");
        primary.query(&format!("ALTER {whose} RESET {name}"))?;
    }
    Ok(())
}

/// Asks in a session that the default does not reach, or else it could not ask.
fn replayed(standby: &Postgres, end: &str) -> Result<String, Trouble> {
    let mut session = standby.connect(SUPERUSER)?;
    let mut ask = |sql: &str| rows(&mut session, sql).map_err(Trouble::sql("ask the standby"));
    ask("SET default_transaction_isolation = 'read committed'")?;
    ask(&format!("SELECT pg_last_wal_replay_lsn() >= '{end}'"))
}

/// A serializable read-only transaction that is deferrable waits for those that write.
#[test]
fn a_writer_does_not_hold_up_the_answer_where_transactions_are_deferrable() -> Result<(), Trouble> {
    let (name, value) = SERIALIZABLE;
    let server = Postgres::primary()
        .setting(name, value)
        .setting("default_transaction_deferrable", "on")
        .start()?;
    server.query("CREATE TABLE written (n int)")?;
    let mut writer = server.connect(SUPERUSER)?;
    let begun = writer.batch_execute("BEGIN; INSERT INTO written VALUES (1)");
    begun.map_err(Trouble::sql("write"))?;
    let daemon = asking(&server.conninfo(MONITOR))?.start()?;
    assert_eq!(answer(&daemon)?, "production");
    keep_saying("production", FOR_A_WHILE, [&daemon])?;
    let ended = writer.batch_execute("COMMIT");
    ended.map_err(Trouble::sql("commit"))
}

/// Each of them ends a session, has a question fail, or changes what it asks, where a session takes it.
#[test]
fn no_other_default_changes_an_answer() -> Result<(), Trouble> {
    let mut server = Postgres::primary().tcp(ports::free()?).start()?;
    if Postgres::major()? >= 14 {
        server.query("ALTER ROLE ALL SET idle_session_timeout = '100ms'")?;
    }
    server.query(
        "CREATE SCHEMA evil; \
         CREATE FUNCTION evil.minus(bigint, bigint) RETURNS bigint LANGUAGE plpgsql \
             AS 'BEGIN RAISE EXCEPTION ''not today''; END'; \
         CREATE OPERATOR evil.- (FUNCTION = evil.minus, LEFTARG = bigint, RIGHTARG = bigint); \
         GRANT USAGE ON SCHEMA evil TO PUBLIC; \
         ALTER ROLE ALL SET search_path = evil, pg_catalog; \
         ALTER ROLE ALL SET idle_in_transaction_session_timeout = '1ms'; \
         ALTER ROLE ALL SET statement_timeout = '1ms'; \
         ALTER ROLE ALL SET lock_timeout = '1ms'; \
         ALTER ROLE ALL SET client_min_messages = 'debug5'; \
         ALTER ROLE ALL SET debug_print_plan = on; \
         ALTER ROLE ALL SET jit_above_cost = 0; \
         ALTER ROLE ALL SET \"DateStyle\" = 'German'; \
         ALTER ROLE ALL SET extra_float_digits = -15; \
         ALTER ROLE ALL SET standard_conforming_strings = off",
    )?;
    let daemons = both_ways(&server)?;
    keep_saying("production", FOR_A_WHILE, &daemons)?;
    // A superuser is asked for the slots too.
    let as_superuser = asking(&server.conninfo(SUPERUSER))?.start()?;
    keep_saying("production", FOR_A_WHILE, [&as_superuser])?;
    server.stop(Mode::Fast)
}
