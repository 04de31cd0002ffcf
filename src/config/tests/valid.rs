//! Texts without mistakes, and their settings.

use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use super::super::*;
use super::{sentences, settings};
use crate::admit::{AccessList, ListEntry, Net, Quotas, Rules};
use crate::config::{Dialect, Documents, HttpOptions, MetricNames, Strictness};

use crate::base::https::{CertificateDemand, MinTls};
use crate::base::units::Bytes;
use crate::health::{
    Conditions, Enter, Policy, QuorumGuard, RoleWords, Streaming, TwoPrimaries, View, WhenFull,
    WhenReadOnly,
};
use crate::slots::plan::SlotPolicy;

#[test]
fn an_empty_text_means_the_defaults() {
    let settings = settings("");
    assert_eq!(settings, Settings::with_defaults(String::new()));
    assert_eq!(settings.postgres.timeout, Duration::from_secs(1));
    assert_eq!(settings.listen.state, ["[::]:5431".parse().unwrap()]);
    let quotas = Quotas {
        total: number(2000),
        per_client: number(50),
        burst: number(100),
    };
    assert_eq!(settings.admission.quotas, quotas);
    assert_eq!(settings.admission.max_connections.get(), 1024);
    assert_eq!(settings.admission.max_per_client.get(), 128);
    assert_eq!(settings.cluster.http_port, 8008);
    assert_eq!(settings.guard.two_primaries, TwoPrimaries::Report);
    assert_eq!(settings.service.grace, Duration::from_secs(5));
}

fn entry(net: &str) -> ListEntry {
    net.parse::<Net>().unwrap().into()
}

fn list(nets: &[&str]) -> AccessList {
    AccessList::new(nets.iter().map(|net| entry(net)))
}

/// What `@haproxy` stands for below.
fn nodes() -> [ListEntry; 2] {
    [("192.168.0.1", "srv1"), ("2001:db8::1", "srv2")].map(|(net, name)| ListEntry {
        origin: Some(format!("@haproxy ({name})")),
        ..entry(net)
    })
}

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

/// Every key with a value that is not its default.
const ALL: &str = r#"
    [postgres]
    conninfo = "port=5434"
    timeout = "500ms"
    [listen]
    state = ["127.0.0.1:5431", "[::1]:5431"]
    http = ["127.0.0.1:8008"]
    agent_check = ["127.0.0.1:5430"]
    [answer]
    production = "MASTER"
    standby = "STANDBY"
    max_age = "100ms"
    when_full = "down"
    when_read_only = "down"
    [standby]
    max_lag = "16MB"
    max_delay = "2min"
    require_streaming = true
    enter_lag = "16MB"
    enter_delay = "10s"
    hold = "15s"
    [http]
    dialect = "cnpg"
    strict = false
    documents = "trusted"
    certificate_file = "/etc/pgsql-state/http.pem"
    key_file = "/etc/pgsql-state/http.key"
    client_ca_file = "/etc/pgsql-state/clients.pem"
    client_certificate = "optional"
    min_tls = "1.3"
    [metrics]
    patroni_names = true
    [agent_check]
    view = "rw"
    [admission]
    allow = ["10.0.0.0/8", "@haproxy"]
    deny = ["10.9.0.0/16"]
    trusted = ["@haproxy", "10.1.2.3"]
    per_client = "5/s"
    burst = 7
    total = "100/s"
    max_connections = 0x4_00
    max_connections_per_client = 3
    refuse = "drop"
    proxy_protocol = { 5431 = ["10.1.2.3"], 15431 = [] }
    token_file = "/etc/pgsql-state/token"
    [cluster]
    nodes = [ { name = "srv1", address = "192.168.0.1" }, { address = "2001:db8::1", name = "srv2" } ]
    http_port = 8009
    key_file = "/etc/pgsql-state/cluster.key"
    ca_file = "/etc/pgsql-state/ca.pem"
    [guard]
    maintenance_file = "/var/lib/pgsql-state/aside"
    quorum = "pacemaker"
    quorum_file = "/run/quorum"
    two_primaries = "yield"
    [keeper]
    resource = "db"
    hung_after = "off"
    give_back_after = "1min"
    [slots]
    mode = "nodes"
    prefix = "sample_"
    also = ["barman"]
    keep_absent = "2h"
    cap = "10GB"
    role = "slots"
    daemon_user = "postgres"
    [service]
    grace = "0s"
