use super::*;
use crate::tools::lint::haproxy::condition::Possible;
use crate::tools::lint::haproxy::pools::Pools;
use crate::tools::lint::haproxy::{Configuration, SourceFile, sections_judged};

fn read(text: &str) -> Configuration {
    let source = SourceFile {
        name: "x".to_owned(),
        text: text.to_owned(),
    };
    Configuration::read(&[source]).unwrap()
}

fn seen(text: &str) -> Vec<(String, SessionOrigin)> {
    sections_judged(&read(text))
}

/// Whether sessions reach two servers of the first section at the same time.
fn reaches_two(text: &str) -> Possible {
    let read = read(text);
    let pools = Pools::of(&read.readings[0]);
    pools.tcp[0].reaches_two()
}

#[test]
fn rules_for_connections_do_not_apply_to_sessions_from_another_section() {
    let listen = |layer: &str, front: &str| {
        format!(
            "listen pg_rw\n bind :5000\n tcp-request {layer} reject if {{ nbsrv(pg_rw) gt 1 }}\n server a h:5432 \
             check\n server b i:5432 check\n{front}"
        )
    };
    let other = "frontend other\n bind :5001\n default_backend pg_rw\n";
    assert_eq!(reaches_two(&listen("connection", "")), Possible::No);
    for layer in ["connection", "session"] {
        assert_eq!(reaches_two(&listen(layer, other)), Possible::Yes, "{layer}");
    }
    assert_eq!(reaches_two(&listen("content", other)), Possible::No);
}

#[test]
fn guards_that_hold_only_by_what_is_written() {
    let pool = |lines: &str, second: &str| {
        format!("listen pg_rw\n {lines}\n server a h:5432 check\n server b i:5432 check {second}\n")
    };
    let reject = "tcp-request connection reject if";
    let guard = format!("{reject} {{ nbsrv(pg_rw) gt 1 }}");
    assert_eq!(reaches_two(&pool(&guard, "")), Possible::No);
    for (lines, second) in [
        (
            format!("{guard}\n use-server b if {{ src 10.0.0.1 }}"),
            "weight 0",
        ),
        (format!("{reject} {{ nbsrv(pg_rw),odd 0 }}"), ""),
        (
            format!("acl FALSE src 127.0.0.1\n tcp-request connection accept if FALSE\n {guard}"),
            "",
        ),
        (
            format!(
                "acl half rand(2) eq 0\n acl several nbsrv(pg_rw) gt 1\n {reject} half several\n {reject} !half several"
            ),
            "",
        ),
    ] {
        assert_eq!(reaches_two(&pool(&lines, second)), Possible::Yes, "{lines}");
    }
    let even = format!("{reject} {{ nbsrv(pg_rw),even -m int 1 }}");
    assert_eq!(reaches_two(&pool(&even, "")), Possible::No);
    // The ACLs of defaults are not those of the section.
    let defaults = |number: u8| {
        format!("defaults\n acl several nbsrv(pg_rw) gt {number}\n {reject} several\n")
    };
    let own = pool("acl several nbsrv(pg_rw) gt 1", "");
    assert_eq!(reaches_two(&format!("{}{own}", defaults(1))), Possible::No);
    assert_eq!(reaches_two(&format!("{}{own}", defaults(2))), Possible::Yes);
}

#[test]
fn a_section_that_is_only_tracked_is_not_judged_and_counts_for_those_that_track_it() {
    let checks = "backend chk\n option httpchk GET /primary\n server a h:5432 check port 8008\n server b i:5432 check \
                  port 8008\n";
    let tracks = |guard: &str| {
        format!(
            "{checks}listen pg_rw\n tcp-request connection reject if {{ nbsrv({guard}) gt 1 }}\n server a h:5432 track \
             chk/a\n server b i:5432 track chk/b\n"
        )
    };
    for guard in ["chk", "pg_rw"] {
        assert_eq!(reaches_two(&tracks(guard)), Possible::No, "{guard}");
        assert_eq!(
            seen(&tracks(guard)),
            [("pg_rw".to_owned(), SessionOrigin::Writers)]
        );
    }
    // It counts other servers too.
    let more = tracks("chk").replace("listen", " server c j:5432 check port 8008\nlisten");
    assert_eq!(reaches_two(&more), Possible::Yes);
    let template = "listen pg_rw\n option httpchk GET /primary\n server-template a 2 h:5432 check port 8008\nlisten ro\n \
                    server x h:5432 track pg_rw/a1\n server y h:5432 track pg_rw/a2\n";
    let [_, (_, role)] = seen(template).try_into().unwrap();
    assert_eq!(role, SessionOrigin::Writers);
}

#[test]
fn the_check_tells_the_role_before_any_name() {
    for (text, role) in [
        (
            "listen readers\n option tcp-check\n tcp-check expect rstring ^production\n server s h:5432 check",
            SessionOrigin::Writers,
        ),
        (
            "listen a\n option tcp-check\n tcp-check expect rstring ^(standby|lagging)\n server s h:5432 check",
            SessionOrigin::Readers,
        ),
        (
            "listen a\n option httpchk\n http-check expect status 206\n server s h:5432 check port 23267",
            SessionOrigin::Readers,
        ),
        (
            "listen a\n option httpchk\n http-check expect status 200\n server s h:5432 check port 8008",
            SessionOrigin::Writers,
        ),
        (
            "listen a\n option httpchk GET /health\n server s h:5432 check port 8008",
            SessionOrigin::Unknown,
        ),
        (
            "listen a\n server s h:5432 check agent-check agent-send \"ro\\n\"",
            SessionOrigin::Readers,
        ),
        (
            "frontend pg_write\n bind :5000\n default_backend a\nbackend a\n server s h:5432 check",
            SessionOrigin::Writers,
        ),
        (
            "listen a\n option pgsql-check user standby_check\n server s h:5432 check",
            SessionOrigin::Readers,
        ),
        ("listen a\n server s h:5432 check", SessionOrigin::Unknown),
    ] {
        assert_eq!(seen(text)[0].1, role, "{text}");
    }
}

