use crate::tools::lint::haproxy::configuration::Configuration;
use crate::tools::lint::haproxy::{SessionOrigin, SourceFile, sections_judged};

fn seen(text: &str) -> Vec<(String, SessionOrigin)> {
    let source = SourceFile {
        name: "x".to_owned(),
        text: text.to_owned(),
    };
    sections_judged(&Configuration::read(&[source]).unwrap())
}

#[test]
fn a_section_is_known_by_its_check_its_ports_or_its_name() {
    for text in [
        "listen a\n option pgsql-check user u\n server s h:1",
        "listen a\n option httpchk GET /replica\n server s h:1",
        "listen a\n option tcp-check\n tcp-check connect port 5431\n server s h:1",
        "listen a\n option tcp-check\n tcp-check send-binary 70675f69735f696e5f7265636f7665727928293b\n server s h:1",
        "listen a\n option tcp-check\n tcp-check expect string MASTER\n server s h:1 check port 5400",
        "listen a\n server s h:5432",
        "listen a\n server s h:6432",
        "listen a\n bind *:5433\n server s h:1",
        "listen a *:5432\n server s h:1",
        "frontend f\n bind :5432\n default_backend a\nbackend a\n server s h:1",
        "listen a-postgres\n server s h:1",
        "listen pg_rw\n server s h:1",
        "listen prod\n option ssl-hello-chk\n server s h:5434 check port 8443",
        "listen pg_rw\n option smtpchk\n server s h:1 check",
        "listen pg\n mode \"${MODE}\"\n server s h:5432",
        "healthcheck x\n type httpchk GET /primary\nlisten a\n server s h:1 check healthcheck x",
        "backend x\n disabled\n option tcp-check\n tcp-check expect rstring ^production\n server s h:1 check\n\
         listen prod\n server s h:1 track x/s",
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
        "listen redis\n option tcp-check\n tcp-check send info\\ replication\\r\\n\n tcp-check expect string role:master\n server s h:6379 check",
        "listen mysql\n option mysql-check user u\n server s h:3306",
        "listen mysql-master\n option httpchk GET /master\n server s h:3306 check port 9200",
        "listen mysql_write\n option httpchk GET /master\n server s h:3307 check port 9200",
        "listen galera\n option httpchk GET /master\n server s h:33061 check port 9200",
        "listen k8s\n bind *:6443\n server s h:6443 check",
        "listen pg\n disabled\n server s h:5432",
        "listen stats\n mode http\n bind *:5436\n stats enable",
        "frontend pg\n bind *:5432",
    ] {
        assert_eq!(seen(text), [], "{text}");
    }
}
