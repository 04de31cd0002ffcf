//! Paths that ask for synchronous, asynchronous or quorum standbys.

use super::*;

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
