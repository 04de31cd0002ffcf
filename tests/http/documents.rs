//! What the documents tell of real servers, compared with what the servers say themselves.

use serde_json::Value;
use support::postgres::SUPERUSER;
use support::{Postgres, Trouble, ports};

use crate::{SECONDS, Served, pair, serving};

fn document(served: &Served, path: &str) -> Result<Value, Trouble> {
    let response = served.ask(&format!("GET {path}"))?;
    assert_eq!(response.header("content-type"), Some("application/json"));
    serde_json::from_str(&response.body)
        .map_err(|error| Trouble::Unfit(format!("{path} is no JSON: {error}: {}", response.body)))
}

fn number(server: &Postgres, sql: &str) -> Result<u64, Trouble> {
    let said = server.query(sql)?;
    said.parse()
        .map_err(|_| Trouble::Unfit(format!("`{sql}` is \"{said}\"")))
}

#[test]
fn patronis_document_agrees_with_the_servers() -> Result<(), Trouble> {
    let (primary, standby) = pair()?;
    primary.query("CREATE TABLE written AS SELECT generate_series(1, 10)")?;
    let (first, second) = (serving(&primary, "")?, serving(&standby, "")?);
    let identifier = primary.query("SELECT system_identifier FROM pg_control_system()")?;
    let version = number(&primary, "SHOW server_version_num")?;
    let of_primary = document(&first, "/patroni")?;
    let of_standby = document(&second, "/patroni")?;
    for (server, document, role) in [
        (&primary, &of_primary, "primary"),
        (&standby, &of_standby, "replica"),
    ] {
        assert_eq!(document["state"], "running");
        assert_eq!(document["role"], role);
        assert_eq!(document["server_version"], version);
        assert_eq!(document["timeline"], 1);
        assert_eq!(document["database_system_identifier"], identifier);
        // Python's str() of the same moment.
        let started = document["postmaster_start_time"]
            .as_str()
            .unwrap_or_default();
        let same = format!("SELECT pg_postmaster_start_time() = '{started}'");
        assert_eq!(server.query(&same)?, "t", "{started}");
        assert!(started.contains('+') || started.contains('-'), "{started}");
        assert_eq!(started.as_bytes().get(10), Some(&b' '), "{started}");
    }
    let now = number(
        &primary,
        "SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint",
    )?;
    let then = of_primary["xlog"]["location"].as_u64().unwrap_or_default();
    assert!(then > 0 && then <= now, "{then} {now}");
    let sender = &of_primary["replication"][0];
    assert_eq!(sender["usename"], SUPERUSER);
    assert_eq!(sender["application_name"], standby.name());
    assert_eq!(sender["state"], "streaming");
    assert_eq!(sender["sync_state"], "async");
    assert_eq!(of_standby["replication_state"], "streaming");
    assert_eq!(of_standby["xlog"]["paused"], false);
    let replayed = of_standby["xlog"]["replayed_location"].as_u64();
    assert!(replayed.is_some_and(|replayed| replayed > 0));
    standby.query("SELECT pg_wal_replay_pause()")?;
    assert_eq!(document(&second, "/patroni")?["xlog"]["paused"], true);
    Ok(())
}

#[test]
fn the_state_document_tells_what_is_known_and_how_old_it_is() -> Result<(), Trouble> {
    let (primary, standby) = pair()?;
    primary.query("SELECT pg_create_physical_replication_slot('spare')")?;
    let (first, second) = (serving(&primary, "")?, serving(&standby, "")?);
    let of_primary = document(&first, "/state")?;
    assert_eq!(of_primary["answer"], "production");
    assert_eq!(of_primary["role"], "primary");
    assert_eq!(of_primary["slots"][0]["slot_name"], "spare");
    assert_eq!(of_primary["senders"][0]["application_name"], standby.name());
    let age = of_primary["age_seconds"].as_f64();
    assert!(
        age.is_some_and(|age| age < SECONDS.as_secs_f64()),
        "{age:?}"
    );
    let of_standby = document(&second, "/state")?;
    assert_eq!(of_standby["answer"], "standby");
    assert_eq!(of_standby["replication"]["receiver"], "streaming");
    assert_eq!(of_standby["replication"]["lag_bytes"], 0);
    Ok(())
}

