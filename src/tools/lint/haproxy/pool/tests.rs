use super::*;
use crate::tools::lint::haproxy::SourceFile;
use crate::tools::lint::haproxy::pools::pools;

fn read(text: &str) -> Configuration {
    let source = SourceFile {
        name: "x".to_owned(),
        text: text.to_owned(),
    };
    Configuration::read(&[source]).unwrap()
}

fn seen(text: &str) -> Vec<(String, SessionOrigin)> {
    let read = read(text);
    let pools = pools(&read);
    pools
        .iter()
        .map(|pool| (pool.proxy.name.clone(), pool.role))
        .collect()
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
    for (servers, expected) in [
        ("server a h:5432\n server b h:5432", 2),
        ("server a h:5432\n server b h:5432 backup", 1),
        ("server a h:5432 backup\n server b h:5432 backup", 1),
        (
            "option allbackups\n server a h:5432 backup\n server b h:5432 backup",
            2,
        ),
        ("server a h:5432\n server b h:5432 disabled", 1),
        ("server-template a 3 h:5432", 3),
    ] {
        let read = read(&format!("listen pg\n {servers}\n"));
        assert_eq!(pools(&read)[0].active(), expected, "{servers}");
    }
}

#[test]
fn a_guard_is_found_in_every_section_and_layer() {
    let backend = "backend pg\n server a h:5432 check\n server b h:5432 check\n";
    for text in [
        "listen pg\n tcp-request connection reject if { nbsrv(pg) gt 1 }\n server a h:5432\n server b h:5432\n",
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
        let read = read(text);
        assert!(pools(&read)[0].refuses_while_two_are_up(), "{text}");
    }
    for text in [
        backend,
        // A rule before the guard accepts some sessions.
        "listen pg\n tcp-request connection accept if { src 127.0.0.0/8 }\n tcp-request connection reject if { nbsrv(pg) gt 1 }\n server a h:5432\n server b h:5432\n",
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
        let read = read(text);
        assert!(!pools(&read)[0].refuses_while_two_are_up(), "{text}");
    }
}
