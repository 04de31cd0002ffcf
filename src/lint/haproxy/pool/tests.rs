use super::*;
use crate::lint::haproxy::Source;

fn read(text: &str) -> Configuration {
    let source = Source {
        name: "x".to_owned(),
        text: text.to_owned(),
    };
    Configuration::read(&[source]).unwrap()
}

fn seen(text: &str) -> Vec<(String, Role)> {
    let read = read(text);
    let pools = pools(&read);
    pools
        .iter()
        .map(|pool| (pool.proxy.name.clone(), pool.role))
        .collect()
}

#[test]
fn a_section_is_known_by_its_check_its_ports_or_its_name() {
    for text in [
        "listen a\n option pgsql-check user u\n server s h:1",
        "listen a\n option httpchk GET /replica\n server s h:1",
        "listen a\n option tcp-check\n tcp-check connect port 5431\n server s h:1",
        "listen a\n option tcp-check\n tcp-check send-binary 70675f69735f696e5f7265636f7665727928293b\n server s h:1",
        "listen a\n server s h:5432",
        "listen a\n server s h:6432",
        "listen a\n bind *:5433\n server s h:1",
        "listen a *:5432\n server s h:1",
        "frontend f\n bind :5432\n default_backend a\nbackend a\n server s h:1",
        "listen a-postgres\n server s h:1",
        "listen pg_rw\n server s h:1",
        "healthcheck x\n type httpchk GET /primary\nlisten a\n server s h:1 check healthcheck x",
    ] {
        assert_eq!(seen(text).len(), 1, "{text}");
    }
}

#[test]
fn everything_else_is_left_alone() {
    for text in [
        "listen web\n mode http\n bind *:80\n server s h:8080 check",
        "listen pgadmin\n server s h:5050 check",
        "listen postgres-exporter\n server s h:9187 check",
        "listen pg_etcd\n server s h:2379 check",
        "listen redis\n option redis-check\n server s h:6432 check",
        "listen mysql\n option mysql-check user u\n server s h:3306",
        "listen k8s\n bind *:6443\n server s h:6443 check",
        "listen pg\n disabled\n server s h:5432",
        "listen stats\n mode http\n bind *:5436\n stats enable",
        "frontend pg\n bind *:5432",
    ] {
        assert_eq!(seen(text), [], "{text}");
    }
}

#[test]
fn whom_it_is_for_is_told_by_the_check_before_any_name() {
    for (text, role) in [
        (
            "listen readers\n option tcp-check\n tcp-check expect rstring ^production\n server s h:5432 check",
            Role::Writers,
        ),
        (
            "listen a\n option tcp-check\n tcp-check expect rstring ^(standby|lagging)\n server s h:5432 check",
            Role::Readers,
        ),
        (
            "listen a\n option httpchk\n http-check expect status 206\n server s h:5432 check port 23267",
            Role::Readers,
        ),
        (
            "listen a\n option httpchk\n http-check expect status 200\n server s h:5432 check port 8008",
            Role::Writers,
        ),
        (
            "listen a\n option httpchk GET /health\n server s h:5432 check port 8008",
            Role::Unknown,
        ),
        (
            "listen a\n server s h:5432 check agent-check agent-send \"ro\\n\"",
            Role::Readers,
        ),
        (
            "frontend pg_write\n bind :5000\n default_backend a\nbackend a\n server s h:5432 check",
            Role::Writers,
        ),
        (
            "listen a\n option pgsql-check user standby_check\n server s h:5432 check",
            Role::Readers,
        ),
        ("listen a\n server s h:5432 check", Role::Unknown),
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
fn a_guard_is_seen_wherever_it_stands() {
    let backend = "backend pg\n server a h:5432 check\n server b h:5432 check\n";
    for text in [
        "listen pg\n tcp-request connection reject if { nbsrv(pg) gt 1 }\n server a h:5432\n server b h:5432\n",
        &format!("{backend} tcp-request content reject if {{ nbsrv gt 1 }}\n"),
        &format!(
            "frontend f\n acl one nbsrv(pg) eq 1\n tcp-request connection reject if !one\n default_backend pg\n{backend}"
        ),
        &format!("frontend f\n use_backend pg if {{ nbsrv(pg) eq 1 }}\n{backend}"),
        &format!(
            "frontend f\n use_backend none if {{ nbsrv(pg) gt 1 }}\n default_backend pg\n{backend}"
        ),
    ] {
        let read = read(text);
        assert!(pools(&read)[0].refuses_while_two_are_up(), "{text}");
    }
    for text in [
        backend,
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