"#;

/// The table `[cluster]` of [`ALL`].
fn cluster() -> ClusterSettings {
    ClusterSettings {
        nodes: vec![
            ClusterNode {
                name: "srv1".into(),
                address: "192.168.0.1".parse().unwrap(),
            },
            ClusterNode {
                name: "srv2".into(),
                address: "2001:db8::1".parse().unwrap(),
            },
        ],
        http_port: 8009,
        key_file: Some("/etc/pgsql-state/cluster.key".into()),
        keys: None,
        ca_file: Some("/etc/pgsql-state/ca.pem".into()),
        tls: None,
    }
}

/// The table `[keeper]` of [`ALL`].
fn keeper() -> KeeperSettings {
    KeeperSettings {
        resource: Some("db".to_owned()),
        hung_after: None,
        give_back_after: Duration::from_secs(60),
    }
}

/// The table `[slots]` of [`ALL`].
fn slots() -> SlotSettings {
    SlotSettings {
        mode: SlotMode::Nodes,
        policy: SlotPolicy {
            prefix: "sample_".parse().unwrap(),
            keep_absent: Duration::from_secs(2 * 60 * 60),
            cap: Some(Bytes(10 << 30)),
        },
        also: vec!["barman".parse().unwrap()],
        role: "slots".to_owned(),
        daemon_user: "postgres".to_owned(),
    }
}

#[test]
fn every_setting_is_read() {
    let expected = Settings {
        postgres: Postgres {
            target: "port=5434".to_owned(),
            timeout: Duration::from_millis(500),
        },
        listen: Listen {
            state: vec![
                "127.0.0.1:5431".parse().unwrap(),
                "[::1]:5431".parse().unwrap(),
            ],
            http: vec!["127.0.0.1:8008".parse().unwrap()],
            agent: vec!["127.0.0.1:5430".parse().unwrap()],
        },
        answer: Answer {
            words: RoleWords::new("MASTER", "STANDBY").unwrap(),
            max_age: Duration::from_millis(100),
        },
        policy: Policy {
            conditions: Conditions {
                max_lag: Some(Bytes(16 << 20)),
                max_delay: Some(Duration::from_secs(120)),
                streaming: Streaming::Required,
                enter: Enter {
                    max_lag: Some(Bytes(16 << 20)),
                    max_delay: Some(Duration::from_secs(10)),
                },
                hold: Duration::from_secs(15),
            },
            when_full: WhenFull::Down,
            when_read_only: WhenReadOnly::Down,
        },
        http: HttpOptions {
            dialect: Dialect::Cnpg,
            strictness: Strictness::Lenient,
            documents: Documents::ForTrusted,
        },
        https: Some(Https {
            certificate_file: "/etc/pgsql-state/http.pem".into(),
            key_file: Some("/etc/pgsql-state/http.key".into()),
            clients: Some(ClientCertificates {
                ca_file: "/etc/pgsql-state/clients.pem".into(),
                demand: CertificateDemand::Optional,
            }),
            min_tls: MinTls::Tls13,
            read: None,
        }),
        metrics: MetricNames::PatronisToo,
        view: View::ReadWrite,
        admission: Admission {
            rules: Rules {
                deny: list(&["10.9.0.0/16"]),
                allow: AccessList::new([entry("10.0.0.0/8")].into_iter().chain(nodes())),
                trusted: AccessList::new(nodes().into_iter().chain([entry("10.1.2.3")])),
            },
            quotas: Quotas {
                total: number(100),
                per_client: number(5),
                burst: number(7),
            },
            max_connections: Connections::new(1024).unwrap(),
            max_per_client: Connections::new(3).unwrap(),
            refuse: Refuse::Drop,
            header_peers: HeaderPeers {
                everywhere: AccessList::default(),
                by_port: [(5431, list(&["10.1.2.3"])), (15431, list(&[]))].into(),
            },
            token_file: Some("/etc/pgsql-state/token".into()),
            token: None,
        },
        cluster: cluster(),
        guard: Guard {
            maintenance_file: "/var/lib/pgsql-state/aside".into(),
            quorum: QuorumGuard::Pacemaker,
            quorum_file: "/run/quorum".into(),
            two_primaries: TwoPrimaries::Yield,
        },
        keeper: keeper(),
        slots: slots(),
        service: ServiceSettings {
            grace: Duration::ZERO,
        },
    };
    assert_eq!(settings(ALL), expected);
    assert_eq!(settings(&ALL.replace('\n', "\r\n")), expected);
    assert_eq!(settings(&format!("\u{feff}{ALL}")), expected);
}

