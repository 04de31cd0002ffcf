//! Which facts a request needs, whether its reply tells a role or has a body, and replies in maintenance.

use super::*;

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
