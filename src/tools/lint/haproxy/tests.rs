//! Properties that hold for any text, and the order of findings.

use proptest::prelude::*;

use super::*;
use crate::tools::lint::Rule;

fn read(files: &[(&str, &str)]) -> Result<Configuration, ParseError> {
    let sources: Vec<SourceFile> = files
        .iter()
        .map(|(name, text)| SourceFile {
            name: (*name).to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    Configuration::read(&sources)
}

#[test]
fn findings_come_in_the_order_of_the_files_and_their_lines() {
    let first = "defaults\n timeout client 1m\n timeout check 1s\n";
    let second = "listen pg_rw\n server a h:5432 check\n server b i:5432 check\n";
    let read = read(&[("z.cfg", first), ("a.cfg", second)]).unwrap();
    let found = findings(&read, &Resolved::Unasked, None);
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
            "a.cfg:2 no-shutdown-sessions",
        ]
    );
}

/// Lines that begin a section or decide which lines are read.
const SECTIONS: &[&str] = &[
    "global",
    "defaults",
    "defaults base",
    "listen pg_rw",
    "listen pg from base",
    "frontend pg",
    "backend pg_ro",
    "healthcheck h",
    "userlist u",
    ".if",
    ".if 1",
    ".if x",
    ".elif 1",
    ".else",
    ".endif",
];

/// Words of lines, and characters that split or quote words.
const WORDS: &[&str] = &[
    "#",
    "\"",
    "'",
    "\\",
    "\\x4",
    "\\x41",
    "$",
    "${A-b}",
    "server a h:5432",
    "server-template b 2-1 ::1:5432",
    "check",
    "agent-check",
    "track pg/a",
    "init-state",
    "fully-down",
    "inter 99999999999999999999d",
    "fall 1",
    "port 8008",
    "on-marked-down shutdown-sessions",
    "default-server",
    "option",
    "no",
    "tcp-check",
    "httpchk",
    "GET /replica",
    "http-check",
    "pgsql-check user",
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
    "server",
    "check 1s",
    "tunnel",
    "0",
    "nbsrv(pg_rw)",
    "nbsrv",
    "{",
    "}",
    "if",
    "unless",
    "or",
    "gt 1",
    "2:",
    "18446744073709551615:0",
    "tcp-request connection reject",
    "use_backend pg_ro",
    "default_backend pg_ro",
    "acl x",
    "x",
    "bind :5432,",
    "type",
    "disabled",
    "balance first",
    "healthcheck h",
    "resolvers",
    "\r",
    "日本",
    "\u{feff}",
    "\0",
];

/// Lines of a section.
fn lines() -> impl Strategy<Value = String> {
    let line = prop::collection::vec(prop::sample::select(WORDS), 0..7);
    let line = line.prop_map(|words| format!(" {}\n", words.join(" ")));
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.concat())
}

/// Text that resembles a configuration enough to reach every branch.
fn configuration() -> impl Strategy<Value = String> {
    let section = (prop::sample::select(SECTIONS), lines());
    let section = section.prop_map(|(heading, lines)| format!("{heading}\n{lines}"));
    prop::collection::vec(section, 0..6).prop_map(|sections| sections.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_a_line_that_it_has(text in prop_oneof![configuration(), ".*"]) {
        let lines = text.lines().count();
        match read(&[("x", &text)]) {
            Ok(read) => {
                let lost = Resolved::AllBut(names(&read));
                for finding in findings(&read, &lost, None) {
                    prop_assert!((1..=lines).contains(&finding.place.line), "{finding}");
                    prop_assert!(!finding.sections.is_empty());
                    prop_assert_eq!(finding.to_string().lines().count(), 2, "{}", finding);
                }
            }
            Err(error) => prop_assert!((1..=lines).contains(&error.place.line), "{error}"),
        }
    }

    #[test]
    fn a_section_of_something_else_is_left_alone(lines in lines()) {
        let text = format!("listen web\n mode http\n{lines}");
        if let Ok(read) = read(&[("x", &text)]) {
            // Except if it leads to PostgreSQL, which is a finding.
            let found = findings(&read, &Resolved::Unasked, None);
            prop_assert!(found.iter().all(|finding| finding.rule == Rule::ModeHttp), "{found:?}");
        }
    }
}
