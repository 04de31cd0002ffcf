//! Statuses of real servers, also while they change.

use std::time::{Duration, Instant};

use support::postgres::ORDINARY;
use support::{Daemon, Mode, Postgres, Trouble, Whom, ports, until};

use crate::{PROGRAM, SECONDS, Served, pair, serving};

/// Path, status of a primary, status of a standby that streams and is level.
const TABLE: &[(&str, u16, u16)] = &[
    ("/", 200, 503),
    ("/primary", 200, 503),
    ("/read-write", 200, 503),
    ("/master", 200, 503),
    ("/leader", 200, 503),
    ("/standby-leader", 503, 503),
    ("/replica", 503, 200),
    ("/replica?lag=16MB", 503, 200),
    ("/replica?replication_state=streaming", 503, 200),
    (
        "/replica?replication_state=in%20archive%20recovery",
        503,
        503,
    ),
    ("/replica?tag_zone=a", 503, 503),
    ("/read-only", 200, 200),
    ("/read-only-sync", 200, 503),
    ("/health", 200, 200),
    ("/liveness", 200, 200),
    ("/readiness", 200, 200),
    ("/patroni", 200, 200),
    ("/state", 200, 200),
    ("/nowhere", 404, 404),
    ("/replica?lag=much", 400, 400),
];

#[test]
fn each_path_has_its_status_for_each_role_and_method() -> Result<(), Trouble> {
    let (mut primary, standby) = pair()?;
    let (first, second) = (serving(&primary, "")?, serving(&standby, "")?);
    for (path, of_primary, of_standby) in TABLE {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let request = format!("{method} {path}");
            assert_eq!(
                first.status(&request)?,
                *of_primary,
                "{request} of a primary"
            );
            assert_eq!(
                second.status(&request)?,
                *of_standby,
                "{request} of a standby"
            );
        }
    }
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let response = first.ask(&format!("{method} /restart"))?;
        assert_eq!(response.status, 405, "{method}");
        assert_eq!(response.header("allow"), Some("GET, HEAD, OPTIONS"));
    }
    primary.stop(Mode::Fast)?;
    first.wait_for(SECONDS, "GET /health", 503)?;
    assert_eq!(first.status("GET /primary")?, 503);
    assert_eq!(first.status("GET /liveness")?, 200);
    standby.promote()?;
    second.wait_for(SECONDS, "HEAD /primary", 200)?;
    assert_eq!(second.status("HEAD /replica")?, 503);
    Ok(())
}

#[test]
fn a_lag_of_the_request_counts_where_none_is_configured() -> Result<(), Trouble> {
    let (primary, mut standby) = pair()?;
    let served = serving(&standby, "")?;
    served.wait_for(SECONDS, "HEAD /replica?lag=1MB", 200)?;
    standby.freeze(Whom::Child("startup"))?;
    primary.query("CREATE TABLE written AS SELECT generate_series(1, 60000)")?;
    served.wait_for(SECONDS, "HEAD /replica?lag=1MB", 503)?;
    assert_eq!(served.status("HEAD /replica?lag=1GB")?, 200);
    assert_eq!(served.status("HEAD /replica")?, 200);
    assert_eq!(served.status("HEAD /readiness")?, 503);
    assert_eq!(served.status("HEAD /readiness?lag=1GB")?, 200);
    assert_eq!(served.status("HEAD /replica?lag=1048576")?, 503);
    standby.thaw()?;
    served.wait_for(SECONDS, "HEAD /replica?lag=1MB", 200)
}

#[test]
fn a_standby_without_its_primary_is_within_no_lag() -> Result<(), Trouble> {
    let (mut primary, standby) = pair()?;
    let strict = serving(&standby, "")?;
    let lenient = serving(&standby, "[http]\nstrict = false\n")?;
    primary.stop(Mode::Fast)?;
    until(SECONDS, "the receiver to go", || {
        let streaming = "SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'";
        standby.query(streaming).is_ok_and(|count| count == "0")
    })?;
    assert_eq!(strict.status("HEAD /replica?lag=1GB")?, 503);
    assert_eq!(lenient.status("HEAD /replica?lag=1GB")?, 200);
    for served in [&strict, &lenient] {
        assert_eq!(served.status("HEAD /replica")?, 200);
        let streaming = "HEAD /replica?replication_state=streaming";
        assert_eq!(served.status(streaming)?, 503);
    }
    Ok(())
}

#[test]
fn a_role_that_may_see_little_is_told_little() -> Result<(), Trouble> {
    let (_primary, standby) = pair()?;
    let (state, http) = (ports::free()?, ports::free()?);
    let daemon = Daemon::binding(PROGRAM, state)
        .config(&format!("http = [\"{http}\"]\n"))
        .asking(&standby.conninfo(ORDINARY))
        .start()?;
    let served = Served { daemon, http };
    served.wait_for(SECONDS, "GET /replica", 200)?;
    assert_eq!(served.status("GET /replica?lag=1GB")?, 503);
    assert_eq!(served.status("GET /state")?, 200);
    Ok(())
}

/// A supervisor that gets no answer would end the daemon, which is not what hangs.
#[test]
fn whether_the_daemon_is_alive_does_not_wait_for_the_server() -> Result<(), Trouble> {
    let mut hung = Postgres::primary().start()?;
    hung.freeze(Whom::Everyone)?;
    let timeout = Duration::from_secs(10);
    for (dialect, path) in [("patroni", "/liveness"), ("cnpg", "/healthz")] {
        let (state, http) = (ports::free()?, ports::free()?);
        let daemon = Daemon::binding(PROGRAM, state)
            .config(&format!("http = [\"{http}\"]\n"))
            .asking(&hung.conninfo(ORDINARY))
            .config("timeout = \"10s\"\n")
            .config(&format!("[http]\ndialect = \"{dialect}\"\n"))
            .start()?;
        let served = Served { daemon, http };
        let asked = Instant::now();
        for method in ["GET", "HEAD"] {
            assert_eq!(served.status(&format!("{method} {path}"))?, 200);
        }
        assert!(asked.elapsed() < timeout / 2, "{:?}", asked.elapsed());
    }
    hung.thaw()
}

#[test]
fn a_dialect_changes_its_own_paths_alone() -> Result<(), Trouble> {
    let (primary, standby) = pair()?;
    for (dialect, path, of_primary, of_standby) in [
        ("xinetd", "/", 200, 206),
        ("cnpg", "/readyz", 200, 200),
        ("cnpg", "/startupz", 200, 200),
        ("cnpg", "/healthz", 200, 200),
        ("patroni", "/healthz", 404, 404),
    ] {
        let config = format!("[http]\ndialect = \"{dialect}\"\n");
        let (first, second) = (serving(&primary, &config)?, serving(&standby, &config)?);
        let request = format!("GET {path}");
        assert_eq!(first.status(&request)?, of_primary, "{dialect} {path}");
        assert_eq!(second.status(&request)?, of_standby, "{dialect} {path}");
        assert_eq!(first.status("GET /primary")?, 200, "{dialect}");
    }
    Ok(())
}
