use super::*;
use crate::admit::{AccessList, Token};
use crate::config::HeaderPeers;
use crate::health::Words;
use crate::tools::generate::Nodes;

const PROFILES: [Profile; 3] = [Profile::Classic, Profile::Safe, Profile::Fast];
const CHECKS: [HaproxyCheck; 3] = [HaproxyCheck::Text, HaproxyCheck::Http, HaproxyCheck::Agent];
const WAYS: [ReplicationPath; 3] = [
    ReplicationPath::Own,
    ReplicationPath::Prod,
    ReplicationPath::Direct,
];

fn nodes() -> Nodes {
    let nodes = ["srv1=10.20.30.51", "srv2=10.20.30.52", "srv3=2001:db8::53"];
    Nodes::new(nodes.iter().map(|node| node.parse().unwrap()).collect()).unwrap()
}

fn plan(version: &str, profile: Profile) -> HaproxyPlan {
    let nodes = nodes();
    let ports = Ports::new(Numbers::USUAL).unwrap();
    let peers = HeaderPeers::default();
    HaproxyPlan {
        version: version.parse().unwrap(),
        profile,
        check: HaproxyCheck::Text,
        replication: ReplicationPath::Own,
        headers: Headers::of(&nodes, &peers, &ports, HaproxyCheck::Text).unwrap(),
        nodes,
        ports,
        bind: Bind::Everywhere,
        words: Words::default(),
        token: None,
        tls: None,
        admin_socket: AdminSocket::USUAL.parse().unwrap(),
        untrusted: Vec::new(),
    }
}

fn every() -> impl Iterator<Item = HaproxyPlan> {
    let versions = HaproxyVersion::ALL.into_iter();
    versions.flat_map(|version| {
        PROFILES.into_iter().flat_map(move |profile| {
            CHECKS.into_iter().flat_map(move |check| {
                WAYS.into_iter().map(move |replication| HaproxyPlan {
                    check,
                    replication,
                    ..plan(&version.to_string(), profile)
                })
            })
        })
    })
}

