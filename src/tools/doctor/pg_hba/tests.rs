//! Rules that let a server replicate from itself, and rules that do not.

use super::*;

/// Parses lines of a file, with addresses in the form of the view: `10.0.0.0/255.0.0.0`.
fn lines(text: &str) -> Vec<HbaLine> {
    let lines = text.lines().enumerate();
    let parsed = lines.map(|(index, line)| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (address, method) = match fields[3..] {
            [method] => (None, method),
            [address, method] => (Some(address), method),
            _ => panic!("{line}"),
        };
        let net = address.and_then(|address| address.split_once('/'));
        let list = |text: &str| text.split(',').map(str::to_owned).collect();
        HbaLine {
            file: None,
            number: u64::try_from(index + 1).unwrap(),
            rule: Ok(HbaRule {
                kind: fields[0].into(),
                databases: list(fields[1]),
                roles: list(fields[2]),
                address: net
                    .map(|(address, _)| address)
                    .or(address)
                    .map(str::to_owned),
                netmask: net.map(|(_, mask)| mask.parse().unwrap()),
                method: method.into(),
            }),
        }
    });
    parsed.collect()
}

/// The line number, counted from 1, and the way of the connection.
fn found(text: &str) -> Option<(u64, String)> {
    found_in(&lines(text))
}

fn found_in(lines: &[HbaLine]) -> Option<(u64, String)> {
    let facts = HbaFacts {
        lines,
        file: "/x/pg_hba.conf",
        own: &["10.0.0.1".parse().unwrap(), "::1".parse().unwrap()],
        node: Some("srv1"),
        hosts: &[
            ("self".to_owned(), vec!["10.0.0.1".parse().unwrap()]),
            ("other".to_owned(), vec!["10.0.0.2".parse().unwrap()]),
        ]
        .into(),
        psql: "psql",
        members: "",
    };
    let (way, line) = own_replication(&facts)?;
    Some((line.number, way.to_string()))
}

/// The line that is found if the quotes of the file are known.
fn found_with_quotes(text: &str) -> Option<u64> {
    let mut lines = lines(&text.replace('"', ""));
    quotes::mark(&mut lines, text, |_| true);
    found_in(&lines).map(|(number, _)| number)
}

#[test]
fn a_quoted_keyword_is_a_name() {
    for (text, expected) in [
        // tests/fixtures/hba-quoted-keywords.conf
        (
            "local \"replication\" all reject\nlocal replication \"all\" reject\nlocal replication all trust\n\
             local all all peer",
            Some(3),
        ),
        ("local \"replication\" all trust", None),
        ("local all,\"replication\" all trust", None),
        ("local \"all\",replication all trust", Some(1)),
        ("local replication \"all\" trust", Some(1)),
        (
            "local replication all,\"all\" reject\nlocal replication all trust",
            None,
        ),
        (
            "host replication all \"samehost\" trust\nlocal all all trust",
            None,
        ),
        ("host replication all samehost trust", Some(1)),
    ] {
        assert_eq!(found_with_quotes(text), expected, "{text}");
    }
    // A continued line with a comment; and a line whose words differ from the view.
    let mut one = lines("local replication all trust");
    quotes::mark(
        &mut one,
        "local \"replication\" \\\n all trust # all",
        |_| true,
    );
    assert_eq!(found_in(&one), None);
    let mut other = lines("local replication all trust");
    quotes::mark(&mut other, "local \"replication\",x all trust", |_| true);
    assert!(found_in(&other).is_some());
    quotes::mark(&mut other, "local \"replication\" all trust", |_| false);
    assert!(found_in(&other).is_some());
}

#[test]
fn the_generated_rules_permit_no_replication_from_itself() {
    assert_eq!(
        found(
            "local replication all reject\n\
             host replication all 10.0.0.1/255.255.255.255 reject\n\
             host replication all samehost reject\n\
             local replication all trust\n\
             host all,replication all all trust"
        ),
        None
    );
    assert_eq!(found(""), None);
    assert_eq!(found("local all all trust\nhost all all all trust"), None);
}

