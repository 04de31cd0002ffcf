mod documents;

use super::*;
use crate::answer::metrics::{Exposition, Metrics, MetricsFormat};
use crate::config::{Dialect, Documents, HttpOptions, MetricNames, Strictness};
use crate::health::words::{PRIMARY_WORDS, STANDBY_WORDS};
use crate::health::{
    Archive, Depth, DownReason, LagReason, Lsn, Receiver, Replay, Replication, Standby,
    TimelineStanding, maintain,
};

/// Lag of the streaming standby in the tables, in bytes.
const LAG: u64 = 5000;

const END: u64 = 1 << 30;

fn standby(receiver: Receiver) -> State {
    let replication = Some(Replication {
        receiver,
        received: Some(Lsn(END)),
        replayed: Some(Lsn(END - LAG)),
        replay: Replay::Running,
        last_commit_age: None,
    });
    State::Standby(ConnectionSlots::Free, Standby { replication })
}

fn streaming() -> State {
    standby(Receiver::Streaming {
        primary_end: Some(Lsn(END)),
    })
}

fn details() -> Details {
    Details {
        server_version: 150_014,
        started: "2026-11-22 07:39:26.352526+00:00".into(),
        system_identifier: "7480000000000000001".into(),
        timeline: Some(3),
        flushed: None,
        replayed_commit: Some("2026-11-22 08:00:00+00:00".into()),
        archive: Archive::There,
        receiver_name: Some("srv2".into()),
        senders: None,
        slots: None,
    }
}

/// The columns of the tables: a primary, a standby, one that lags, one without a receiver, and no server.
fn columns() -> [(Verdict, State); 5] {
    [
        (Verdict::Production, State::Primary(ConnectionSlots::Free)),
        (Verdict::Standby, streaming()),
        (Verdict::Lagging(LagReason::Behind), streaming()),
        (Verdict::Standby, standby(Receiver::Gone)),
        (
            Verdict::Down(DownReason::NoSocket),
            State::Down(DownReason::NoSocket),
        ),
    ]
}

