//! Properties of any text whatever, and the order of findings.

use proptest::prelude::*;

use super::*;

fn read(files: &[(&str, &str)]) -> Result<Configuration, ParseError> {
    let sources: Vec<Source> = files
        .iter()
        .map(|(name, text)| Source {
            name: (*name).to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    Configuration::read(&sources)
}

#[test]
fn findings_come_in_the_order_of_the_files_and_their_lines() {
    let first = "defaults\n timeout client 1m\n timeout check 1s\n";
    let second = "listen pg_rw\n server a h:5432 check\n server b h:5432 check\n";
    let read = read(&[("z.cfg", first), ("a.cfg", second)]).unwrap();
    let found = findings(&read, &Resolved::Unasked);
    let places: Vec<String> = found
        .iter()
        .map(|finding| format!("{} {}", finding.place, finding.rule.id()))
        .collect();
    assert_eq!(
        places,
        [
            "z.cfg:2 session-timeout",
            "a.cfg:1 role-blind",
            "a.cfg:1 no-two-primaries-guard",
            "a.cfg:2 up-before-check",
        ]
    );
}

/// Text that looks enough like a configuration to reach every branch.
fn configuration() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "global",
        "defaults",
        "listen pg_rw",
        "frontend pg",
        "backend pg",
        "healthcheck h",
        "from",
        "\n",
        "\r\n",
        " ",
        "\t",
        "#",
        "\"",
        "'",
        "\\",
        "\\x4",
        "\\x41",
        "$",
        "${A-b}",
        "server",
        "server-template",
        " a h:5432 ",
        " b ::1:5432 ",
        " 2-1 ",
        "check",
        "agent-check",
        "track pg/a",
        "init-state",
        "fully-down",
        "inter 99999999999999999999d",
        "fall 1",
        "port 8008",
        "on-marked-down",
        "shutdown-sessions",
        "default-server",
        "option",
        "tcp-check",
        "httpchk",
        "http-check",
        "pgsql-check",
        "expect",
        "rstring",
        "string",
        "!",
        "^(a|b",
        "[",
        "]|",
        ")",
        "(?i)",
        "connect port 5431",
        "send",
        "timeout",
        "client",
        "tunnel",
        "1s",
        "0",
        "nbsrv(pg)",
        "{",
        "}",
        "if",
        "unless",
        "gt 1",
        "2:",
        "18446744073709551615:0",
        "tcp-request connection reject",
        "use_backend pg",
        "default_backend",
        "acl x",
        ".if",
        ".elif 1",
        ".else",
        ".endif",
        "bind :5432,",
        "type",
        "日本",
        "\u{feff}",
        "\0",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_a_line_that_it_has(text in prop_oneof![configuration(), ".*"]) {
        let lines = text.lines().count();
        match read(&[("x", &text)]) {
            Ok(read) => {
                let lost = Resolved::AllBut(names(&read));
                for finding in findings(&read, &lost) {
                    prop_assert!((1..=lines).contains(&finding.place.line), "{finding}");
                    prop_assert!(!finding.sections.is_empty());
                    prop_assert_eq!(finding.to_string().lines().count(), 2, "{}", finding);
                }
            }
            Err(error) => prop_assert!((1..=lines).contains(&error.place.line), "{error}"),
        }
    }

    #[test]
    fn a_section_of_something_else_is_left_alone(lines in configuration()) {
        let text = format!("listen web\n mode http\n{}", lines.replace(['\n', '\r'], " "));
        if let Ok(read) = read(&[("x", &text)]) {
            prop_assert_eq!(findings(&read, &Resolved::Unasked), vec![]);
        }
    }
}
