use super::*;
use crate::tools::lint::FileLine;

fn step(line: &str) -> Step {
    let place = FileLine {
        file: "a".into(),
        line: 1,
    };
    let words = super::super::words::words(line).unwrap();
    Step::read(&Line { place, words })
}

fn expect(line: &str) -> Expect {
    match step(line) {
        Step::Expect(expect) => expect,
        other @ (Step::Connect(_) | Step::Send(_) | Step::Other) => {
            panic!("{line}: {other:?}")
        }
    }
}

#[test]
fn an_expectation_is_read_wherever_its_options_stand() {
    let read =
        expect(r#"tcp-check expect min-recv 3 comment "string x" ! rstring ^a on-error "b c""#);
    assert!(read.negated);
    assert_eq!(read.matching, Matching::Expression);
    assert_eq!(read.pattern, "^a");
    let read = expect(r"tcp-check expect string master\ is\ running");
    assert_eq!(read.pattern, "master is running");
    assert!(read.is_found_anywhere() && !read.negated);
    let read = expect("tcp-check expect !string lagging error-status l7okc");
    assert!(read.negated);
    assert_eq!(read.error_status.as_deref(), Some("L7OKC"));
    let read = expect("tcp-check expect comment error-status ok-status L7OKC string x");
    assert_eq!(read.ok_status.as_deref(), Some("L7OKC"));
    assert_eq!(read.error_status, None);
    assert!(!expect("http-check expect status 200").is_found_anywhere());
    assert!(!expect("tcp-check expect binary 66").is_found_anywhere());
}

#[test]
fn steps_are_told_apart() {
    let connect = |addr: Option<&str>, port| Connect {
        addr: addr.map(str::to_owned),
        port,
        encryption: ConnectEncryption::None,
    };
    for (line, expected) in [
        (
            "tcp-check connect port 5431 send-proxy",
            connect(None, ConnectPort::Written(5431)),
        ),
        ("tcp-check connect", connect(None, ConnectPort::Inherited)),
        (
            "http-check connect addr 10.0.0.9 comment port",
            connect(Some("10.0.0.9"), ConnectPort::Inherited),
        ),
        (
            "tcp-check connect ssl alpn default",
            Connect {
                encryption: ConnectEncryption::Tls,
                ..Connect::default()
            },
        ),
        (
            "tcp-check connect default linger",
            Connect {
                encryption: ConnectEncryption::OfServer,
                ..Connect::default()
            },
        ),
        (
            "tcp-check connect port var(x)",
            connect(None, ConnectPort::Computed),
        ),
    ] {
        assert!(
            matches!(step(line), Step::Connect(read) if read == expected),
            "{line}"
        );
    }
    assert!(matches!(
        step("http-check send meth GET uri /replica"),
        Step::Send(Sent::Request(request)) if request.path() == Some("replica")
    ));
    assert!(matches!(
        step("tcp-check send-binary 00"),
        Step::Send(Sent::Bytes(_))
    ));
    assert!(matches!(step("http-check send-state"), Step::Other));
    assert!(matches!(step("tcp-check comment x"), Step::Other));
    assert!(matches!(step("tcp-check expect"), Step::Other));
    assert!(matches!(step("tcp-check"), Step::Other));
}

#[test]
fn the_kind_is_what_the_option_says() {
    assert_eq!(
        CheckKind::read(&["httpchk", "HEAD", "/x"]),
        Some(CheckKind::Http)
    );
    assert_eq!(
        CheckKind::read(&["pgsql-check", "user", "u"]),
        Some(CheckKind::Postgres("u".into()))
    );
    assert_eq!(CheckKind::read(&["redis-check"]), Some(CheckKind::Foreign));
    assert_eq!(CheckKind::read(&["tcplog"]), None);
}

/// The paths of each connection.
fn asked(lines: &[&str]) -> Vec<Vec<String>> {
    let mut steps = Steps::default();
    for line in lines {
        match line.strip_prefix("option httpchk") {
            Some(rest) => steps.option(&rest.split_whitespace().collect::<Vec<_>>()),
            None => steps.add(step(line)),
        }
    }
    let path = |sent: &&Sent| match sent {
        Sent::Request(request) => request.path().unwrap_or("computed").to_owned(),
        Sent::Text(_) | Sent::Bytes(_) | Sent::Computed => "data".to_owned(),
    };
    let exchanges = steps.exchanges();
    let exchanges = exchanges.iter();
    exchanges
        .map(|exchange| exchange.sent.iter().map(path).collect())
        .collect()
}

#[test]
fn the_request_of_the_option_is_merged_with_the_first_one() {
    let (option, send) = ("option httpchk GET /a", "http-check send uri /b");
    for (lines, expected) in [
        (&[option][..], &[&["a"][..]][..]),
        (&[option, send], &[&["b"]]),
        // Behind it the option's own path prevails.
        (&[send, option], &[&["a"]]),
        (&[send, "option httpchk"], &[&["b"]]),
        (&[option, "http-check send meth HEAD"], &[&["a"]]),
        (
            &[option, "http-check connect", "http-check expect status 200"],
            &[&["a"]],
        ),
        (
            &[
                "option httpchk",
                "http-check connect port 1",
                "http-check send uri /b",
                "http-check expect status 200",
                "http-check connect port 2",
                "http-check send uri /c",
            ],
            &[&["b"], &["c"]],
        ),
    ] {
        assert_eq!(asked(lines), expected, "{lines:?}");
    }
}
