//! Over how many sessions a server is asked.

use std::time::Duration;

use pgsql_state::agent::actions::Server;
use pgsql_state::agent::decide::state::{RoleSource, ServerState, judge};
use pgsql_state::base::Deadline;
use pgsql_state::base::system_clock::OnSystemClock;
use support::{Postgres, Whom};

use crate::{Held, primary, soon};

/// How many sessions the agent has had.
fn sessions(server: &Postgres) -> usize {
    let log = server.log();
    let is_ours = |line: &&str| {
        line.contains("connection authorized") && line.contains("application_name=pgsqlms")
    };
    log.lines().filter(is_ours).count()
}

#[test]
fn one_session_does_for_an_action() {
    let server = Postgres::primary()
        .setting("log_connections", "on")
        .start()
        .unwrap();
    let mut held = Held::of(&server);
    assert_eq!(held.state(), ServerState::Primary(RoleSource::Said(None)));
    held.instance.senders(soon()).unwrap();
    held.instance.traces(soon()).unwrap();
    held.instance
        .prove(
            &"srv2".parse().unwrap(),
            Deadline::after(Duration::from_millis(200)),
        )
        .unwrap();
    assert_eq!(sessions(&server), 1);
}

#[test]
fn a_session_that_was_ended_meanwhile_is_no_failure_of_the_server() {
    let server = primary();
    let mut held = Held::of(&server);
    held.state();
    let of_it = "FROM pg_stat_activity WHERE application_name = 'pgsqlms'";
    let end = format!("SELECT count(pg_terminate_backend(pid)) {of_it}");
    assert_eq!(server.query(&end).unwrap(), "1");
    support::until(crate::SECONDS, "the session to end", || {
        let none = server.query(&format!("SELECT count(*) = 0 {of_it}"));
        none.is_ok_and(|none| none == "t")
    })
    .unwrap();
    held.instance.senders(soon()).unwrap();
}

#[test]
fn a_server_that_lets_nobody_in_is_silent_however_well_old_sessions_do() {
    let mut server = primary();
    let mut held = Held::of(&server);
    assert_eq!(held.state(), ServerState::Primary(RoleSource::Said(None)));
    server.freeze(Whom::Postmaster).unwrap();
    let soon = Deadline::after(Duration::from_millis(300));
    assert_eq!(judge(&held.instance.evidence(soon)), ServerState::Silent);
}
