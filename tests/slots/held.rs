//! Slots are made, advanced, left alone and dropped.

use support::{Mode, Postgres, Trouble, until_ok};

use crate::cluster::{Cluster, ROLE, SECONDS};

const CAP: &str = "role = \"keeper\"\ncap = \"1GB\"\n";

#[test]
fn every_server_has_a_slot_for_each_other_node_and_a_standbys_moves_on() -> Result<(), Trouble> {
    let cluster = Cluster::new(3, CAP)?;
    for (index, others) in [(0, [2, 3]), (1, [1, 3]), (2, [1, 2])] {
        for other in others {
            let slot = format!("pgsql_state_srv{other}");
            let reserves = "restart_lsn IS NOT NULL";
            cluster.wait_for_slot(index, &slot, reserves, "t")?;
        }
    }
    cluster.wait_for_slot(0, "pgsql_state_srv2", "active", "t")?;
    cluster.wait_for_slot(0, "pgsql_state_srv3", "active", "t")?;
    let before = cluster.slot(1, "pgsql_state_srv3", "restart_lsn")?;
    cluster.write(0, 4)?;
    let end = cluster.servers[0].query("SELECT pg_current_wal_lsn()")?;
    cluster.wait_level(0, 1)?;
    cluster.servers[1].query("CHECKPOINT")?;
    // That of the other standby follows what it has; that of the primary, the own restartpoint.
    cluster.wait_for_slot(
        1,
        "pgsql_state_srv3",
        &format!("restart_lsn >= '{end}'"),
        "t",
    )?;
    cluster.wait_for_slot(
        1,
        "pgsql_state_srv1",
        &format!("restart_lsn > '{before}'"),
        "t",
    )?;
    let beyond = "restart_lsn > (SELECT redo_lsn FROM pg_control_checkpoint())";
    assert_eq!(cluster.slot(1, "pgsql_state_srv1", beyond)?, "f");
    Ok(())
}

#[test]
fn what_is_no_nodes_is_dropped_and_what_belongs_to_others_stays() -> Result<(), Trouble> {
    let cluster = Cluster::new(2, CAP)?;
    let standby = &cluster.servers[1];
    for server in &cluster.servers {
        server.query("SELECT pg_create_physical_replication_slot('pgsql_state_gone', true)")?;
        server.query("SELECT pg_create_physical_replication_slot('foreign', true)")?;
        // PostgreSQL makes it without a reservation, as the resource agent pgsql does.
        server.query("SELECT pg_create_physical_replication_slot('foreign_idle')")?;
    }
    let mut session = standby.connect("postgres")?;
    let temporary = "SELECT pg_create_physical_replication_slot('pgsql_state_mine', true, true)";
    support::postgres::rows(&mut session, temporary).unwrap();
    for index in [0, 1] {
        cluster.wait_for_slot(index, "pgsql_state_gone", "1", "")?;
        assert_eq!(cluster.slot(index, "foreign", "1")?, "1");
        assert_eq!(cluster.slot(index, "foreign_idle", "1")?, "1");
    }
    assert_eq!(cluster.slot(1, "pgsql_state_mine", "temporary")?, "t");
    Ok(())
}

#[test]
fn a_slot_without_a_reservation_is_made_anew() -> Result<(), Trouble> {
    let mut cluster = Cluster::new(2, CAP)?;
    cluster.wait_for_slot(1, "pgsql_state_srv1", "restart_lsn IS NOT NULL", "t")?;
    // The standby's keeper finds one that reserves nothing.
    cluster.servers[1].query(
        "SELECT pg_drop_replication_slot('pgsql_state_srv1');
         SELECT pg_create_physical_replication_slot('pgsql_state_srv1')",
    )?;
    cluster.wait_for_slot(1, "pgsql_state_srv1", "restart_lsn IS NOT NULL", "t")?;
    cluster.wait_for_log(1, "drop the slot pgsql_state_srv1: it reserves no WAL")?;
    cluster.servers[1].stop(Mode::Fast)
}

#[test]
fn the_slot_of_a_standby_that_is_away_holds_no_more_than_the_cap_and_returns_with_it()
-> Result<(), Trouble> {
    let mut cluster = Cluster::new(2, "role = \"keeper\"\ncap = \"6MB\"\n")?;
    cluster.wait_for_slot(0, "pgsql_state_srv2", "active", "t")?;
    cluster.servers[1].stop(Mode::Fast)?;
    cluster.write(0, 3)?;
    assert_eq!(cluster.slot(0, "pgsql_state_srv2", "active")?, "f");
    cluster.write(0, 6)?;
    cluster.wait_for_slot(0, "pgsql_state_srv2", "1", "")?;
    let why = "drop the slot pgsql_state_srv2: it holds more WAL than slots.cap";
    cluster.wait_for_log(0, why)?;
    cluster.write(0, 2)?;
    let segments = cluster.servers[0].query("SELECT count(*) FROM pg_ls_waldir()")?;
    assert!(segments.parse::<u32>().unwrap() <= 6, "{segments}");
    cluster.servers[1].start()?;
    cluster.wait_for_slot(0, "pgsql_state_srv2", "restart_lsn IS NOT NULL", "t")
}

#[test]
fn nothing_is_made_where_nothing_limits_it() -> Result<(), Trouble> {
    let cluster = Cluster::new(2, "role = \"keeper\"\n")?;
    cluster.wait_for_log(0, "no slot is made, because nothing limits the WAL")?;
    assert_eq!(cluster.slot(0, "pgsql_state_srv2", "1")?, "");
    if Postgres::major()? >= 13 {
        cluster.servers[0].query("ALTER SYSTEM SET max_slot_wal_keep_size = '1GB'")?;
        cluster.servers[0].query("SELECT pg_reload_conf()")?;
        cluster.wait_for_slot(0, "pgsql_state_srv2", "restart_lsn IS NOT NULL", "t")?;
    }
    Ok(())
}

#[test]
fn a_role_that_may_not_make_slots_is_told_until_it_may() -> Result<(), Trouble> {
    let cluster = Cluster::new(2, "role = \"ordinary\"\ncap = \"1GB\"\n")?;
    cluster.wait_for_log(
        0,
        "replication slots are not kept: cannot create the slot pgsql_state_srv2",
    )?;
    let told = || cluster.log(0).matches("are not kept").count();
    assert_eq!(told(), 1, "{}", cluster.log(0));
    cluster.servers[0].query("ALTER ROLE ordinary REPLICATION")?;
    cluster.wait_for_slot(0, "pgsql_state_srv2", "restart_lsn IS NOT NULL", "t")?;
    assert_eq!(told(), 1, "{}", cluster.log(0));
    drop(cluster);
    Ok(())
}

#[test]
fn the_script_of_generate_role_sql_makes_the_role_that_is_needed() -> Result<(), Trouble> {
    let cluster = Cluster::new(1, "role = \"slots\"\ncap = \"1GB\"\nalso = [\"barman\"]\n")?;
    cluster.wait_for_log(0, "replication slots are not kept: cannot connect")?;
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_pgsql-state"))
        .args(["generate", "role-sql", "--slots", "--role", "slots"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let script = String::from_utf8(made.stdout).unwrap();
    cluster.servers[0].query(&script)?;
    cluster.servers[0].query(&script)?;
    until_ok(SECONDS, "the slot", || {
        match cluster.slot(0, "barman", "restart_lsn IS NOT NULL") {
            Ok(said) if said == "t" => Ok(()),
            other => Err(format!("{other:?} as {ROLE}: {}", cluster.log(0))),
        }
    })
}