#[test]
fn addresses_that_can_both_be_bound_are_accepted() {
    for (one, other) in [
        ("127.0.0.1:5431", "127.0.0.1:5433"),
        ("0.0.0.0:5431", "[::1]:5431"),
        ("127.0.0.1:5431", "127.0.0.2:5431"),
        ("[fe80::1%1]:5431", "[fe80::1%2]:5431"),
    ] {
        let settings = settings(&format!("listen.state = [\"{one}\", \"{other}\"]"));
        assert_eq!(settings.listen.state.len(), 2);
    }
    assert_eq!(settings("listen.state = []").listen.state, []);
}

#[test]
fn what_nobody_could_use_is_accepted_with_a_warning() {
    for (text, expected) in [
        (
            "http.documents = \"trusted\"",
            "1:18: warning: http.documents: nobody gets /state and /metrics, because admission.trusted is empty; trust \
             those who may have them: trusted = [\"10.20.30.99\"]",
        ),
        (
            "listen.state = [\"[fe80::1]:5431\"]",
            "1:17: warning: listen.state: \"[fe80::1]:5431\" is an address of one link and names no interface, so it \
             cannot be bound; write the number of the interface (ip link shows it), as in \"[fe80::1%2]:5431\"",
        ),
    ] {
        assert!(parse(text, String::from_str).is_ok(), "{text}");
        assert_eq!(sentences(text), [expected], "{text}");
    }
}