#[test]
fn a_list_that_is_too_long_is_left_out_and_the_answer_stays() -> Result<(), Trouble> {
    let primary = Postgres::primary()
        .tcp(ports::free()?)
        .setting("max_replication_slots", "800")
        .start()?;
    primary.query(
        "SELECT count(pg_create_physical_replication_slot('of_a_subscriber_with_a_long_name_' || n))
           FROM generate_series(1, 700) AS n",
    )?;
    let served = serving(&primary, "")?;
    served.daemon.wait_for(SECONDS, "production")?;
    for _ in 0..3 {
        let document = document(&served, "/state")?;
        assert_eq!(document["answer"], "production");
        assert_eq!(document["timeline"], 1);
        assert_eq!(document["slots"], Value::Null);
        assert_eq!(document["left_out"], serde_json::json!(["slots"]));
        assert_eq!(served.daemon.ask().ok().as_deref(), Some("production"));
    }
    Ok(())
}

/// The view stands for whatever makes the details fail in a way that costs the session: an error longer than any answer
/// may be.
#[test]
fn details_that_cannot_be_read_do_not_change_the_answer() -> Result<(), Trouble> {
    // Up to PostgreSQL 12 a session cannot change this setting.
    let primary = Postgres::primary()
        .tcp(ports::free()?)
        .setting("allow_system_table_mods", "on")
        .start()?;
    for sql in [
        "ALTER VIEW pg_catalog.pg_replication_slots RENAME TO pg_replication_slots_before",
        "CREATE VIEW pg_catalog.pg_replication_slots AS
         SELECT slot_name, slot_type, repeat('x', 100000)::bool AS active, false AS temporary,
                NULL::pg_lsn AS restart_lsn, NULL::xid AS xmin
           FROM (VALUES ('a', 'physical')) AS one (slot_name, slot_type)",
        "GRANT SELECT ON pg_catalog.pg_replication_slots TO PUBLIC",
    ] {
        primary.query(sql)?;
    }
    let served = serving(&primary, "")?;
    served.daemon.wait_for(SECONDS, "production")?;
    for _ in 0..5 {
        let document = document(&served, "/state")?;
        assert_eq!(document["answer"], "production");
        assert_eq!(document["timeline"], Value::Null);
        assert_eq!(served.daemon.ask().ok().as_deref(), Some("production"));
    }
    let log = served.daemon.log();
    let said = log.matches("documents are without the server's details");
    assert_eq!(said.count(), 1, "{log}");
    Ok(())
}

#[test]
fn a_server_that_is_gone_is_told_with_the_reason() -> Result<(), Trouble> {
    let (primary, _standby) = pair()?;
    let served = serving(&primary, "")?;
    served.wait_for(SECONDS, "GET /primary", 200)?;
    drop(primary);
    served.wait_for(SECONDS, "GET /primary", 503)?;
    let document = document(&served, "/primary")?;
    assert_eq!(document["reason"], "no-socket");
    assert_eq!(document["state"], "stopped");
    assert_eq!(document.get("role"), None);
    Ok(())
}

