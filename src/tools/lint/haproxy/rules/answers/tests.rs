use crate::tools::lint::Rule;
use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

#[test]
fn words_that_are_found_anywhere() {
    let lines = |expect: &str| {
        format!("listen pg\n option tcp-check\n {expect}\n server a h:5432 check port 5431\n")
    };
    for expect in [
        "tcp-check expect string production",
        "tcp-check expect rstring production",
        "tcp-check expect rstring ^production|standby",
        r"tcp-check expect string master\ is\ running",
    ] {
        fires(Rule::UnanchoredExpect, &lines(expect), &[3]);
    }
    for expect in [
        "tcp-check expect rstring ^production",
        "tcp-check expect !string lagging error-status L7OKC",
        "tcp-check expect binary 66",
    ] {
        quiet(Rule::UnanchoredExpect, &lines(expect));
    }
    let http = "listen pg\n option httpchk GET /role\n http-check expect string primary\n server a h:5432 check\n";
    fires(Rule::UnanchoredExpect, http, &[3]);
    quiet(
        Rule::UnanchoredExpect,
        &http.replace("string primary", "status 200"),
    );
    quiet(
        Rule::UnanchoredExpect,
        &http.replace("httpchk GET /role", "tcp-check"),
    );
}

#[test]
fn checks_that_cannot_tell_the_role() {
    let pool = |check: &str, servers: &str| format!("listen pg_rw\n {check}\n{servers}\n");
    let two = " server a h:5432 check\n server b h:5432 check";
    for check in [
        "option tcplog",
        "option pgsql-check user u",
        "option tcp-check",
        "option httpchk GET /health",
    ] {
        fires(Rule::RoleBlind, &pool(check, two), &[1]);
    }
    fires(
        Rule::RoleBlind,
        &pool("", " server a h:5432\n server b h:5432"),
        &[3],
    );
    for check in [
        "option httpchk GET /primary",
        "option external-check",
        "option pgsql-check user primary_check",
    ] {
        quiet(Rule::RoleBlind, &pool(check, two));
    }
    quiet(Rule::RoleBlind, &pool("", " server a h:5432 check"));
    quiet(Rule::RoleBlind, &pool("", two).replace("pg_rw", "pg_ro"));
    quiet(
        Rule::RoleBlind,
        &pool("", &two.replace("check", "check agent-check")),
    );
    quiet(
        Rule::RoleBlind,
        &pool("option httpchk GET /health", &two.replace("5432", "6432"))
            .replace("httpchk GET /health", "pgsql-check user u"),
    );
}

#[test]
fn agents_without_a_check_beside_them() {
    let pool = |server: &str| format!("listen pg_ro\n server a h:5432 {server}\n");
    fires(
        Rule::AgentCheckAlone,
        &pool("agent-check agent-port 5430"),
        &[2],
    );
    quiet(
        Rule::AgentCheckAlone,
        &pool("check agent-check agent-port 5430"),
    );
    quiet(Rule::AgentCheckAlone, &pool("track x/y agent-check"));
}

#[test]
fn poolers_that_answer_in_place_of_a_server() {
    let pool = |check: &str, server: &str| format!("listen pg_rw\n {check}\n server {server}\n");
    for server in [
        "a h:6432 check",
        "a h:6432 check port 6432",
        "pgbouncer1 h:5432 check",
        "a odyssey:5432 check",
    ] {
        fires(
            Rule::CheckThroughPooler,
            &pool("option pgsql-check user u", server),
            &[3],
        );
    }
    quiet(
        Rule::CheckThroughPooler,
        &pool("option tcp-check", "a h:5432 check port 6432"),
    );
    quiet(
        Rule::CheckThroughPooler,
        &pool("option httpchk GET /primary", "a h:6432 check port 8008"),
    );
    quiet(
        Rule::CheckThroughPooler,
        &pool(
            "option tcp-check\n tcp-check connect port 5431",
            "a h:6432 check",
        ),
    );
}