#[test]
fn settings_that_are_hardly_intended_are_accepted_with_a_warning() {
    for (text, expected) in [
        (
            "answer.max_age = \"2s\"",
            "1:18: warning: answer.max_age: an answer may be older than the time limit of a question, which is 1s; \
             leave it out: checks that come together share one question anyway",
        ),
        (
            "standby.max_lag = \"0\"",
            "1:19: warning: standby.max_lag: zero is not \"off\": every write makes the standby lag \
             for a moment; leave it out for no limit",
        ),
        (
            "standby.max_delay = \"0s\"",
            "1:21: warning: standby.max_delay: zero is not \"off\": every write makes the standby \
             lag for a moment; leave it out for no limit",
        ),
        (
            "standby.hold = \"10s\"",
            "1:16: warning: standby.hold: no condition is set after which a standby would have to wait; set max_lag, \
             max_delay or require_streaming, or leave it out",
        ),
        (
            "listen.state = [\"[::1]:0\"]",
            "1:17: warning: listen.state: with port 0 the system chooses a port that no load balancer can know; \
             write a port, as in \"[::]:5431\"",
        ),
        (
            "admission.max_connections = 5000",
            "1:29: warning: admission.max_connections: this many connections on each port may take 97 MB, and \
             pgsql-state.service has MemoryMax=96M as it is shipped; raise it as pgsql-state generate systemd does, or \
             write at most 4999",
        ),
        (
            "admission.max_connections = 4999\nlisten.http = [\"[::]:8008\"]\nlisten.agent_check = [\"[::]:5430\"]",
            "1:29: warning: admission.max_connections: this many connections on each port may take 262 MB, and \
             pgsql-state.service has MemoryMax=96M as it is shipped; raise it as pgsql-state generate systemd does, or \
             write at most 1666",
        ),
        (
            "admission.max_connections = 1308\nhttp.certificate_file = \"/c\"\nlisten.http = [\"[::]:8008\"]",
            "1:29: warning: admission.max_connections: this many connections on each port may take 97 MB, and \
             pgsql-state.service has MemoryMax=96M as it is shipped; raise it as pgsql-state generate systemd does, or \
             write at most 1307",
        ),
        (
            "admission.deny = [\"10.0.0.0/8\", \"10.1.0.0/16\"]",
            "1:33: warning: admission.deny: \"10.1.0.0/16\" adds nothing to \"10.0.0.0/8\", which \
             covers it; keep one of the two",
        ),
        (
            "admission.allow = [\"10.1.0.0/16\", \"::1\", \"10.0.0.0/8\"]",
            "1:20: warning: admission.allow: \"10.1.0.0/16\" adds nothing to \"10.0.0.0/8\", which \
             covers it; keep one of the two",
        ),
        (
            "admission.trusted = [\"10.1.2.3\", \"::ffff:10.1.2.3\"]",
            "1:34: warning: admission.trusted: \"10.1.2.3\" adds nothing to \"10.1.2.3\", which \
             covers it; keep one of the two",
        ),
        (
            "admission = { deny = [\"10.0.0.0/8\"], trusted = [\"10.1.2.3\"] }",
            "1:49: warning: admission.trusted: \"10.1.2.3\" is refused all the same: \"10.0.0.0/8\" of \
             admission.deny covers it; remove it from one of the two lists",
        ),
        (
            "admission = { deny = [\"10.1.2.3\"], trusted = [\"10.0.0.0/8\"] }",
            "1:47: warning: admission.trusted: a part of \"10.0.0.0/8\" is refused all the same: \
             \"10.1.2.3\" of admission.deny; keep it if that is intended",
        ),
        (
            "admission = { allow = [\"::1\"], trusted = [\"10.1.2.3\"] }",
            "1:43: warning: admission.trusted: \"10.1.2.3\" is refused, at least in part: \
             admission.allow does not cover it; add it to admission.allow too",
        ),
        (
            "cluster.nodes = [ { name = \"srv1\", address = \"10.20.30.51\" } ]",
            "warning: admission.trusted: no address is trusted, so other clients may use up the limits and keep the \
             load balancers from their answers; where HAProxy runs on the nodes of [cluster]: trusted = [\"@haproxy\"]",
        ),
        (
            "http.documents = \"trusted\"\nadmission.trusted = [\"10.20.30.51\"]\ncluster.nodes = [{ name = \"srv1\", \
             address = \"10.20.30.51\" }, { name = \"srv2\", address = \"10.20.30.52\" }]",
            "1:18: warning: http.documents: the daemons of srv2 do not get /state from this one, because they are not in \
             admission.trusted, so they cannot see a second primary here; trust all nodes: trusted = [\"@haproxy\"]",
        ),
        (
            "admission = { max_connections = 1, trusted = [\"::1\"] }",
            "1:33: warning: admission.max_connections: the only slot is reserved for trusted clients, so other \
             clients are never answered; write at least 2",
        ),
        (
            "admission.total = \"10/s\"",
            "1:19: warning: admission.total: one client may have 50/s, but all clients together only 10/s; write \
             a total above per_client",
        ),
    ] {
        assert!(parse(text, String::from_str).is_ok(), "{text}");
        assert_eq!(sentences(text), [expected], "{text}");
    }
}

#[test]
fn max_age_may_equal_the_timeout_without_a_warning() {
    let settings = settings("answer.max_age = \"1s\"");
    assert_eq!(settings.answer.max_age, settings.postgres.timeout);
}

#[test]
fn ports_that_the_system_chooses_do_not_collide() {
    let parsed = parse(
        "listen.state = [\"[::1]:0\", \"[::1]:0\"]",
        String::from_str,
    )
    .unwrap();
    assert_eq!(parsed.settings.listen.state.len(), 2);
}

#[test]
fn nodes_that_prove_themselves_by_certificates_may_have_a_primary_yield() {
    let settings = settings(
        r#"
        [admission]
        trusted = ["10.20.30.51"]
        [http]
        certificate_file = "/etc/pgsql-state/http.pem"
        [cluster]
        nodes = [{ name = "srv1", address = "10.20.30.51" }]
        ca_file = "/etc/pgsql-state/ca.pem"
        [guard]
        two_primaries = "yield"
        "#,
    );
    assert_eq!(settings.guard.two_primaries, TwoPrimaries::Yield);
    let https = settings.https.unwrap();
    assert_eq!(https.key_file, None);
    assert_eq!(https.clients, None);
}
