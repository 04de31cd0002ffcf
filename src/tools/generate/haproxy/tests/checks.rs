//! What checks send and expect: words, secrets, PROXY headers and TLS.

use super::*;
use crate::admit::{AccessList, Token};

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
        words: RoleWords::new("MASTER", "SLAVE").unwrap(),
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
    let ports = Ports::new(Numbers::DEFAULT).unwrap();
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