fn with_facts<T>(
    verdict: Verdict,
    state: &State,
    details: &Details,
    take: impl FnOnce(&Facts<'_>) -> T,
) -> T {
    take(&Facts {
        verdict,
        state,
        delay: Some(Duration::from_millis(1500)),
        transactions: None,
        ordered: None,
        quorum: None,
        rival: None,
        sync: None,
        contacts: &[],
        details: Some(details),
        age: Duration::from_millis(1),
        uptime: Duration::from_secs(60),
        words: &Words::default(),
    })
}

const TEXT_FORMAT: Exposition = Exposition {
    form: MetricsFormat::Text,
    names: MetricNames::Own,
};

fn reply(plan: &RequestPlan, facts: &Facts<'_>) -> Reply {
    plan.reply(facts, &Metrics::new(Vec::new()), TEXT_FORMAT)
}

fn ask(request: &str, manners: HttpOptions, verdict: Verdict, state: &State) -> Reply {
    let (method, target) = request.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    match plan(method, path, query, manners) {
        Ok(plan) => with_facts(verdict, state, &details(), |facts| reply(&plan, facts)),
        Err(reply) => reply,
    }
}

/// Checks each line of a table: a request with GET, HEAD and OPTIONS, and the status for each column.
fn hold(manners: HttpOptions, table: &str) {
    for line in table.lines().filter(|line| !line.is_empty()) {
        let (target, statuses) = line.split_once(" | ").unwrap();
        let expected: Vec<u16> = statuses
            .split_whitespace()
            .map(|status| status.parse().unwrap())
            .collect();
        assert_eq!(expected.len(), columns().len(), "{line}");
        for ((verdict, state), expected) in columns().iter().zip(expected) {
            for method in ["GET", "HEAD", "OPTIONS"] {
                let request = format!("{method} {}", target.trim());
                let reply = ask(&request, manners, *verdict, state);
                assert_eq!(reply.status, expected, "{request} of {verdict:?}");
            }
        }
    }
}

const STRICT: HttpOptions = HttpOptions {
    dialect: Dialect::Patroni,
    strictness: Strictness::Strict,
    documents: Documents::ForAll,
};
const LENIENT: HttpOptions = HttpOptions {
    dialect: Dialect::Patroni,
    strictness: Strictness::Lenient,
    documents: Documents::ForAll,
};

#[test]
fn each_path_has_its_status_for_each_server() {
    hold(
        STRICT,
        "
/                                                  | 200 503 503 503 503
/primary                                           | 200 503 503 503 503
/read-write                                        | 200 503 503 503 503
/master                                            | 200 503 503 503 503
/leader                                            | 200 503 503 503 503
/standby-leader                                    | 503 503 503 503 503
/standby_leader                                    | 503 503 503 503 503
/replica                                           | 503 200 503 200 503
/read-only                                         | 200 200 503 200 503
/sync                                              | 503 503 503 503 503
/synchronous                                       | 503 503 503 503 503
/async                                             | 503 503 503 503 503
/asynchronous                                      | 503 503 503 503 503
/quorum                                            | 503 503 503 503 503
/read-only-sync                                    | 200 503 503 503 503
/read-only-synchronous                             | 200 503 503 503 503
/read-only-quorum                                  | 200 503 503 503 503
/health                                            | 200 200 200 200 503
/liveness                                          | 200 200 200 200 200
/readiness                                         | 200 200 503 503 503
/patroni                                           | 200 200 200 200 200
/state                                             | 200 200 200 200 200
/metrics                                           | 200 200 200 200 200
",
    );
}

/// The reply for a standby with this synchronous state.
fn ask_standby(request: &str, sync: Option<SyncState>) -> Reply {
    let (path, query) = request.split_once('?').unwrap_or((request, ""));
    let plan = plan("GET", path, query, STRICT).unwrap();
    with_facts(Verdict::Standby, &streaming(), &details(), |facts| {
        reply(&plan, &Facts { sync, ..*facts })
    })
}

#[test]
fn a_standby_meets_paths_by_the_synchronous_state_that_its_primary_reports() {
    // Unknown, async, potential, sync, quorum.
    let states = [None].into_iter().chain(SyncState::ALL.map(Some));
    for (path, expected) in [
        ("/sync", [503, 503, 503, 200, 503]),
        ("/synchronous", [503, 503, 503, 200, 503]),
        ("/read-only-sync", [503, 503, 503, 200, 503]),
        ("/read-only-synchronous", [503, 503, 503, 200, 503]),
        ("/sync?lag=4999", [503; 5]),
        ("/sync?tag_dc=a", [503; 5]),
        ("/quorum", [503, 503, 503, 503, 200]),
        ("/read-only-quorum", [503, 503, 503, 503, 200]),
        ("/async", [503, 200, 200, 503, 503]),
        ("/asynchronous", [503, 200, 200, 503, 503]),
        ("/replica", [200; 5]),
        ("/primary", [503; 5]),
    ] {
        for (sync, expected) in states.clone().zip(expected) {
            assert_eq!(ask_standby(path, sync).status, expected, "{path} {sync:?}");
        }
    }
    let told = |path: &str, sync, part: &str| {
        let body = ask_standby(path, sync).body;
        assert!(body.contains(part), "{part} in {body}");
    };
    told(
        "/replica",
        Some(SyncState::Sync),
        "\"sync_standby\":true,\"timeline\"",
    );
    told(
        "/replica",
        Some(SyncState::Quorum),
        "\"quorum_standby\":true,\"timeline\"",
    );
    told("/sync", None, "\"reason\":\"sync-unknown\"");
    told(
        "/sync",
        Some(SyncState::Potential),
        "\"reason\":\"potential\"",
    );
    told(
        "/state",
        Some(SyncState::Potential),
        "\"sync_state\": \"potential\"",
    );
    let fits = ask_standby("/async", Some(SyncState::Potential));
    assert!(!fits.body.contains("reason"), "{}", fits.body);
}

#[test]
fn parameters_narrow_what_a_standby_may_be() {
    hold(
        STRICT,
        "
/replica?lag=5000                                  | 503 200 503 503 503
/replica?lag=4999                                  | 503 503 503 503 503
/replica?lag=5kB                                   | 503 200 503 503 503
/replica?lag=4kB                                   | 503 503 503 503 503
/replica?lag=1%20MB                                | 503 200 503 503 503
/replica?lag=                                      | 503 200 503 200 503
/replica?other=1                                   | 503 200 503 200 503
/read-only?lag=4999                                | 200 503 503 503 503
/primary?lag=0                                     | 200 503 503 503 503
/replica?replication_state=streaming               | 503 200 503 503 503
/replica?replication_state=in+archive+recovery     | 503 503 503 200 503
/replica?replication_state=dreaming                | 503 503 503 503 503
/replica?lag=1MB&replication_state=streaming       | 503 200 503 503 503
/readiness?lag=4999                                | 200 503 503 503 503
/readiness?lag=4999&mode=write                     | 200 200 503 503 503
/readiness?lag=4999&mode=apply                     | 200 503 503 503 503
/replica?tag_dc=a                                  | 503 503 503 503 503
/read-only?tag_dc=a                                | 503 503 503 503 503
/health?tag_dc=a                                   | 503 503 503 503 503
/primary?tag_dc=a                                  | 200 503 503 503 503
",
    );
}

#[test]
fn invalid_requests_get_a_status_4xx() {
    hold(
        STRICT,
        "
/replica?lag=many                                  | 400 400 400 400 400
/replica?lag=-1                                    | 400 400 400 400 400
/replica?lag=5%20kb                                | 400 400 400 400 400
/replica?lag=99999999999999999999                  | 400 400 400 400 400
/replicas                                          | 404 404 404 404 404
/replica/                                          | 404 404 404 404 404
//primary                                          | 404 404 404 404 404
/PRIMARY                                           | 404 404 404 404 404
/config                                            | 404 404 404 404 404
/cluster                                           | 404 404 404 404 404
/healthz                                           | 404 404 404 404 404
",
    );
    for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "get"] {
        let request = format!("{method} /restart");
        let reply = ask(&request, STRICT, Verdict::Production, &columns()[0].1);
        assert_eq!(reply.status, 405, "{method}");
    }
}