#[test]
fn the_servers_that_get_sessions_at_once_are_counted() {
    for (servers, shared) in [
        ("server a h:5432\n server b h:5432", true),
        ("server a h:5432\n server b h:5432 backup", false),
        ("server a h:5432 backup\n server b h:5432 backup", false),
        (
            "option allbackups\n server a h:5432 backup\n server b h:5432 backup",
            true,
        ),
        ("server a h:5432\n server b h:5432 disabled", false),
        ("server-template a 3 h:5432", true),
        ("server-template a 100000 h:5432", true),
        ("balance first\n server a h:5432\n server b h:5432", false),
        (
            "balance first\n stick on src\n server a h:5432\n server b h:5432",
            true,
        ),
        (
            "use-server b if TRUE\n server a h:5432\n server b h:5432 backup",
            true,
        ),
    ] {
        let read = read(&format!("listen pg\n {servers}\n"));
        let pools = Pools::of(&read.readings[0]);
        assert_eq!(pools.tcp[0].shares_sessions(), shared, "{servers}");
    }
}

#[test]
fn a_guard_is_found_in_every_section_and_layer() {
    let backend = "backend pg\n server a h:5432 check\n server b h:5432 check\n";
    for text in [
        "listen pg\n tcp-request connection reject if { nbsrv(pg) gt 1 }\n server a h:5432\n server b h:5432\n",
        "listen pg\n tcp-request connection reject if { nbsrv(pg),sub(1) gt 0 }\n server a h:5432\n server b h:5432\n",
        // A rule that accepts a session ends only its own layer.
        "listen pg\n tcp-request connection accept if { src 127.0.0.0/8 }\n tcp-request content reject if { nbsrv(pg) gt 1 }\n server a h:5432\n server b h:5432\n",
        &format!("{backend} tcp-request content reject if {{ nbsrv gt 1 }}\n"),
        &format!(
            "frontend f\n acl one nbsrv(pg) eq 1\n tcp-request connection reject if !one\n default_backend pg\n{backend}"
        ),
        &format!("frontend f\n use_backend pg if {{ nbsrv(pg) eq 1 }}\n{backend}"),
        &format!(
            "frontend f\n default_backend pg\n use_backend none if {{ nbsrv(pg) gt 1 }}\n{backend}"
        ),
        &format!(
            "frontend f\n use_backend none if {{ nbsrv(pg) gt 1 }}\n default_backend pg\n{backend}"
        ),
    ] {
        assert_eq!(reaches_two(text), Possible::No, "{text}");
    }
    for text in [
        backend,
        // A rule before the guard accepts some sessions.
        "listen pg\n tcp-request connection accept if { src 127.0.0.0/8 }\n tcp-request connection reject if { nbsrv(pg) gt 1 }\n server a h:5432\n server b h:5432\n",
        // Three servers are up too.
        "listen pg\n tcp-request connection reject if { nbsrv(pg) eq 2 }\n server-template a 3 h:5432\n",
        // Backups are not counted, and clients reach them.
        "listen pg\n tcp-request connection reject if { nbsrv(pg) gt 1 }\n stick on src\n server a h:5432\n server b h:5432 backup\n",
        // The guard applies only to some clients.
        "listen pg\n tcp-request connection reject if { nbsrv(pg) gt 1 } { src 10.0.0.0/8 }\n server a h:5432\n server b h:5432\n",
        &format!(
            "frontend f\n tcp-request connection reject if {{ nbsrv(pg) gt 1 }}\n default_backend pg\n\
                  frontend g\n use_backend %[str(pg)]\n{backend}"
        ),
        &format!(
            "frontend f\n tcp-request connection reject if {{ nbsrv(pg) gt 1 }}\n default_backend pg\n\
                  frontend g\n use_backend %[src,map_ip(/x)]\n{backend}"
        ),
        &format!(
            "frontend f\n use_backend pg if {{ nbsrv(pg) gt 0 }}\n default_backend pg\n{backend}"
        ),
        &format!(
            "frontend f\n tcp-request connection reject if {{ nbsrv(pg) gt 1 }}\n default_backend pg\n\
                  frontend g\n default_backend pg\n{backend}"
        ),
        &format!(
            "frontend f\n tcp-request connection reject if {{ nbsrv(pg) lt 1 }}\n default_backend pg\n{backend}"
        ),
    ] {
        assert_eq!(reaches_two(text), Possible::Yes, "{text}");
    }
}

#[test]
fn a_guard_of_which_nothing_is_known_is_not_taken_for_one() {
    let guard = "listen pg\n tcp-request connection reject if { srv_is_up(pg/a) } { srv_is_up(pg/b) }\n server a \
                 h:5432\n server b h:5432\n";
    let criterion = "srv_is_up(pg/a)".to_owned();
    assert_eq!(reaches_two(guard), Possible::DependsOn(criterion));
}