#[test]
fn the_first_rule_that_lets_it_in_is_found_with_the_way() {
    let socket = || "the Unix socket".to_owned();
    let address = || "10.0.0.1".to_owned();
    for (text, expected) in [
        ("local replication all peer", (1, socket())),
        (
            "local replication all trust\nlocal replication all reject",
            (1, socket()),
        ),
        ("local all,replication repl trust", (1, socket())),
        (
            "host replication all 10.0.0.0/255.255.255.0 md5",
            (1, address()),
        ),
        ("host replication all samenet md5", (1, address())),
        ("host replication all all md5", (1, address())),
        ("host replication all srv1 md5", (1, address())),
        ("host replication all self md5", (1, address())),
        ("host replication all ::/:: md5", (1, "::1".into())),
        // These rejections cover only some connections, or hold only while a name resolves.
        (
            "host replication all srv1 reject\nhost replication all all md5",
            (2, address()),
        ),
        (
            "hostssl replication all all reject\nhost replication all all md5",
            (2, address()),
        ),
        (
            "host replication a all reject\nhost replication a,b all md5",
            (2, address()),
        ),
    ] {
        assert_eq!(found(text), Some(expected), "{text}");
    }
}

#[test]
fn rules_for_other_hosts_are_not_found() {
    for text in [
        "host replication all 10.0.0.2/255.255.255.255 md5",
        "host replication all srv2 md5",
        "host replication all other md5",
        "host replication all .example.org md5",
        "host replication a all reject\nhost replication a all md5",
        "host replication all all reject\nlocal postgres all trust",
    ] {
        assert_eq!(found(text), None, "{text}");
    }
}

#[test]
fn replication_from_itself_and_invalid_lines_are_findings() {
    let mut lines = lines("local replication all trust");
    lines.push(HbaLine {
        file: Some("/x/conf.d/a.conf".into()),
        number: 9,
        rule: Err("invalid".into()),
    });
    let mut report = Report::default();
    let facts = HbaFacts {
        lines: &lines,
        file: "/x/pg_hba.conf",
        own: &[],
        node: Some("srv1"),
        hosts: &BTreeMap::new(),
        psql: "psql -p 1",
        members: " --member srv1=10.0.0.1",
    };
    judge(facts, &mut report);
    let [error, itself] = report.findings() else {
        panic!("{report}");
    };
    assert_eq!(
        (error.id, error.what.as_str()),
        (Id::HbaError, "line 9 of /x/conf.d/a.conf: invalid")
    );
    assert!(error.remedy.starts_with("$EDITOR /x/conf.d/a.conf; "));
    assert_eq!(itself.id, Id::HbaSelf);
    assert_eq!(
        itself.remedy,
        "pgsql-state generate pg-hba --node srv1 --member srv1=10.0.0.1 --install /x/pg_hba.conf; psql -p 1 -c \"SELECT \
         pg_reload_conf()\""
    );
}

#[test]
fn names_and_paths_in_remedies_are_words_for_a_shell() {
    let mut lines = lines("local replication all trust");
    lines.push(HbaLine {
        file: Some("/srv/my $(data)/a.conf".into()),
        number: 9,
        rule: Err("invalid".into()),
    });
    let mut report = Report::default();
    let facts = HbaFacts {
        lines: &lines,
        file: "/srv/my $(data)/pg_hba.conf",
        own: &[],
        node: Some("srv1"),
        hosts: &BTreeMap::new(),
        psql: "psql -p 1",
        members: " --member srv1=10.0.0.1",
    };
    judge(facts, &mut report);
    let remedies: Vec<_> = report.findings().iter().map(|it| &it.remedy).collect();
    let edited = "$EDITOR '/srv/my $(data)/a.conf'; ";
    assert!(remedies[0].starts_with(edited), "{remedies:?}");
    let installed = " --install '/srv/my $(data)/pg_hba.conf'; ";
    assert!(remedies[1].contains(installed), "{remedies:?}");
}

#[test]
fn a_row_of_the_view_is_a_line() {
    let row = r#"{"line_number": 7, "type": "host", "database": ["replication"], "user_name": ["all"],
        "address": "127.0.0.0", "netmask": "255.0.0.0", "auth_method": "reject", "options": null,
        "error": null}"#;
    let read_row = read(row).unwrap();
    assert_eq!(read_row.to_string(), "line 7 of pg_hba.conf");
    let rule = read_row.rule.unwrap();
    assert_eq!(
        (rule.address.as_deref(), rule.method.as_str()),
        (Some("127.0.0.0"), "reject")
    );
    let newer = r#"{"rule_number": null, "file_name": "/x/y", "line_number": 2, "error": "odd"}"#;
    let wrong = read(newer).unwrap();
    assert_eq!(wrong.rule, Err("odd".into()));
    assert_eq!(wrong.to_string(), "line 2 of /x/y");
    let remark = row.replace("\"error\": null", "\"error\": \"without TLS\"");
    assert!(read(&remark).unwrap().rule.is_ok());
    assert_eq!(read("{}"), None);
    assert_eq!(read("?"), None);
}