#[test]
fn in_lenient_mode_paths_are_searched_for_words_and_invalid_parameters_ignored() {
    hold(
        LENIENT,
        "
/primaryX                                          | 200 503 503 503 503
/my-leader                                         | 200 503 503 503 503
/replicas                                          | 503 200 503 200 503
/x/read-only/                                      | 200 200 503 200 503
/standby_leader?x                                  | 503 503 503 503 503
/healthz                                           | 200 200 200 200 503
/anything                                          | 503 503 503 503 503
/sync/                                             | 503 503 503 503 503
/read-only-sync                                    | 200 503 503 503 503
/replica?lag=many                                  | 503 200 503 200 503
/replica?lag=4999                                  | 503 503 503 200 503
",
    );
    let standby = streaming();
    for (request, expected) in [
        ("GET /liveness", 200),
        ("GET /readiness/x", 200),
        ("GET /patroni", 200),
        ("HEAD /liveness", 503),
        ("OPTIONS /readiness", 503),
        ("HEAD /patroni", 503),
    ] {
        let status = ask(request, LENIENT, Verdict::Standby, &standby).status;
        assert_eq!(status, expected, "{request}");
    }
}

#[test]
fn the_scripts_of_xinetd_have_a_status_for_each_role() {
    let xinetd = HttpOptions {
        dialect: Dialect::Xinetd,
        ..STRICT
    };
    hold(
        xinetd,
        "
/                                                  | 200 206 503 206 503
/replica                                           | 503 200 503 200 503
",
    );
    let reply = ask("GET /", xinetd, Verdict::Standby, &streaming());
    assert_eq!(reply.body, "standby\n");
}

#[test]
fn the_probes_of_cloudnativepg_pass_or_fail() {
    let cnpg = HttpOptions {
        dialect: Dialect::Cnpg,
        ..STRICT
    };
    hold(
        cnpg,
        "
/healthz                                           | 200 200 200 200 200
/readyz                                            | 200 200 500 200 500
/startupz                                          | 200 200 200 200 500
/primary                                           | 200 503 503 503 503
",
    );
    let ready = ask("GET /readyz", cnpg, Verdict::Production, &columns()[0].1);
    assert_eq!(ready.body, "OK");
}

#[test]
fn in_maintenance_no_path_reports_a_role() {
    for (verdict, state) in columns() {
        for ordered in [Maintenance::Drain, Maintenance::Down] {
            let verdict = maintain(verdict, Some(ordered));
            for path in [
                "/",
                "/replica",
                "/read-only",
                "/read-only-sync",
                "/readiness",
            ] {
                let reply = ask(&format!("HEAD {path}"), STRICT, verdict, &state);
                assert_eq!(reply.status, 503, "{path} {verdict:?}");
            }
            let document = ask("GET /patroni", STRICT, verdict, &state).body;
            let down = matches!(verdict, Verdict::Down(_));
            assert_eq!(document.contains("\"role\""), !down, "{document}");
        }
    }
}

#[test]
fn a_status_alone_comes_without_a_body() {
    for (verdict, state) in columns() {
        for method in ["HEAD", "OPTIONS"] {
            for path in ["/", "/replica", "/patroni", "/state"] {
                let reply = ask(&format!("{method} {path}"), STRICT, verdict, &state);
                assert_eq!((reply.content_type, reply.body.as_str()), ("", ""));
            }
        }
    }
}

#[test]
fn a_request_asks_only_for_the_facts_that_it_needs() {
    for (request, needs) in [
        ("HEAD /primary", Depth::Verdict),
        ("OPTIONS /replica", Depth::Verdict),
        ("HEAD /replica?lag=1MB", Depth::Figures),
        ("HEAD /replica?replication_state=streaming", Depth::Figures),
        ("HEAD /sync", Depth::Sync),
        ("HEAD /read-only-quorum?lag=1MB", Depth::Sync),
        (
            "HEAD /replica?replication_state=in+archive+recovery",
            Depth::Details,
        ),
        ("GET /replica", Depth::Details),
        ("GET /liveness", Depth::Verdict),
        ("GET /readiness", Depth::Figures),
        ("HEAD /state", Depth::Verdict),
        ("GET /state", Depth::Details),
    ] {
        let (method, target) = request.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let plan = plan(method, path, query, STRICT).unwrap();
        assert_eq!(plan.depth(), needs, "{request}");
    }
}

#[test]
fn state_and_metrics_do_not_route_clients() {
    for (path, tells) in [
        ("/", true),
        ("/replica", true),
        ("/patroni", true),
        ("/liveness", true),
        ("/state", false),
        ("/metrics", false),
    ] {
        let plan = plan("GET", path, "", STRICT).unwrap();
        assert_eq!(plan.tells_a_role(), tells, "{path}");
    }
}
