//! The blocks of each profile: which sessions they end, and what they do with two primaries.

use super::*;

#[test]
fn blocks_that_end_sessions_have_a_filter_if_the_version_would_keep_them() {
    let mut filtered = Vec::new();
    for plan in every() {
        let text = whole(&plan);
        for name in ["prod", "stdby", "replication"] {
            let block = block(&text, name);
            let at = |word: &str| block.iter().position(|line| line.contains(word));
            let ends = at("shutdown-sessions").is_some();
            let keeps = plan.version.keeps_ended_sessions();
            let filter = at("filter bwlim-in no-limit ");
            assert_eq!(
                filter.is_some(),
                ends && keeps,
                "{}: {block:?}",
                plan.version
            );
            if filter.is_some() {
                let rule = at("tcp-request content set-bandwidth-limit no-limit").unwrap();
                assert!(
                    at("content accept").is_none_or(|accept| rule < accept),
                    "{block:?}"
                );
                filtered.push(plan.version.to_string());
            }
        }
    }
    filtered.dedup();
    assert_eq!(filtered, ["3.0", "3.1"]);
}

#[test]
fn the_classic_blocks_are_those_of_the_example() {
    let text = whole(&plan("2.6", Profile::Classic));
    assert_eq!(
        block(&text, "prod"),
        [
            "listen prod",
            "bind *:5432",
            "option tcp-check",
            "tcp-check connect port 5431",
            "tcp-check expect rstring ^production",
            "default-server inter 2s fastinter 1s rise 2 fall 1 on-marked-down shutdown-sessions",
            "server srv1 10.20.30.51:5434 check",
            "server srv2 10.20.30.52:5434 check",
            "server srv3 2001:db8::53:5434 check",
        ]
    );
    let readers = block(&text, "stdby");
    assert_eq!(readers[1..3], ["bind *:5433", "balance leastconn"]);
    assert!(readers.contains(&"tcp-check expect rstring ^standby".to_owned()));
}

#[test]
fn other_profiles_reject_two_primaries_in_every_version() {
    for plan in every().filter(HaproxyPlan::is_careful) {
        let guarded = |name: &str| {
            let lines = block(&whole(&plan), name);
            let several = format!("nbsrv({name}) gt 1");
            lines.iter().any(|line| line.contains(&several))
                && lines
                    .iter()
                    .any(|line| line.starts_with("tcp-request") && line.contains(" reject if "))
        };
        assert!(guarded("prod"), "{}", whole(&plan));
        assert!(plan.replication != ReplicationPath::Own || guarded("replication"));
    }
}

#[test]
fn other_profiles_close_no_readers_session_and_fall_back_to_the_primary() {
    for plan in every().filter(HaproxyPlan::is_careful) {
        let lines = block(&whole(&plan), "stdby");
        assert!(!lines.iter().any(|line| line.contains("shutdown-sessions")));
        let fallback = "server srv1_rw 10.20.30.51:5434 backup track prod/srv1".to_owned();
        assert!(lines.contains(&fallback), "{lines:?}");
    }
}

#[test]
fn a_server_that_tracks_has_no_init_state() {
    for plan in every() {
        for line in lines(&whole(&plan)) {
            assert!(
                !(line.contains(" track ") && line.contains("init-state")),
                "{line}"
            );
            assert!(!(line.starts_with("default-server") && line.contains("init-state")));
        }
    }
}