fn metrics(served: &Served) -> Result<String, Trouble> {
    let response = served.ask("GET /metrics")?;
    assert_eq!(response.status, 200);
    assert_eq!(
        response.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    Ok(response.body)
}

#[test]
fn metrics_count_what_was_answered_and_show_the_server() -> Result<(), Trouble> {
    let (_primary, standby) = pair()?;
    let served = serving(&standby, "")?;
    served.daemon.wait_for(SECONDS, "standby")?;
    for _ in 0..3 {
        assert_eq!(served.daemon.ask().ok().as_deref(), Some("standby"));
    }
    assert_eq!(served.status("HEAD /replica")?, 200);
    assert_eq!(served.status("HEAD /nowhere")?, 404);
    let text = metrics(&served)?;
    let value = |name: &str| {
        let found = text.lines().find_map(|line| line.strip_prefix(name));
        let value = found.and_then(|value| value.trim().parse::<f64>().ok());
        value.ok_or_else(|| Trouble::Unfit(format!("{name} is not in {text}")))
    };
    let answers = |protocol: &str| {
        value(&format!(
            "pgsql_state_answers_total{{protocol=\"{protocol}\",outcome=\"standby\",reason=\"\"}}"
        ))
    };
    assert!(answers("state")? >= 4.0);
    assert!(answers("http")? >= 1.0);
    assert!(value("pgsql_state_answer_seconds_count{protocol=\"state\"}")? >= 4.0);
    let refused =
        "pgsql_state_answers_total{protocol=\"http\",outcome=\"refused\",reason=\"path\"}";
    assert!((value(refused)? - 1.0).abs() < f64::EPSILON);
    assert!(value("pgsql_state_role{role=\"standby\"}")? > 0.0);
    assert!((value("pgsql_state_timeline")? - 1.0).abs() < f64::EPSILON);
    assert!(value("pgsql_state_lag_bytes")? >= 0.0);
    assert!(value("pgsql_state_questions_total")? <= value("pgsql_state_question_checks_total")?);
    assert!(value("pgsql_state_fresh_connections_total{outcome=\"in\"}")? >= 1.0);
    Ok(())
}

#[test]
fn patronis_names_are_told_where_they_are_wanted() -> Result<(), Trouble> {
    let (primary, standby) = pair()?;
    let names = "[metrics]\npatroni_names = true\n";
    let (first, second) = (serving(&primary, names)?, serving(&standby, names)?);
    for (served, line) in [
        (&first, "patroni_primary 1"),
        (&first, "patroni_replica 0"),
        (&second, "patroni_primary 0"),
        (&second, "patroni_replica 1"),
        (&second, "patroni_postgres_streaming 1"),
    ] {
        served.wait_for(SECONDS, "GET /health", 200)?;
        let text = metrics(served)?;
        assert!(text.lines().any(|told| told == line), "{line} in {text}");
    }
    let text = metrics(&serving(&standby, "")?)?;
    assert!(!text.contains("patroni_"), "{text}");
    Ok(())
}

/// The names behind the prefix that a text mentions.
fn mentioned(text: &str) -> std::collections::BTreeSet<String> {
    let names = text.split("pgsql_state_").skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_');
        rest.split_at(end.unwrap_or(rest.len())).0.to_owned()
    });
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_metric_is_in_the_manual_and_every_rule_and_panel_reads_one() -> Result<(), Trouble> {
    let (_primary, standby) = pair()?;
    // Without a guard there is nothing to tell of quorum.
    let served = serving(&standby, "[guard]\nquorum = \"pacemaker\"\n")?;
    served.wait_for(SECONDS, "HEAD /replica", 200)?;
    let shown = mentioned(&metrics(&served)?);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = |name: &str| {
        std::fs::read_to_string(root.join(name)).map_err(Trouble::io(format!("read {name}")))
    };
    let families: std::collections::BTreeSet<String> = shown
        .iter()
        .map(|name| {
            let parts = ["_bucket", "_sum", "_count"];
            let family = parts.iter().find_map(|end| name.strip_suffix(end));
            family.unwrap_or(name).to_owned()
        })
        .collect();
    let mut manual = mentioned(&file("docs/reference/metrics.md")?);
    // The server has no replication slots.
    manual.retain(|name| !name.starts_with("slot_"));
    assert_eq!(families, manual);
    for reader in ["haproxy/alerts.yml", "haproxy/dashboard.json"] {
        let read = mentioned(&file(reader)?);
        assert!(
            read.len() >= 3 && read.is_subset(&shown),
            "{reader}: {read:?}"
        );
    }
    let dashboard: Result<Value, _> = serde_json::from_str(&file("haproxy/dashboard.json")?);
    assert!(dashboard.is_ok(), "{dashboard:?}");
    Ok(())
}