/// The lines of a configuration without its comments, with single blanks.
fn lines(text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

/// The lines of one block.
fn block(text: &str, name: &str) -> Vec<String> {
    let lines = lines(text).into_iter();
    let block = lines.skip_while(|line| line != &format!("listen {name}"));
    block.take_while(|line| !line.is_empty()).collect()
}

#[test]
fn every_expression_is_anchored_at_its_beginning_alone() {
    for plan in every() {
        for line in lines(&whole(&plan)) {
            let Some(rule) = line.strip_prefix("tcp-check expect ") else {
                continue;
            };
            let expression = rule.trim_start_matches('!').strip_prefix("rstring ^");
            assert!(expression.is_some_and(|rest| !rest.contains('$')), "{line}");
        }
    }
}

#[test]
fn no_version_gets_keywords_that_it_does_not_know() {
    for plan in every() {
        let text = lines(&whole(&plan)).join("\n");
        for (word, since) in [
            ("error-status", "2.2"),
            ("on-error", "2.2"),
            ("http-check connect", "2.2"),
            ("http-check send", "2.2"),
            ("clitcpka-idle", "2.3"),
            ("set-var", "2.4"),
            ("proc.", "2.4"),
            ("init-state", "3.1"),
            ("bwlim-in", "2.7"),
            ("set-bandwidth-limit", "2.7"),
        ] {
            let known = plan.version >= since.parse().unwrap();
            assert!(
                known || !text.contains(word),
                "{} has no {word}",
                plan.version
            );
        }
    }
}

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

#[test]
fn blocks_alone_contain_the_settings_that_they_need() {
    for plan in every() {
        let text = blocks_only(&plan);
        let lines = lines(&text);
        assert!(
            !lines
                .iter()
                .any(|line| line == "global" || line == "defaults")
        );
        for name in ["prod", "stdby"] {
            let block = block(&text, name);
            assert!(block.contains(&"mode tcp".to_owned()), "{block:?}");
            let limited = block.iter().any(|line| line.starts_with("timeout check"));
            assert!(limited, "{block:?}");
        }
        let held = text.contains("\n#    set-var");
        assert_eq!(held, whole(&plan).contains("\n    set-var"), "{text}");
    }
}

#[test]
fn a_secret_is_sent_if_there_is_one_and_cannot_break_the_line() {
    let mut plan = plan("2.6", Profile::Safe);
    assert!(!whole(&plan).contains("tcp-check      send"));
    plan.token = Some(Token::new(b"\"#'\\${x}56789abc\n").unwrap());
    let sent = "tcp-check send-binary 2223275c247b787d35363738396162630a";
    for name in ["prod", "stdby", "replication"] {
        let lines = block(&whole(&plan), name);
        assert!(lines.contains(&sent.to_owned()), "{name}: {lines:?}");
    }
}

#[test]
fn a_secret_is_sent_to_every_port_in_its_protocol() {
    let token = || Some(Token::new(b"\"#'\\${x}%6789abc\n").unwrap());
    let with = |version, check| HaproxyPlan {
        check,
        token: token(),
        ..plan(version, Profile::Classic)
    };
    let agent = r##"agent-send "\"#'\\\${x}%6789abc\nro\n""##;
    assert!(whole(&with("2.6", HaproxyCheck::Agent)).contains(agent));
    let http = whole(&with("2.6", HaproxyCheck::Http));
    for path in ["/primary", "/replica"] {
        let rule = format!(
            r##"http-check send meth HEAD uri {path} hdr Authorization "Bearer \"#'\\\${{x}}%%6789abc""##
        );
        assert!(lines(&http).contains(&rule), "{http}");
    }
    let warning = "# This file contains the secret of admission.token_file";
    assert!(http.contains(warning), "{http}");
    assert!(!whole(&plan("2.6", Profile::Classic)).contains(warning));
    let old =
        r#"option httpchk HEAD /primary HTTP/1.0\r\nAuthorization:\ Bearer\ \"\#\'\\${x}%6789abc"#;
    assert!(lines(&whole(&with("2.0", HaproxyCheck::Http))).contains(&old.to_owned()));
}

#[test]
fn checks_expect_renamed_words() {
    let plan = HaproxyPlan {
        words: Words::new("MASTER", "SLAVE").unwrap(),
        ..plan("2.6", Profile::Classic)
    };
    let lines = lines(&whole(&plan));
    for rule in ["^MASTER", "^SLAVE", "^(MASTER|down.shutting-down)"] {
        assert!(
            lines.contains(&format!("tcp-check expect rstring {rule}")),
            "{rule}"
        );
    }
}

#[test]
fn a_header_is_sent_if_every_node_must_send_one() {
    let peers = |nets: &[&str]| HeaderPeers {
        everywhere: AccessList::new(
            nets.iter()
                .map(|net| net.parse::<crate::admit::Net>().unwrap().into()),
        ),
        ..HeaderPeers::default()
    };
    let ports = Ports::new(Numbers::USUAL).unwrap();
    let all = peers(&["10.20.30.0/24", "2001:db8::/32"]);
    for check in [HaproxyCheck::Text, HaproxyCheck::Http] {
        let plan = HaproxyPlan {
            check,
            headers: Headers::of(&nodes(), &all, &ports, check).unwrap(),
            ..plan("2.6", Profile::Safe)
        };
        let text = lines(&whole(&plan)).join("\n");
        assert!(text.contains("connect port 5431 send-proxy"), "{text}");
        assert_eq!(
            text.contains("check-send-proxy"),
            check == HaproxyCheck::Http,
            "{text}"
        );
    }
    assert!(matches!(
        Headers::of(&nodes(), &all, &ports, HaproxyCheck::Agent),
        Err(HeadersError::Agent(_))
    ));
    let some = Headers::of(
        &nodes(),
        &peers(&["10.20.30.51"]),
        &ports,
        HaproxyCheck::Text,
    );
    let said = some.unwrap_err().to_string();
    assert!(
        said.starts_with("\"srv1\" must send a PROXY header to port 5431"),
        "{said}"
    );
}

#[test]
fn ports_and_paths_that_would_break_the_configuration_are_refused() {
    let error = Ports::new(Numbers {
        postgres: 5432,
        ..Numbers::USUAL
    });
    assert_eq!(
        error.unwrap_err().to_string(),
        "--postgres-port and --read-write-port are both 5432, but both are used on each host"
    );
    for wrong in ["", "admin.sock", "/run/a b", "/run/\"", "/run/", "/run/#"] {
        assert!(wrong.parse::<AdminSocket>().is_err(), "{wrong}");
    }
    for wrong in ["", "*:5432", "srv1", "10.0.0.1:1"] {
        assert!(wrong.parse::<Bind>().is_err(), "{wrong}");
    }
}

#[test]
fn checks_of_a_port_with_tls_verify_the_daemon() {
    for with_crt in [false, true] {
        let certificate = with_crt.then(|| "/etc/haproxy/own.pem".parse().unwrap());
        for plan in every() {
            let plan = HaproxyPlan {
                tls: Some(CheckTls {
                    ca_file: "/etc/haproxy/ca.pem".parse().unwrap(),
                    certificate: certificate.clone(),
                }),
                check: HaproxyCheck::Http,
                ..plan
            };
            let text = whole(&plan);
            let mut wanted =
                "check port 8008 check-ssl verify required ca-file /etc/haproxy/ca.pem".to_owned();
            if with_crt {
                wanted += " crt /etc/haproxy/own.pem";
            }
            for name in ["prod", "stdby"] {
                let lines = block(&text, name);
                let checked =
                    |line: &&String| line.starts_with("server ") && line.contains(" check");
                let servers: Vec<_> = lines.iter().filter(checked).collect();
                assert_eq!(servers.len(), 3, "{text}");
                assert!(
                    servers.iter().all(|line| line.contains(&wanted)),
                    "{servers:?}"
                );
                let connects: Vec<_> = lines
                    .iter()
                    .filter(|line| line.starts_with("http-check connect"))
                    .collect();
                assert!(
                    connects
                        .iter()
                        .all(|line| line.contains(" default port 8008")),
                    "{connects:?}"
                );
            }
            // The state port has no TLS.
            assert!(
                !block(&text, "replication")
                    .iter()
                    .any(|line| line.contains("ssl")),
                "{text}"
            );
        }
    }
}
